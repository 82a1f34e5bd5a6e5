-- What the database itself says about tables.
--
-- $1 text[]  schemas, as in the catalogue
-- $2 text[]  tables, the same
-- Returns a row for each, in the order given: its comment, NULL when there is none or no such table.
SELECT obj_description(c.oid, 'pg_class')
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (schema_name, table_name, place)
  LEFT JOIN pg_namespace AS n ON n.nspname = t.schema_name
  LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.table_name
 ORDER BY t.place;
