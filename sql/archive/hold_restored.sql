-- Holds a subject that was put back: its window is over, tonight it would go again.
--
-- $1 text         policy
-- $2 text[]       subject key, one element a column
-- $3 text         why it was restored
-- $4 date         day of the review
-- $5 timestamptz  now
-- $6 text         system user
-- Returns: one row, id bigint.  SQLSTATE WB001 when the subject is not there.
SELECT waarborg.hold_add($1::text, $2::text[], 'other', 'restored: ' || $3::text, $4::date,
                         $5::timestamptz, session_user || ' (system user ' || $6::text || ')');
