-- The reason of what follows in this transaction, for the audit log.
--
-- $1 text  reason, "" for none
-- Returns: one row: the reason, and the transaction, which can be asked for when the answer to COMMIT is
-- lost (settle_commit.sql).
SELECT set_config('waarborg.reason', $1::text, true), pg_current_xact_id()::text;
