-- The active holds on one subject, as it stands in its table and in the archive.
--
-- $1 text    schema of the subject table
-- $2 text    subject table
-- $3 text[]  subject key, NULL when the subject is not there
-- $4 text    reference, 64 hexadecimal digits
-- Returns any number of rows: id, on the archive (boolean), kind, reason, placed_at (ISO 8601 text with
-- its offset), placed_by, review_on.
SELECT h.id, h.reference IS NOT NULL, h.kind, h.reason,
       to_char(h.placed_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'), h.placed_by, h.review_on
  FROM waarborg.hold AS h
 WHERE h.released_at IS NULL
   AND ((h.subject_table = format('%I.%I', $1::text, $2::text) AND h.subject_key = $3::text[])
        OR h.reference = decode($4::text, 'hex'))
 ORDER BY h.id;
