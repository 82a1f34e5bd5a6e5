-- The breaches that affect one subject.
--
-- $1 text    schema of the subject table
-- $2 text    subject table
-- $3 text[]  subject key, NULL when the subject is not there
-- $4 text    reference, 64 hexadecimal digits
-- Returns any number of rows: reference of the breach; state (to_tell, told, returned, exempt, disposed);
-- keeps the subject until it is told (boolean); told at, returned at (ISO 8601 text with their offset);
-- channel; why it need not be told; the breach is closed (boolean).
SELECT b.reference, f.state,
       EXISTS (SELECT 1 FROM waarborg.standing_hold AS s
                WHERE s.breach = b.reference AND s.subject_table = f.subject_table
                  AND s.subject_key = f.subject_key),
       to_char(f.told_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'),
       to_char(f.returned_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'),
       f.channel, f.exempt_because, b.closed_at IS NOT NULL
  FROM waarborg.affected AS f
  JOIN waarborg.breach AS b ON b.id = f.breach_id
 WHERE (f.subject_table = format('%I.%I', $1::text, $2::text) AND f.subject_key = $3::text[])
    OR f.reference = decode($4::text, 'hex')
 ORDER BY b.id, f.id;
