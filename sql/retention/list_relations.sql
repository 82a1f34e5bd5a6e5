-- Which tables are there, and which of them are pieces of another?
--
-- No parameters.
-- Returns any number of rows: oid, schema, name, relkind (r table, p partitioned, f foreign, m
-- materialised view, v view), root oid (the top of the partition tree, itself for others),
-- parents oid[] (INHERITS, not partitioning).
--
-- The whole catalogue in one pass, outside our own and the system's schemas: the graph is walked in
-- the program, and a policy may name any of these.
SELECT c.oid,
       n.nspname,
       c.relname,
       c.relkind,
       CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::oid ELSE c.oid END AS root,
       CASE WHEN c.relispartition THEN '{}'::oid[]
            ELSE ARRAY(SELECT i.inhparent FROM pg_inherits AS i WHERE i.inhrelid = c.oid
                        ORDER BY i.inhseqno) END AS parents
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'f', 'm', 'v')
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'waarborg')
   AND n.nspname NOT LIKE 'pg\_toast%'
   AND n.nspname NOT LIKE 'pg\_temp\_%'
 ORDER BY n.nspname, c.relname;
