-- Closes a breach.
--
-- $1 text  reference
-- $2 text  why it may be closed
-- Returns nothing.
SELECT waarborg.breach_close($1::text, $2::text);
