-- Do the nights run?
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns one row.  last_as_of: of the policy whose last run is longest ago; failed: runs of the period that
-- ended neither done nor with something to attend to.
WITH unused AS (SELECT $5::text, $6::interval),
     latest AS (
    SELECT DISTINCT ON (r.policy) r.policy, r.id, r.as_of, r.started_at, r.outcome
      FROM waarborg.run AS r
     WHERE r.started_at < $4::timestamptz + interval '1 second' AND r.as_of <= $3::date
     ORDER BY r.policy, r.id DESC),
     oldest AS (SELECT * FROM latest ORDER BY as_of, id LIMIT 1)
SELECT (SELECT o.as_of FROM oldest AS o) AS last_as_of,
       (SELECT o.started_at FROM oldest AS o) AS last_started_at,
       (SELECT coalesce(o.outcome, 'unfinished') FROM oldest AS o) AS last_outcome,
       (SELECT $3::date - o.as_of FROM oldest AS o) AS last_days,
       count(*) AS runs,
       count(*) FILTER (WHERE r.outcome IS NULL OR r.outcome IN ('failed', 'stopped')) AS failed,
       coalesce(sum(r.disposed), 0)::bigint AS disposed,
       coalesce(sum(r.rows), 0)::bigint AS rows
  FROM waarborg.run AS r
 WHERE r.started_at >= $1::date::timestamptz
   AND r.started_at < least($4::timestamptz + interval '1 second', ($2::date + 1)::timestamptz);
