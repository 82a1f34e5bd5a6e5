-- Do the nights run?
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns one row.  last_*: the last run of the policy that stands worst: one whose last run did not end
-- well, else the one whose last run is longest ago; another policy that ran well must not hide it.
-- missed: days of the period, after that of the first run of all and before the as-of day, by which no run
-- judged.
-- failed: runs of the period that ended neither done nor with something to attend to, or had not ended.
WITH unused AS (SELECT $5::text, $6::interval),
     known AS (
    SELECT r.policy, r.id, r.as_of, r.started_at, r.disposed, r.rows,
           CASE WHEN r.finished_at < $4::timestamptz + interval '1 second'
                THEN coalesce(r.outcome, 'unfinished') ELSE 'unfinished' END AS outcome
      FROM waarborg.run AS r
     WHERE r.started_at < $4::timestamptz + interval '1 second'),
     latest AS (
    SELECT DISTINCT ON (k.policy) k.*
      FROM known AS k
     WHERE k.as_of <= $3::date
     ORDER BY k.policy, k.id DESC),
     worst AS (SELECT l.* FROM latest AS l ORDER BY l.outcome IN ('done', 'attention'), l.as_of, l.id LIMIT 1)
SELECT (SELECT w.as_of FROM worst AS w) AS last_as_of,
       (SELECT w.started_at FROM worst AS w) AS last_started_at,
       (SELECT w.outcome FROM worst AS w) AS last_outcome,
       (SELECT $3::date - w.as_of FROM worst AS w) AS last_days,
       count(*) AS runs,
       count(*) FILTER (WHERE k.outcome NOT IN ('done', 'attention')) AS failed,
       (SELECT count(*)
          FROM generate_series((SELECT greatest($1::date, min(x.started_at)::date + 1) FROM known AS x HAVING count(*) > 0)::timestamp,
                               least($2::date, $3::date - 1)::timestamp, interval '1 day') AS night
         WHERE NOT EXISTS (SELECT FROM known AS x WHERE x.as_of = night::date)) AS missed,
       coalesce(sum(k.disposed), 0)::bigint AS disposed,
       coalesce(sum(k.rows), 0)::bigint AS rows
  FROM known AS k
 WHERE k.started_at >= $1::date::timestamptz AND k.started_at < ($2::date + 1)::timestamptz;
