-- Numbers of runs and holds go on behind those that the ledger was told again, and behind every hold
-- of the journal: a hold that gets a new number must not get one that the journal knows as another.
--
-- $1 bigint  the highest number of a hold in the journal, 0 when there is none
-- Returns: one row, of no meaning.
SELECT setval(pg_get_serial_sequence('waarborg.run', 'id'),
              greatest((SELECT max(id) FROM waarborg.run),
                       nextval(pg_get_serial_sequence('waarborg.run', 'id')))),
       setval(pg_get_serial_sequence('waarborg.hold', 'id'),
              greatest((SELECT max(id) FROM waarborg.hold), $1::bigint,
                       nextval(pg_get_serial_sequence('waarborg.hold', 'id'))));
