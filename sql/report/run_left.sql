-- Whom one run left, and why.
--
-- $5 number of the run (text); the others are not used.
-- Returns any number of rows; a single one with state 'not_recorded' when the run is older than this
-- record, was cut off, or is known from the journal alone: nothing would read as nobody.
WITH unused AS (SELECT $1::text, $2::text, $3::date, $4::timestamptz, $6::interval)
SELECT coalesce(l.state, 'not_recorded') AS state, l.rule, l.reason, l.subjects, l.oldest_due_on,
       r.as_of - l.oldest_due_on AS oldest_days
  FROM waarborg.run AS r
  LEFT JOIN waarborg.run_left AS l ON l.run_id = r.id
 WHERE r.id = $5::bigint
   AND (l.run_id IS NOT NULL OR r.work_ms IS NULL)
 ORDER BY array_position(ARRAY['blocked', 'due', 'held', 'uncovered'], l.state), l.rule, l.reason;
