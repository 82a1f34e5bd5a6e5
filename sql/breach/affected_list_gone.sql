-- Who was disposed of since a breach began, affected or not.
--
-- $1 text  reference of the breach
-- Returns a row for each customer: policy, reference (64 hexadecimal digits), last disposed of at
-- (seconds UTC), affected (boolean).
SELECT d.policy, encode(d.reference, 'hex'), extract(epoch FROM max(s.created_at))::bigint,
       EXISTS (SELECT 1 FROM waarborg.affected AS f WHERE f.breach_id = b.id AND f.reference = d.reference)
  FROM waarborg.breach AS b
  JOIN waarborg.segment AS s ON s.created_at >= coalesce(b.occurred_from, b.aware_at)
  JOIN waarborg.disposal AS d ON d.segment_id = s.id
 WHERE b.reference = $1::text
 GROUP BY b.id, d.policy, d.reference
 ORDER BY max(s.chain_no), d.reference;
