-- Was this subject looked for after the database was restored to an earlier point?
--
-- $1 text  reference, 64 hexadecimal digits
-- Returns: at most one row: wanted, noted_at, outcome, settled_at (instants as ISO 8601 text with
-- their offset; outcome and settled_at are NULL while it is still looked for).
SELECT r.wanted, to_char(r.noted_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'), r.outcome,
       to_char(r.settled_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')
  FROM waarborg.returned AS r
 WHERE r.reference = decode($1::text, 'hex');
