-- Which subject that could not go before is tried again next?  One at a time: most will fail again,
-- and must not pull others down with them.
--
-- $1 text  policy
-- $2 int   at most this many (1)
-- $3 int   the present pass
-- Returns at most one row: ordinal, subject_key text[], rule, due_on.
SELECT w.ordinal, w.subject_key, w.rule, w.due_on
  FROM waarborg.worklist AS w
 WHERE w.policy = $1::text
   AND w.state = 'blocked'
   AND w.last_pass < $3::int
 ORDER BY w.ordinal
 LIMIT $2::int
   FOR UPDATE SKIP LOCKED;
