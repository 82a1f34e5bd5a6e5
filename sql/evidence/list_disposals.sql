-- Every disposal of one subject, oldest first.
--
-- $1 text  reference, 64 hexadecimal digits
-- Returns any number of rows: segment id, policy, rule, due_on, run id, the run's as_of (date), file,
-- disposed_at, the local date of that, manifest_sha256, destroyed_at, the segment's chain_no (all
-- but the first four are NULL when the ledger has lost the segment), an active hold on this subject
-- or another one keeps the segment (boolean).  Instants as ISO 8601 text with
-- their offset.
SELECT d.segment_id, d.policy, d.rule, d.due_on, s.run_id, r.as_of, s.file,
       to_char(s.created_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'), s.created_at::date,
       s.manifest_sha256, to_char(s.destroyed_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'), s.chain_no,
       EXISTS (SELECT 1
                 FROM waarborg.disposal AS o
                 JOIN waarborg.hold AS h ON h.reference = o.reference
                WHERE o.segment_id = d.segment_id AND h.released_at IS NULL)
  FROM waarborg.disposal AS d
  LEFT JOIN waarborg.segment AS s ON s.id = d.segment_id
  LEFT JOIN waarborg.run AS r ON r.id = s.run_id
 WHERE d.reference = decode($1::text, 'hex')
 ORDER BY s.chain_no NULLS LAST, d.segment_id;
