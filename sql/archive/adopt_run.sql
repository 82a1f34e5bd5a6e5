-- Tells the ledger again of a run that it forgot, under the run's own number.
--
-- $1 bigint       number of the run
-- $2 text         policy
-- $3 date         the day it judged by
-- $4 timestamptz  when it began
-- $5 text         fingerprint of policy and schema
-- $6 text         program and version, '-' when nothing tells
-- $7 text         outcome, NULL when no line tells (the run was cut off)
-- $8 .. $11       bigint: subjects disposed of, set aside, held; rows
-- Returns: nothing.  A run that began before the backup is there still.
INSERT INTO waarborg.run (id, policy, as_of, started_at, finished_at, outcome, fingerprint,
                          program_version, due, held, uncovered, disposed, blocked, rows)
OVERRIDING SYSTEM VALUE
VALUES ($1::bigint, $2::text, $3::date, $4::timestamptz,
        CASE WHEN $7::text IS NOT NULL THEN $4::timestamptz END, $7::text, $5::text,
        regexp_replace($6::text, '^waarborg ', ''), $8::bigint, $10::bigint, NULL, $8::bigint,
        $9::bigint, $11::bigint)
    ON CONFLICT (id) DO NOTHING;
