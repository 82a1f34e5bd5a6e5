-- The segments whose file has not been destroyed, oldest first.
--
-- Returns any number of rows: id, policy, file, chain_no, subjects, sha256, the local date on which
-- it was created (of the session's time zone, which is the configuration's), bytes.
SELECT s.id, s.policy, s.file, s.chain_no, s.subjects, s.sha256, s.created_at::date,
       s.bytes
  FROM waarborg.segment AS s
 WHERE s.destroyed_at IS NULL
 ORDER BY s.created_at, s.chain_no;
