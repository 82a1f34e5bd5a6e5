-- The text form that the server gives the key of a subject that is no longer there.
--
-- $1 text    policy, registered (hold/register_policy.sql)
-- $2 text[]  subject key, one element a column
-- Returns: one row, text[]; NULL when no row of the table could ever have this key.
SELECT waarborg.subject_key_text($1::text, $2::text[]);
