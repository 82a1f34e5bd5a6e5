-- Where does the schema waarborg stand, and what may we do about it?
--
-- No parameters.
-- Returns: one row: schema exists, table waarborg.migration exists, we may create a schema, we may
-- create tables in it, we may read the table (booleans); database and user (text, quoted names).
--
-- From the catalogue and not by to_regclass: that fails where USAGE on the schema is missing.
SELECT s.oid IS NOT NULL,
       t.oid IS NOT NULL,
       has_database_privilege(current_database(), 'CREATE'),
       coalesce(has_schema_privilege(s.oid, 'USAGE') AND has_schema_privilege(s.oid, 'CREATE'),
                false),
       coalesce(has_schema_privilege(s.oid, 'USAGE') AND has_table_privilege(t.oid, 'SELECT'),
                false),
       quote_ident(current_database()),
       quote_ident(current_user)
  FROM (VALUES (1)) AS one
  LEFT JOIN pg_namespace AS s ON s.nspname = 'waarborg'
  LEFT JOIN pg_class AS t ON t.relnamespace = s.oid AND t.relname = 'migration';
