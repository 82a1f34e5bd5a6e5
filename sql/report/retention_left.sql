-- What the last run of each policy in the period left, as it was recorded then.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns any number of rows; state 'nobody' when that run left nobody, 'not_recorded' when it is
-- older than this record, was cut off, or is known from the journal alone.
WITH unused AS (SELECT $3::date, $5::text, $6::interval),
last AS (
    SELECT DISTINCT ON (r.policy) r.*
      FROM waarborg.run AS r
     WHERE r.started_at >= $1::date::timestamptz
       AND r.started_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second')
     ORDER BY r.policy, r.id DESC)
SELECT r.policy, r.id AS run, r.as_of,
       coalesce(l.state, CASE WHEN r.work_ms IS NULL THEN 'not_recorded' ELSE 'nobody' END) AS state,
       l.rule, l.reason,
       CASE WHEN r.work_ms IS NOT NULL THEN coalesce(l.subjects, 0) END AS subjects,
       l.oldest_due_on,
       r.as_of - l.oldest_due_on AS oldest_days
  FROM last AS r
  LEFT JOIN waarborg.run_left AS l ON l.run_id = r.id
 ORDER BY r.policy, array_position(ARRAY['blocked', 'due', 'held', 'uncovered'], l.state), l.rule, l.reason;
