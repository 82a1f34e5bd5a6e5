-- Places a hold; waits while the subject is being disposed of.
--
-- $1 text         policy, registered (hold/register_policy.sql)
-- $2 text[]       subject key, one element a column
-- $3 text         kind
-- $4 text         reason
-- $5 date         day of the review, or NULL
-- $6 timestamptz  now
-- $7 text         system user
-- Returns: one row, id bigint.  SQLSTATE WB001 when the subject is not there.
SELECT waarborg.hold_add($1::text, $2::text[], $3::text, $4::text, $5::date, $6::timestamptz,
                         session_user || ' (system user ' || $7::text || ')');
