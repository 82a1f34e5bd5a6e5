-- Which of these customers are affected by a breach, and were disposed of since?
--
-- $1 text    reference of the breach
-- $2 text[]  references of customers, 64 hexadecimal digits each
-- Returns: one row: 0, because nothing is added; those that are, in the same form (text[]).
SELECT 0, ARRAY(SELECT DISTINCT encode(f.reference, 'hex')
                  FROM waarborg.affected AS f
                  JOIN waarborg.breach AS b ON b.id = f.breach_id
                 WHERE b.reference = $1::text
                   AND f.reference = ANY (ARRAY(SELECT decode(r, 'hex') FROM unnest($2::text[]) AS r)));
