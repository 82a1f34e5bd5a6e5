-- These letters are handed over, and their customers told.
--
-- $1 bigint[]  letters
-- $2 text      mail or file
-- Returns: one row, bigint: customers who are told by that.
SELECT waarborg.letters_done($1::bigint[], $2::text);
