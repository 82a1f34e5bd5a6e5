-- The ledger's view of the archive, in the order of the chain.
--
-- $1 text  segment id, NULL for all
-- Returns: id, file, created_at (UTC), policy, chain_no, subjects, rows, bytes, sha256,
-- manifest_sha256, previous_sha256, destroyed (boolean), restored subjects, members (tables),
-- rows of the members, disposal records, destroyed_at (UTC, NULL while it is there).
--
-- The disposal records are counted in one pass: they have no index by segment, and one pass for each
-- segment took seven seconds for a thousand of them.
SELECT s.id, s.file,
       to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       s.policy, s.chain_no, s.subjects, s.rows, s.bytes, s.sha256, s.manifest_sha256,
       s.previous_sha256, s.destroyed_at IS NOT NULL, coalesce(d.restored, 0), t.members,
       t.rows, coalesce(d.records, 0),
       to_char(s.destroyed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM waarborg.segment AS s
 CROSS JOIN LATERAL (SELECT count(*) AS members, coalesce(sum(m.rows), 0) AS rows
                       FROM waarborg.segment_table AS m
                      WHERE m.segment_id = s.id) AS t
  LEFT JOIN (SELECT r.segment_id, count(*) AS records, count(r.restored_at) AS restored
               FROM waarborg.disposal AS r
              WHERE $1::text IS NULL OR r.segment_id = $1::text
              GROUP BY r.segment_id) AS d ON d.segment_id = s.id
 WHERE $1::text IS NULL OR s.id = $1::text
 ORDER BY s.chain_no;
