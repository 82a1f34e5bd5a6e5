-- Customers were told in another way than by a letter of ours.
--
-- $1 text         reference of the breach
-- $2 text         policy, registered
-- $3 text[]       keys, each the text of an array; NULL = everybody who still has to be told
-- $4 timestamptz  when; NULL = now
-- $5 text         how
-- Returns: one row: told now; before, or given twice; those of $3 who are not affected (text[]); the text
-- form of these, '' for what can be nobody's key (text[]).
SELECT a.settled, a.already, a.missing, a.missing_canonical
  FROM waarborg.affected_told($1::text, $2::text, $3::text[], $4::timestamptz, $5::text) AS a;
