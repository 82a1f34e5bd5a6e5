-- Adds an entry to the timeline.
--
-- $1 text         reference
-- $2 timestamptz  when it happened
-- $3 text         what
-- Returns: one row: its number.
SELECT waarborg.breach_timeline_add($1::text, $2::timestamptz, $3::text);
