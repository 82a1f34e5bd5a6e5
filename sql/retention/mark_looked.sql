-- Everybody of this policy was looked for.
--
-- $1 text         policy
-- $2 timestamptz  now
-- Returns: nothing.
UPDATE waarborg.returned AS r
   SET looked_at = $2::timestamptz
 WHERE r.policy = $1::text
   AND r.settled_at IS NULL;
