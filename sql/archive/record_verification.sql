-- Records that the whole of the own archive was verified.
--
-- $1 text         archive or evidence
-- $2 timestamptz  now
-- $3 text         system user
-- $4 text         program version
-- $5 .. $9        bigint: segments, destroyed ones among them, opened ones, bytes, faults
-- Returns: nothing.
INSERT INTO waarborg.verification (kind, verified_at, verified_by, os_user, program_version, segments,
                                   destroyed, opened, bytes, faults)
VALUES ($1::text, $2::timestamptz, session_user, $3::text, $4::text, $5::bigint, $6::bigint,
        $7::bigint, $8::bigint, $9::bigint);
