-- Handing these letters over did not begin after all.
--
-- $1 bigint[]  letters
-- Returns: one row, nothing in it.
SELECT waarborg.letters_not_started($1::bigint[]);
