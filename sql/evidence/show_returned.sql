-- Was this subject looked for after the database was restored to an earlier point?
--
-- $1 text  reference, 64 hexadecimal digits
-- Returns: at most one row: wanted, noted_at, outcome, settled_at, looked_at (instants as ISO 8601
-- text with their offset; looked_at is NULL while nobody has looked, outcome and settled_at are NULL
-- also while it is there and cannot go).
SELECT r.wanted, to_char(r.noted_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'), r.outcome,
       to_char(r.settled_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'),
       to_char(r.looked_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')
  FROM waarborg.returned AS r
 WHERE r.reference = decode($1::text, 'hex');
