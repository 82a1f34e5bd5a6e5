-- Which foreign keys outside the graph refer to tables whose rows go?
--
-- $1 oid[]  tables whose rows go
-- $2 oid[]  all tables of the graph
-- $3 oid[]  tables under `outside`, partitions among them
-- Returns any number of rows: constraint, child table (for people), parent table (for people),
-- delete action, child oid, columns text[].
SELECT con.conname,
       format('%I.%I', cn.nspname, c.relname),
       format('%I.%I', pn.nspname, p.relname),
       con.confdeltype,
       c.oid,
       ARRAY(SELECT a.attname::text
               FROM unnest(con.conkey) WITH ORDINALITY AS k (num, n)
               JOIN pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = k.num
              ORDER BY k.n)
  FROM pg_constraint AS con
  JOIN pg_class AS c ON c.oid = con.conrelid
  JOIN pg_namespace AS cn ON cn.oid = c.relnamespace
  JOIN pg_class AS p ON p.oid = con.confrelid
  JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
 WHERE con.contype = 'f'
   AND con.conparentid = 0
   AND CASE WHEN p.relispartition THEN pg_partition_root(p.oid)::oid ELSE p.oid END = ANY ($1::oid[])
   AND (c.oid = ANY ($3::oid[])
        OR NOT CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::oid ELSE c.oid END = ANY ($2::oid[]))
 ORDER BY 2, 1;
