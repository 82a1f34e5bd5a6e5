-- What was disposed of in the period, in figures.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns one row.  A subject that was put back and disposed of again counts each time.
WITH unused AS (SELECT $3::date, $5::text, $6::interval),
gone AS (
    SELECT s.*
      FROM waarborg.segment AS s
     WHERE s.created_at >= $1::date::timestamptz
       AND s.created_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second')),
back AS (
    SELECT count(*) AS subjects
      FROM waarborg.disposal AS d
     WHERE d.restored_at < $4::timestamptz + interval '1 second'
       AND d.segment_id IN (SELECT g.id FROM gone AS g))
SELECT coalesce(sum(g.subjects), 0)::bigint AS subjects,
       coalesce(sum(g.rows), 0)::bigint AS rows,
       coalesce(sum(g.bytes), 0)::bigint AS bytes,
       count(g.id) AS segments,
       (SELECT count(*)
          FROM waarborg.run AS r
         WHERE r.started_at >= $1::date::timestamptz
           AND r.started_at < least(($2::date + 1)::timestamptz,
                                    $4::timestamptz + interval '1 second')) AS runs,
       (SELECT b.subjects FROM back AS b) AS restored
  FROM gone AS g;
