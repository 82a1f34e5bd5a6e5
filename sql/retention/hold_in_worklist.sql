-- A hold was found under the lock: the subject is held from now on.
--
-- $1 text         policy
-- $2 bigint[]     ordinals
-- $3 text[]       the reason of each ('hold <id>', 'breach <reference>')
-- $4 timestamptz  the run's clock
UPDATE waarborg.worklist AS w
   SET state = 'held', reason = h.reason, since = $4::timestamptz, last_tried = $4::timestamptz,
       ordinal = NULL
  FROM unnest($2::bigint[], $3::text[]) AS h (ordinal, reason)
 WHERE w.policy = $1::text
   AND w.state IN ('due', 'blocked')
   AND w.ordinal = h.ordinal;
