-- Which triggers stand on these tables and their partitions?
--
-- $1 oid[]  tables
-- Returns any number of rows, by table and name: table oid, the trigger as its definition says
-- (one line), '' or 'disabled', may keep a row from being deleted (BEFORE DELETE FOR EACH ROW).
--
-- Part of the fingerprint: a trigger can keep a copy of what is deleted.
SELECT root.oid,
       pg_get_triggerdef(t.oid) AS definition,
       CASE WHEN t.tgenabled = 'D' THEN 'disabled' ELSE '' END AS state,
       t.tgtype::int & 11 = 11 AND t.tgenabled <> 'D' AS may_keep
  FROM unnest($1::oid[]) AS root (oid)
 CROSS JOIN LATERAL (SELECT p.relid::oid AS oid FROM pg_partition_tree(root.oid::regclass) AS p
                      UNION
                     SELECT root.oid) AS piece
  JOIN pg_trigger AS t ON t.tgrelid = piece.oid AND NOT t.tgisinternal AND t.tgparentid = 0
 ORDER BY 1, 2;
