-- The ledger's view of the archive, in the order of the chain.
--
-- $1 text  segment id, NULL for all
-- Returns: id, file, created_at (UTC), policy, chain_no, subjects, rows, bytes, sha256,
-- manifest_sha256, previous_sha256, destroyed (boolean), restored subjects, members (tables),
-- rows of the members, disposal records.
SELECT s.id, s.file,
       to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       s.policy, s.chain_no, s.subjects, s.rows, s.bytes, s.sha256, s.manifest_sha256,
       s.previous_sha256, s.destroyed_at IS NOT NULL, d.restored, t.members, t.rows, d.records
  FROM waarborg.segment AS s
 CROSS JOIN LATERAL (SELECT count(*) AS members, coalesce(sum(m.rows), 0) AS rows
                       FROM waarborg.segment_table AS m
                      WHERE m.segment_id = s.id) AS t
 CROSS JOIN LATERAL (SELECT count(*) AS records, count(r.restored_at) AS restored
                       FROM waarborg.disposal AS r
                      WHERE r.segment_id = s.id) AS d
 WHERE $1::text IS NULL OR s.id = $1::text
 ORDER BY s.chain_no;
