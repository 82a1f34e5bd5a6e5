-- Registers the policy of a segment that the ledger is told again; what is registered stays.
--
-- $1 text    name
-- $2 text    schema of the subject table, as in the catalogue
-- $3 text    subject table, the same
-- $4 text[]  columns of the subject key
-- Returns: nothing.
--
-- A select and not ON CONFLICT: that asks for the right to insert where there is nothing to do.
SELECT waarborg.policy_register($1::text, $2::text, $3::text, $4::text[])
 WHERE NOT EXISTS (SELECT 1 FROM waarborg.policy AS p WHERE p.name = $1::text);
