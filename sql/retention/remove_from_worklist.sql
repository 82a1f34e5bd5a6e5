-- These subjects are gone, or no longer due: nothing may keep their keys.
--
-- $1 text      policy
-- $2 bigint[]  ordinals
DELETE FROM waarborg.worklist AS w
 WHERE w.policy = $1::text
   AND w.ordinal = ANY ($2::bigint[])
   AND w.state IN ('due', 'blocked');
