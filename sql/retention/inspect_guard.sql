-- May we see every row of this table?
--
-- $1 text  "schema"."table", quoted as in our statements
-- Returns at most one row: seen boolean.
SELECT has_schema_privilege(n.oid, 'USAGE')
       AND has_table_privilege(c.oid, 'SELECT')
       AND NOT row_security_active(c.oid) AS seen
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE format('"%s"."%s"', replace(n.nspname, '"', '""'), replace(c.relname, '"', '""')) = $1::text
   AND c.relkind IN ('r', 'p', 'f');
