-- Numbers of runs and holds go on behind those that the ledger was told again.
--
-- Returns: one row, of no meaning.
SELECT setval(pg_get_serial_sequence('waarborg.run', 'id'),
              greatest((SELECT max(id) FROM waarborg.run),
                       nextval(pg_get_serial_sequence('waarborg.run', 'id')))),
       setval(pg_get_serial_sequence('waarborg.hold', 'id'),
              greatest((SELECT max(id) FROM waarborg.hold),
                       nextval(pg_get_serial_sequence('waarborg.hold', 'id'))));
