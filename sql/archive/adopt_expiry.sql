-- Tells the ledger again that the file of a segment was destroyed.
--
-- $1 text         segment
-- $2 timestamptz  when
-- Returns: nothing.
UPDATE waarborg.segment AS s
   SET destroyed_at = $2::timestamptz
 WHERE s.id = $1::text
   AND s.destroyed_at IS NULL;
