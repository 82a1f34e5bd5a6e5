-- From COMMIT on the file of this segment may go.
--
-- $1 text         segment id, locked (archive/lock_segment.sql)
-- $2 timestamptz  now
-- Returns: nothing.
UPDATE waarborg.segment AS s
   SET destroyed_at = $2::timestamptz
 WHERE s.id = $1::text;
