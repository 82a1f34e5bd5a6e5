-- Places a hold on the archive of a subject that was disposed of; waits while one of its segments is
-- being destroyed.
--
-- $1 text         policy, registered (hold/register_policy.sql)
-- $2 text         reference of the subject, 64 hexadecimal digits
-- $3 text         kind
-- $4 text         reason
-- $5 date         day of the review, or NULL
-- $6 timestamptz  now
-- $7 text         system user
-- Returns: one row: id bigint, segments it keeps text[].  SQLSTATE WB005 when no segment has the
-- subject, WB006 when all that had it are destroyed.
SELECT h.hold_id, h.segments
  FROM waarborg.archive_hold_add($1::text, decode($2::text, 'hex'), $3::text, $4::text, $5::date,
                                 $6::timestamptz,
                                 session_user || ' (system user ' || $7::text || ')') AS h;
