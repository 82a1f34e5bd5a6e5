-- Handing these letters over begins.
--
-- $1 bigint[]  letters
-- $2 text      mail or file
-- $3 boolean   also those that were begun by the other channel
-- Returns: one row a letter that may go, bigint.
SELECT unnest(waarborg.letters_start($1::bigint[], $2::text, $3::boolean));
