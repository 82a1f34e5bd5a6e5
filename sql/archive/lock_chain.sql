-- Takes the end of the chain of manifests; held until COMMIT, so that the chain cannot fork.
--
-- Returns one row: head_no, manifest_sha256.
SELECT c.head_no, c.manifest_sha256
  FROM waarborg.chain AS c
   FOR UPDATE;
