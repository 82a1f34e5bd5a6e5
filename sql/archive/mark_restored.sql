-- Notes in the disposal records that subjects are back.
--
-- $1 text         segment id
-- $2 text         reference, 64 hexadecimal digits, or NULL for every subject of the segment
-- $3 timestamptz  now
-- Returns: nothing; touches one row a subject that was not restored before.
UPDATE waarborg.disposal AS d
   SET restored_at = $3::timestamptz
 WHERE d.segment_id = $1::text
   AND ($2::text IS NULL OR d.reference = decode($2::text, 'hex'))
   AND d.restored_at IS NULL;
