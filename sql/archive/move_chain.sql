-- The chain now ends at this manifest.
--
-- $1 bigint  its number
-- $2 text    its SHA-256
UPDATE waarborg.chain SET head_no = $1::bigint, manifest_sha256 = $2::text;
