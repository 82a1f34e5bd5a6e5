-- Did a transaction commit whose answer was lost?
--
-- $1 xid8  the transaction (pg_current_xact_id)
-- Returns: one row: committed, aborted, in progress; NULL when it is too long ago to tell.
SELECT pg_xact_status($1::xid8);
