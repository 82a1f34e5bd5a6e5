-- Which due subjects are next?
--
-- $1 text  policy
-- $2 int   at most this many
-- $3 int   the present pass: subjects tried in it are left alone
-- Returns any number of rows: ordinal, subject_key text[], rule, due_on.
--
-- SKIP LOCKED keeps two workers from meeting; the rows stay locked until the batch ends.
SELECT w.ordinal, w.subject_key, w.rule, w.due_on
  FROM waarborg.worklist AS w
 WHERE w.policy = $1::text
   AND w.state = 'due'
   AND w.last_pass < $3::int
 ORDER BY w.ordinal
 LIMIT $2::int
   FOR UPDATE SKIP LOCKED;
