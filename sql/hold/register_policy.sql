-- Registers what the subject of a policy is, so that a hold can lock it before it is placed.
--
-- $1 text    name of the policy
-- $2 text    schema of the subject table, as in the catalogue
-- $3 text    subject table, the same
-- $4 text[]  columns of the subject key, in the order of the policy
-- Returns: nothing.
--
-- Writes only what differs: every run and every hold may call it.
INSERT INTO waarborg.policy AS p (name, subject_schema, subject_table, key_columns)
VALUES ($1::text, $2::text, $3::text, $4::text[])
    ON CONFLICT (name) DO UPDATE
   SET subject_schema = EXCLUDED.subject_schema,
       subject_table = EXCLUDED.subject_table,
       key_columns = EXCLUDED.key_columns
 WHERE (p.subject_schema, p.subject_table, p.key_columns)
       IS DISTINCT FROM (EXCLUDED.subject_schema, EXCLUDED.subject_table, EXCLUDED.key_columns);
