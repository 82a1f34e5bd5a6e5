-- The runs that began in the period.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns any number of rows.  outcome 'unfinished': cut off, or at work at that instant.  seconds:
-- scan and work; NULL where it was not recorded.
WITH unused AS (SELECT $3::date, $5::text, $6::interval),
known AS (
    SELECT r.*, coalesce(r.finished_at < $4::timestamptz + interval '1 second', false) AS finished
      FROM waarborg.run AS r
     WHERE r.started_at >= $1::date::timestamptz
       AND r.started_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second'))
SELECT r.id AS run, r.policy, r.as_of, r.started_at,
       CASE WHEN r.finished THEN r.outcome ELSE 'unfinished' END AS outcome,
       CASE WHEN r.finished THEN (r.scan_ms + r.work_ms) / 1000.0 END AS seconds,
       r.due, r.disposed, r.blocked, r.held, r.uncovered, r.rows
  FROM known AS r
 ORDER BY r.id;
