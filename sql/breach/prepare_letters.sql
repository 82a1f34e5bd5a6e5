-- A letter for everybody who still has to be told and has none waiting.
--
-- $1 text  reference of the breach
-- Returns: one row, bigint: how many were made.
SELECT waarborg.letters_prepare($1::text);
