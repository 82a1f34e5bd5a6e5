-- Registers the policy of a segment that the ledger is told again; what is registered stays.
--
-- $1 text    name
-- $2 text    schema of the subject table, as in the catalogue
-- $3 text    subject table, the same
-- $4 text[]  columns of the subject key
-- Returns: nothing.
INSERT INTO waarborg.policy (name, subject_schema, subject_table, key_columns)
VALUES ($1::text, $2::text, $3::text, $4::text[])
    ON CONFLICT (name) DO NOTHING;
