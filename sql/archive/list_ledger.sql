-- The ledger's segments, in the order of the chain.
--
-- Returns any number of rows: id, run_id, policy, chain_no, file, subjects, rows, sha256,
-- manifest_sha256, destroyed_at (seconds UTC, bigint; NULL while the file stands), created_at (the
-- same), bytes.
SELECT s.id, s.run_id, s.policy, s.chain_no, s.file, s.subjects, s.rows, s.sha256, s.manifest_sha256,
       extract(epoch FROM s.destroyed_at)::bigint, extract(epoch FROM s.created_at)::bigint, s.bytes
  FROM waarborg.segment AS s
 ORDER BY s.chain_no;
