-- Closes a run.
--
-- $1 run, $2 finished (timestamptz), $3 outcome, $4 subjects disposed of, $5 set aside, $6 rows,
-- $7 bytes of segment files
UPDATE waarborg.run
   SET finished_at = $2::timestamptz, outcome = $3::text, disposed = $4::bigint,
       blocked = $5::bigint, rows = $6::bigint, bytes = $7::bigint
 WHERE id = $1::bigint;
