-- Opens a run.
--
-- $1 policy, $2 as-of date, $3 now (timestamptz), $4 fingerprint, $5 program version, $6 due,
-- $7 held, $8 uncovered, $9 subjects the scan looked at, $10 how long it took, in milliseconds
-- Returns one row: its number.
INSERT INTO waarborg.run (policy, as_of, started_at, fingerprint, program_version, due, held, uncovered,
                          subjects, scan_ms)
VALUES ($1::text, $2::date, $3::timestamptz, $4::text, $5::text, $6::bigint, $7::bigint, $8::bigint,
        $9::bigint, $10::bigint)
RETURNING id;
