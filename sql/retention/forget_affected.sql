-- Subjects are disposed of: where the breach register names them by key, the reference stays.
--
-- $1 text    schema of the subject table
-- $2 text    subject table
-- $3 text[]  subject keys, each the text of an array
-- $4 text[]  their references in the same order, 64 hexadecimal digits each
-- Returns: one row, how many affected customers they were (bigint).
SELECT waarborg.affected_forget(format('%I.%I', $1::text, $2::text), $3::text[],
                                ARRAY(SELECT decode(r.hex, 'hex')
                                        FROM unnest($4::text[]) WITH ORDINALITY AS r (hex, n)
                                       ORDER BY r.n));
