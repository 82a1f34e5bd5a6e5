-- Records a migration, in the transaction that applied it.
--
-- $1 integer      number
-- $2 text         name, "001_ledger"
-- $3 text         SHA-256 of its text as embedded in the program, hexadecimal
-- $4 timestamptz  now
-- $5 text         version of the program
-- Returns: nothing.
INSERT INTO waarborg.migration (number, name, sha256, applied_at, program_version)
VALUES ($1::integer, $2::text, $3::text, $4::timestamptz, $5::text);
