-- The runs the ledger knows.
--
-- Returns any number of rows, ordered by number: id, started_at (seconds UTC, bigint).
SELECT r.id, extract(epoch FROM r.started_at)::bigint
  FROM waarborg.run AS r
 ORDER BY r.id;
