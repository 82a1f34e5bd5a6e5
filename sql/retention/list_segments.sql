-- The ledger's segments, in the order of the chain.
--
-- Returns any number of rows: id, run_id, policy, chain_no, file, subjects, rows, sha256,
-- manifest_sha256, destroyed boolean, created_at in seconds (bigint).
SELECT s.id, s.run_id, s.policy, s.chain_no, s.file, s.subjects, s.rows, s.sha256, s.manifest_sha256,
       s.destroyed_at IS NOT NULL, extract(epoch FROM s.created_at)::bigint
  FROM waarborg.segment AS s
 ORDER BY s.chain_no;
