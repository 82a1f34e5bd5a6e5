-- How many customers of a breach still have to be told.
--
-- $1 text  reference of the breach
-- Returns: one row, bigint.
SELECT coalesce(sum(c.n), 0)::bigint
  FROM waarborg.affected_count AS c
  JOIN waarborg.breach AS b ON b.id = c.breach_id
 WHERE b.reference = $1::text AND c.state IN ('to_tell', 'returned');
