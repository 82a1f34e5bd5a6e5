-- What was disposed of, month by month.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns a row for each month of the period, also for one in which nothing happened: a bar that is
-- left out would look like a month that is not there.
WITH unused AS (SELECT $3::date, $5::text, $6::interval),
month AS (
    SELECT m::date AS first
      FROM generate_series(date_trunc('month', $1::date::timestamp), $2::date::timestamp,
                           interval '1 month') AS m),
taken AS (
    SELECT t.segment_id, sum(t.rows) AS rows
      FROM waarborg.segment_table AS t
     WHERE t.kind = 'rows'
     GROUP BY 1),
gone AS (
    SELECT date_trunc('month', s.created_at::timestamp)::date AS month, sum(s.subjects)::bigint AS subjects,
           sum(t.rows)::bigint AS rows, sum(s.bytes)::bigint AS bytes, count(*) AS segments
      FROM waarborg.segment AS s
      LEFT JOIN taken AS t ON t.segment_id = s.id
     WHERE s.created_at >= $1::date::timestamptz
       AND s.created_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second')
     GROUP BY 1),
run AS (
    SELECT date_trunc('month', r.started_at::timestamp)::date AS month, count(*) AS runs
      FROM waarborg.run AS r
     WHERE r.started_at >= $1::date::timestamptz
       AND r.started_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second')
     GROUP BY 1)
SELECT to_char(m.first, 'YYYY-MM') AS month,
       coalesce(g.subjects, 0) AS subjects,
       coalesce(g.rows, 0) AS rows,
       coalesce(g.bytes, 0) AS bytes,
       coalesce(g.segments, 0) AS segments,
       coalesce(r.runs, 0) AS runs
  FROM month AS m
  LEFT JOIN gone AS g ON g.month = m.first
  LEFT JOIN run AS r ON r.month = m.first
 ORDER BY m.first;
