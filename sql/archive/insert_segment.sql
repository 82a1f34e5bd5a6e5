-- Records a segment.
--
-- $1 id, $2 run, $3 policy, $4 number in the chain, $5 file (path without endings), $6 created
-- (timestamptz), $7 subjects, $8 rows, $9 bytes, $10 SHA-256 of the file, $11 SHA-256 of the
-- manifest, $12 SHA-256 of the manifest before it
INSERT INTO waarborg.segment (id, run_id, policy, chain_no, file, created_at, subjects, rows, bytes,
                              sha256, manifest_sha256, previous_sha256)
VALUES ($1::text, $2::bigint, $3::text, $4::bigint, $5::text, $6::timestamptz, $7::bigint,
        $8::bigint, $9::bigint, $10::text, $11::text, $12::text);
