-- How many rows has this session deleted from each table, as far as statistics were not sent yet?
--
-- Returns any number of rows: table (oid, the root of a partition tree), schema, name, rows deleted
-- (bigint).  The counts of earlier transactions may still be among them: take the difference.
SELECT t.oid, n.nspname, t.relname, sum(d.deleted)::bigint
  FROM (SELECT coalesce(pg_partition_root(c.oid)::oid, c.oid) AS root,
               pg_stat_get_xact_tuples_deleted(c.oid) AS deleted
          FROM pg_class AS c
         WHERE c.relkind = 'r'
           AND c.relpersistence <> 't') AS d
  JOIN pg_class AS t ON t.oid = d.root
  JOIN pg_namespace AS n ON n.oid = t.relnamespace
 WHERE d.deleted > 0
   AND n.nspname NOT IN ('pg_catalog', 'waarborg')
 GROUP BY t.oid, n.nspname, t.relname;
