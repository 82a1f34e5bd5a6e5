-- A claimed reminder that need not be sent any more.
--
-- $1 bigint  its number, locked by take_reminder.sql
-- $2 text    why, as show_reminder.sql gave it
SELECT waarborg.reminder_drop($1::bigint, $2::text);
