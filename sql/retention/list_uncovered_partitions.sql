-- Which partitions does a key that stands on some of them leave out?
--
-- $1 oid    root of the partition tree
-- $2 oid[]  leaves the key covers
-- Returns any number of rows: schema, name.
SELECT n.nspname, c.relname
  FROM pg_partition_tree($1::oid::regclass) AS p
  JOIN pg_class AS c ON c.oid = p.relid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE p.isleaf
   AND NOT c.oid = ANY ($2::oid[])
 ORDER BY 1, 2;
