-- Locks a claimed reminder until the end of the transaction.
--
-- $1 bigint  its number
-- Returns: one row, boolean: false when it was sent meanwhile, or somebody else is at it.
SELECT waarborg.reminder_take($1::bigint);
