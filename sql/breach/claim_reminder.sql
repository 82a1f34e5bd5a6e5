-- Claims a step of a clock before it is sent, and the earlier ones that it covers.
--
-- $1 bigint       number of the breach
-- $2 text         clock
-- $3 timestamptz  its limit, as list_remindable.sql gave it
-- $4 text         step
-- $5 text[]       the steps before it that were never claimed
-- Returns: one row, its number; NULL when somebody else was first.
SELECT waarborg.reminder_claim($1::bigint, $2::text, $3::timestamptz, $4::text, $5::text[]);
