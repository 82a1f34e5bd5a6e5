-- Is the subject table of a policy there, with the columns of its key?
--
-- $1 text    schema, as in the catalogue
-- $2 text    table, the same
-- $3 text[]  columns of the subject key
-- Returns: one row: the table exists (boolean); the missing columns (text, NULL when none is); the
-- types of the key's columns (text, for people).
SELECT t.oid IS NOT NULL,
       string_agg(quote_ident(k.name), ', ' ORDER BY k.n) FILTER (WHERE a.attname IS NULL),
       string_agg(format_type(a.atttypid, a.atttypmod), ', ' ORDER BY k.n)
  FROM unnest($3::text[]) WITH ORDINALITY AS k (name, n)
  LEFT JOIN (pg_class AS t JOIN pg_namespace AS s ON s.oid = t.relnamespace)
         ON s.nspname = $1::text AND t.relname = $2::text AND t.relkind IN ('r', 'p')
  LEFT JOIN pg_attribute AS a
         ON a.attrelid = t.oid AND a.attname = k.name AND a.attnum > 0 AND NOT a.attisdropped
 GROUP BY t.oid;
