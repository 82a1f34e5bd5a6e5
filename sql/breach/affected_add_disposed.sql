-- Adds customers who were disposed of, by reference, to be counted.
--
-- $1 text    reference of the breach
-- $2 text    policy, registered
-- $3 text[]  references of customers, 64 hexadecimal digits each
-- Returns: one row: added; those of $3 of whom there is a disposal record (text[]).
SELECT a.added, ARRAY(SELECT encode(k, 'hex') FROM unnest(a.known) AS k)
  FROM waarborg.affected_add_disposed($1::text, $2::text,
                                      ARRAY(SELECT decode(r, 'hex') FROM unnest($3::text[]) AS r)) AS a;
