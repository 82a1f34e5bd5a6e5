-- Registers what the subject of a policy is, so that a hold can lock it before it is placed.
--
-- $1 text    name of the policy
-- $2 text    schema of the subject table, as in the catalogue
-- $3 text    subject table, the same
-- $4 text[]  columns of the subject key, in the order of the policy
-- Returns: nothing.
--
-- Writes only what differs: every run and every hold may call it, also who may not write.
SELECT waarborg.policy_register($1::text, $2::text, $3::text, $4::text[]);
