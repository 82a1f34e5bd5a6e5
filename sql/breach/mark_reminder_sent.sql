-- The mail system has the mail.
--
-- $1 bigint  number of the reminder, locked by take_reminder.sql
SELECT waarborg.reminder_sent($1::bigint);
