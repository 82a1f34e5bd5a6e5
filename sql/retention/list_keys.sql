-- Which foreign keys are there?
--
-- No parameters.
-- Returns any number of rows: constraint name, child oid (the relation it stands on), parent oid,
-- child columns text[], parent columns text[], operators text[] ("=" or OPERATOR(schema.=)),
-- delete action, deferrable, enforced (valid, and its triggers fire), leaf partitions oid[] it
-- covers (of the child; none when that is no partition), comparable.
--
-- Not comparable: the key asks something else than child = parent does when it is written down.  A
-- key of text to character(n) ignores trailing spaces; one between different collations, one of
-- which is nondeterministic, takes the parent's.
--
-- conparentid = 0 leaves out the copies PostgreSQL keeps on the partitions of either side.  The
-- operator is the key's own: a type such as citext has an equality that search_path would miss.
SELECT con.conname,
       con.conrelid,
       con.confrelid,
       ARRAY(SELECT a.attname::text
               FROM unnest(con.conkey) WITH ORDINALITY AS k (num, n)
               JOIN pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = k.num
              ORDER BY k.n) AS columns,
       ARRAY(SELECT a.attname::text
               FROM unnest(con.confkey) WITH ORDINALITY AS k (num, n)
               JOIN pg_attribute AS a ON a.attrelid = con.confrelid AND a.attnum = k.num
              ORDER BY k.n) AS referenced,
       ARRAY(SELECT CASE WHEN n.nspname = 'pg_catalog' THEN o.oprname::text
                         ELSE format('OPERATOR(%I.%s)', n.nspname, o.oprname) END
               FROM unnest(con.conpfeqop) WITH ORDINALITY AS k (op, n_)
               JOIN pg_operator AS o ON o.oid = k.op
               JOIN pg_namespace AS n ON n.oid = o.oprnamespace
              ORDER BY k.n_) AS operators,
       con.confdeltype,
       con.condeferrable,
       con.convalidated
         AND NOT EXISTS (SELECT 1 FROM pg_trigger AS t
                          WHERE (t.tgconstraint = con.oid OR t.tgconstraint IN (
                                     SELECT piece.oid FROM pg_constraint AS piece
                                      WHERE piece.conname = con.conname AND piece.contype = 'f'
                                        AND piece.conparentid <> 0))
                            AND t.tgenabled NOT IN ('O', 'A')) AS enforced,
       CASE WHEN c.relispartition
            THEN ARRAY(SELECT p.relid::oid FROM pg_partition_tree(con.conrelid) AS p WHERE p.isleaf
                        ORDER BY 1)
            ELSE '{}'::oid[] END AS leaves,
       NOT EXISTS (
           SELECT 1
             FROM unnest(con.conkey, con.confkey, con.conpfeqop) AS k (child, parent, op)
             JOIN pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = k.child
             JOIN pg_attribute AS p ON p.attrelid = con.confrelid AND p.attnum = k.parent
             JOIN pg_type AS y ON y.oid = a.atttypid
             JOIN pg_operator AS o ON o.oid = k.op
            WHERE (o.oprright = 'bpchar'::regtype
                   AND CASE y.typtype WHEN 'd' THEN y.typbasetype ELSE y.oid END <> 'bpchar'::regtype)
               OR (a.attcollation <> p.attcollation
                   AND EXISTS (SELECT 1 FROM pg_collation AS l
                                WHERE l.oid IN (a.attcollation, p.attcollation)
                                  AND NOT l.collisdeterministic))) AS comparable
  FROM pg_constraint AS con
  JOIN pg_class AS c ON c.oid = con.conrelid
  JOIN pg_namespace AS ns ON ns.oid = con.connamespace
 WHERE con.contype = 'f'
   AND con.conparentid = 0
   AND ns.nspname <> 'waarborg'
 ORDER BY ns.nspname, c.relname, con.conname;
