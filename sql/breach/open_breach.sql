-- Registers a breach.
--
-- $1 jsonb    its fields, instants as ISO 8601
-- $2 text[]   the regimes beside the GDPR whose clocks run ("nis2", "dora")
-- $3 integer  the organisation's own target for telling customers, in hours
-- $4 integer  the same for the rest of an incomplete notification
-- Returns: one row: its reference, and the transaction, which can be asked for when the answer to
-- COMMIT is lost (settle_commit.sql).
SELECT waarborg.breach_open($1::jsonb, $2::text[], $3::integer, $4::integer),
       pg_current_xact_id()::text;
