-- Has anything about these tables changed?
--
-- $1 oid[]  tables of the graph
-- Returns one row: a digest (md5, no protection, only a comparison) over their columns, their
-- constraints, the foreign keys that refer to them from anywhere, their triggers and rules,
-- partitions included.
--
-- Asked before the first batch and again in each, when its statements hold the tables' locks: from
-- then on nobody can change them until COMMIT.
WITH piece AS (
    SELECT DISTINCT tree.oid
      FROM unnest($1::oid[]) AS root (oid)
     CROSS JOIN LATERAL (SELECT root.oid
                          UNION
                         SELECT p.relid::oid FROM pg_partition_tree(root.oid::regclass) AS p) AS tree
), fact AS (
    SELECT concat_ws(' ', 'a', a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
                     a.attgenerated, a.attisdropped) AS line
      FROM pg_attribute AS a
     WHERE a.attnum > 0 AND a.attrelid IN (SELECT oid FROM piece)
     UNION ALL
    SELECT concat_ws(' ', 'c', c.oid, c.conrelid, c.confrelid, c.contype, c.conkey, c.confkey,
                     c.confdeltype, c.condeferrable, c.convalidated)
      FROM pg_constraint AS c
     WHERE c.conrelid IN (SELECT oid FROM piece) OR c.confrelid IN (SELECT oid FROM piece)
     UNION ALL
    SELECT concat_ws(' ', 't', t.oid, t.tgrelid, t.tgfoid, t.tgenabled, t.tgtype)
      FROM pg_trigger AS t
     WHERE t.tgrelid IN (SELECT oid FROM piece)
     UNION ALL
    SELECT concat_ws(' ', 'r', r.oid, r.ev_class, r.ev_type, r.ev_enabled)
      FROM pg_rewrite AS r
     WHERE r.ev_class IN (SELECT oid FROM piece)
     UNION ALL
    SELECT concat_ws(' ', 'i', i.inhrelid, i.inhparent)
      FROM pg_inherits AS i
     WHERE i.inhparent IN (SELECT oid FROM piece)
     UNION ALL
    SELECT concat_ws(' ', 's', c.oid, c.relrowsecurity, c.relkind)
      FROM pg_class AS c
     WHERE c.oid IN (SELECT oid FROM piece)
)
SELECT md5(string_agg(f.line, E'\n' ORDER BY f.line)) FROM fact AS f;
