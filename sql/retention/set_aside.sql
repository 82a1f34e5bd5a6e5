-- Sets subjects aside, with the reason.
--
-- $1 text         policy
-- $2 bigint[]     ordinals
-- $3 text         reason: a short code, no row values
-- $4 timestamptz  the run's clock
-- $5 int          the present pass
UPDATE waarborg.worklist AS w
   SET state = 'blocked',
       reason = $3::text,
       since = CASE WHEN w.state = 'blocked' THEN w.since ELSE $4::timestamptz END,
       last_tried = $4::timestamptz,
       last_pass = $5::int
 WHERE w.policy = $1::text
   AND w.state IN ('due', 'blocked')
   AND w.ordinal = ANY ($2::bigint[]);
