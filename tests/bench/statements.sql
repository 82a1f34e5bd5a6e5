-- Writes the statements of a variant to stdout, for psql: everything that is due, 5,000 customers a
-- transaction, 500 a statement, children first, keys as sorted literal arrays.
--
--   psql -At -v form=delete|copy_delete|select_delete -f tests/bench/statements.sql
--
-- delete         bare DELETE: the floor
-- copy_delete    COPY (DELETE ... RETURNING *) TO STDOUT: what waarborg runs
-- select_delete  COPY (SELECT * ...) TO STDOUT, then DELETE: two passes, and not the same rows by
--                construction
WITH due AS (
    SELECT id, (row_number() OVER (ORDER BY id) - 1) / 500 AS chunk
      FROM bench.customer
     WHERE id % 10 = 0
), chunks AS (
    SELECT chunk / 10 AS batch, chunk,
           quote_literal('{' || string_agg(id::text, ',' ORDER BY id) || '}') || '::bigint[]' AS keys
      FROM due
     GROUP BY chunk
), tables (place, name, condition) AS (
    VALUES (1, 'bench.payment', 'agreement_id IN (SELECT id FROM bench.agreement WHERE customer_id = ANY (%s))'),
           (2, 'bench.agreement', 'customer_id = ANY (%s)'),
           (3, 'bench.complaint', 'customer_id = ANY (%s)'),
           (4, 'bench.contact', 'customer_id = ANY (%s)'),
           (5, 'bench.web_visit', 'customer_id = ANY (%s)'),
           (6, 'bench.customer', 'id = ANY (%s)')
), statements AS (
    SELECT batch, place, chunk, name, format(condition, keys) AS condition FROM chunks, tables
)
SELECT line
  FROM (SELECT batch, 0 AS place, 0 AS chunk, 'BEGIN;' AS line FROM chunks GROUP BY batch
         UNION ALL
        SELECT batch, place, chunk,
               CASE :'form'
                   WHEN 'delete' THEN format('DELETE FROM %s WHERE %s;', name, condition)
                   WHEN 'copy_delete' THEN
                       format('COPY (DELETE FROM %s WHERE %s RETURNING *) TO STDOUT;', name, condition)
                   WHEN 'select_delete' THEN
                       format(E'COPY (SELECT * FROM %1$s WHERE %2$s) TO STDOUT;\nDELETE FROM %1$s WHERE %2$s;',
                              name, condition)
               END
          FROM statements
         UNION ALL
        SELECT batch, 9, 0, 'COMMIT;' FROM chunks GROUP BY batch) AS script
 ORDER BY batch, place, chunk;
