-- Locks a segment that is about to be destroyed.
--
-- $1 text  segment id
-- Returns one row: its file was destroyed already (boolean).
--
-- Holds on archived subjects lock the same row FOR SHARE (waarborg.archive_hold_add): either they
-- are seen by the statement that comes after this one, or they wait and find the segment destroyed.
SELECT s.destroyed_at IS NOT NULL
  FROM waarborg.segment AS s
 WHERE s.id = $1::text
   FOR UPDATE;
