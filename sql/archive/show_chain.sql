-- The end of the chain of manifests.
--
-- Returns: one row: head_no, manifest_sha256.
SELECT c.head_no, c.manifest_sha256
  FROM waarborg.chain AS c;
