-- Did the transaction that wrote this segment commit?
--
-- $1 text  segment
-- Returns one row: committed boolean.
SELECT EXISTS (SELECT 1 FROM waarborg.segment AS s WHERE s.id = $1::text) AS committed;
