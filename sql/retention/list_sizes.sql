-- How large are these tables?
--
-- $1 oid[]  tables (roots of partition trees count all their partitions)
-- Returns one row a table: oid, estimated rows (bigint), bytes on disk without indexes (bigint).
--
-- reltuples is -1 on a table that was never analysed; then its pages are taken as half full of
-- rows of 60 bytes, which errs on the side of "large".
SELECT t.oid,
       sum(CASE WHEN c.reltuples >= 0 AND NOT (c.reltuples = 0 AND c.relpages = 0)
                THEN c.reltuples
                ELSE pg_relation_size(c.oid) / 60.0 END)::bigint AS row_estimate,
       sum(pg_table_size(c.oid))::bigint AS bytes
  FROM unnest($1::oid[]) AS t (oid)
 CROSS JOIN LATERAL (SELECT p.relid FROM pg_partition_tree(t.oid::regclass) AS p WHERE p.isleaf
                      UNION
                     SELECT t.oid::regclass) AS piece
  JOIN pg_class AS c ON c.oid = piece.relid AND c.relkind IN ('r', 'p', 'f', 'm')
 WHERE c.relkind <> 'p'
 GROUP BY t.oid;
