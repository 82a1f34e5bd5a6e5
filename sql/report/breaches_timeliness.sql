-- How the AP was notified of the breaches that were registered in each month; of a period of more than two
-- years in each quarter, of more than ten years in each year.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns a row for each, also without a breach, from the first breach of the register on; none when
-- none was registered in the period.
WITH unused AS (SELECT $3::date, $5::text, $6::interval),
clocks AS MATERIALIZED (
    SELECT c.breach_id, c.state FROM waarborg.breach_clock_at($4::timestamptz) AS c WHERE c.clock = 'ap'),
counted AS (
    SELECT b.registered_at::timestamp AS at, c.state
      FROM waarborg.breach AS b
      LEFT JOIN clocks AS c ON c.breach_id = b.id
     WHERE b.registered_at < $4::timestamptz + interval '1 second'
       AND b.registered_at >= $1::date::timestamptz AND b.registered_at < ($2::date + 1)::timestamptz),
span AS (
    SELECT greatest($1::date::timestamp, (SELECT min(b.registered_at) FROM waarborg.breach AS b)::timestamp)
               AS first_day, $2::date::timestamp AS last_day
     WHERE EXISTS (SELECT 1 FROM counted)),
grain AS (
    SELECT s.*, CASE WHEN s.last_day < s.first_day + interval '2 years' THEN 'month'
                     WHEN s.last_day < s.first_day + interval '10 years' THEN 'quarter'
                     ELSE 'year' END AS unit
      FROM span AS s),
part AS (
    SELECT g.unit, p.begins, p.begins + u.step AS ends
      FROM grain AS g
     CROSS JOIN LATERAL (SELECT CASE g.unit WHEN 'month' THEN interval '1 month'
                                            WHEN 'quarter' THEN interval '3 months'
                                            ELSE interval '1 year' END AS step) AS u
     CROSS JOIN LATERAL generate_series(date_trunc(g.unit, g.first_day), g.last_day, u.step) AS p (begins))
SELECT to_char(p.begins, CASE p.unit WHEN 'month' THEN 'YYYY-MM' WHEN 'quarter' THEN 'YYYY-"Q"Q'
                                     ELSE 'YYYY' END) AS month,
       count(c.at) AS registered,
       count(*) FILTER (WHERE c.state = 'met') AS in_time,
       count(*) FILTER (WHERE c.state = 'met_late') AS late,
       count(*) FILTER (WHERE c.state = 'overdue') AS missed,
       count(*) FILTER (WHERE c.state IN ('running', 'near')) AS running,
       count(*) FILTER (WHERE c.state = 'not_needed') AS not_needed,
       count(c.at) FILTER (WHERE coalesce(c.state IN ('no_limit', 'not_started'), true)) AS no_limit
  FROM part AS p
  LEFT JOIN counted AS c ON c.at >= p.begins AND c.at < p.ends
 GROUP BY p.unit, p.begins
 ORDER BY p.begins;
