-- When was the last segment with this subject destroyed?
--
-- $1 text  reference, 64 hexadecimal digits
-- Returns: one row: text, ISO 8601 with its offset, NULL when there is none.
SELECT to_char(max(s.destroyed_at), 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')
  FROM waarborg.disposal AS d
  JOIN waarborg.segment AS s ON s.id = d.segment_id
 WHERE d.reference = decode($1::text, 'hex');
