-- Opens a closed breach again.
--
-- $1 text  reference
-- $2 text  reason
-- Returns: one row, nothing in it.
SELECT waarborg.breach_reopen($1::text, $2::text);
