-- Is the subject of a policy registered as the configuration has it now?
--
-- $1 text    name of the policy
-- $2 text    schema of the subject table
-- $3 text    subject table
-- $4 text[]  columns of the subject key
-- Returns: one row, boolean.
SELECT EXISTS (SELECT 1
                 FROM waarborg.policy AS p
                WHERE p.name = $1::text
                  AND p.subject_schema = $2::text
                  AND p.subject_table = $3::text
                  AND p.key_columns = $4::text[]);
