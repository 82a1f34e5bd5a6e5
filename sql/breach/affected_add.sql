-- Adds customers who are in the database to those whom a breach affects.
--
-- $1 text    reference of the breach
-- $2 text    policy, registered (hold/register_policy.sql)
-- $3 text[]  keys, each the text of an array
-- Returns: one row: added; there already, or given twice; those of $3 that no customer has (text[]); the
-- text form of these, '' for what can be nobody's key (text[]).
SELECT a.added, a.already, a.missing, a.missing_canonical
  FROM waarborg.affected_add($1::text, $2::text, $3::text[]) AS a;
