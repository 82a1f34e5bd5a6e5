-- Records one notification of one or more breaches.
--
-- $1 text[]  references
-- $2 jsonb   the notification (waarborg.breach_notify)
-- Returns: one row, the number of the notification (bigint).
SELECT waarborg.breach_notify($1::text[], $2::jsonb);
