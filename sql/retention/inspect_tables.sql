-- What could stop or falsify a delete on these tables?
--
-- $1 oid[]  tables
-- Returns one row a table: oid, row security applies to us, names of rules ON DELETE and ON UPDATE
-- (text, NULL = none), may select, may delete, may update, schema usage, names of our users' own
-- triggers that fire on DELETE (text, NULL = none), statements that drop the rules ON DELETE and
-- ON UPDATE (text, NULL = none), partitions that are foreign tables (text, NULL = none).  A trigger may
-- stand on a partition only.
SELECT c.oid,
       row_security_active(c.oid),
       (SELECT string_agg(r.rulename, ', ' ORDER BY r.rulename) FROM pg_rewrite AS r
         WHERE r.ev_class = c.oid AND r.ev_type = '4' AND r.ev_enabled <> 'D') AS delete_rules,
       (SELECT string_agg(r.rulename, ', ' ORDER BY r.rulename) FROM pg_rewrite AS r
         WHERE r.ev_class = c.oid AND r.ev_type = '2' AND r.ev_enabled <> 'D') AS update_rules,
       has_table_privilege(c.oid, 'SELECT'),
       has_table_privilege(c.oid, 'DELETE'),
       has_table_privilege(c.oid, 'UPDATE') OR has_any_column_privilege(c.oid, 'UPDATE'),
       has_schema_privilege(c.relnamespace, 'USAGE'),
       (SELECT string_agg(DISTINCT t.tgname::text, ', ') FROM pg_trigger AS t
         WHERE (t.tgrelid = c.oid OR t.tgrelid IN (SELECT p.relid FROM pg_partition_tree(c.oid) AS p))
           AND NOT t.tgisinternal AND t.tgenabled <> 'D'
           AND t.tgtype::int & 8 = 8) AS delete_triggers,
       (SELECT string_agg(format('DROP RULE %I ON %s;', r.rulename, c.oid::regclass), ' ')
          FROM pg_rewrite AS r
         WHERE r.ev_class = c.oid AND r.ev_type = '4' AND r.ev_enabled <> 'D') AS drop_delete_rules,
       (SELECT string_agg(format('DROP RULE %I ON %s;', r.rulename, c.oid::regclass), ' ')
          FROM pg_rewrite AS r
         WHERE r.ev_class = c.oid AND r.ev_type = '2' AND r.ev_enabled <> 'D') AS drop_update_rules,
       (SELECT string_agg(p.relid::text, ', ') FROM pg_partition_tree(c.oid) AS p
          JOIN pg_class AS piece ON piece.oid = p.relid AND piece.relkind = 'f') AS foreign_pieces
  FROM pg_class AS c
 WHERE c.oid = ANY ($1::oid[]);
