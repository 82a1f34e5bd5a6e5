-- Busy subjects wait for the next pass.
--
-- $1 text         policy
-- $2 bigint[]     ordinals
-- $3 timestamptz  the run's clock
-- $4 int          the present pass
UPDATE waarborg.worklist AS w
   SET last_pass = $4::int,
       last_tried = $3::timestamptz,
       reason = CASE WHEN w.state = 'due' THEN 'busy' ELSE w.reason END
 WHERE w.policy = $1::text
   AND w.state IN ('due', 'blocked')
   AND w.ordinal = ANY ($2::bigint[]);
