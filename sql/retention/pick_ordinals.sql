-- The part of a batch that is tried again after the whole of it failed.
--
-- $1 text      policy
-- $2 bigint[]  ordinals
-- Returns any number of rows: ordinal, subject_key text[], rule, due_on.
SELECT w.ordinal, w.subject_key, w.rule, w.due_on
  FROM waarborg.worklist AS w
 WHERE w.policy = $1::text
   AND w.state IN ('due', 'blocked')
   AND w.ordinal = ANY ($2::bigint[])
 ORDER BY w.ordinal
   FOR UPDATE SKIP LOCKED;
