-- Can rows of an archived table go back into this one?
--
-- $1 text    schema, as in the catalogue
-- $2 text    table, the same
-- $3 text[]  columns of the archived rows
-- Returns: one row: the table is there (boolean); columns that are gone (text, NULL when none is);
-- columns that are computed by the server now (the same).
SELECT t.oid IS NOT NULL,
       string_agg(quote_ident(c.name), ', ' ORDER BY c.n) FILTER (WHERE a.attname IS NULL),
       string_agg(quote_ident(c.name), ', ' ORDER BY c.n) FILTER (WHERE a.attgenerated <> '')
  FROM unnest($3::text[]) WITH ORDINALITY AS c (name, n)
  LEFT JOIN (pg_class AS t JOIN pg_namespace AS s ON s.oid = t.relnamespace)
         ON s.nspname = $1::text AND t.relname = $2::text AND t.relkind IN ('r', 'p')
  LEFT JOIN pg_attribute AS a
         ON a.attrelid = t.oid AND a.attname = c.name AND a.attnum > 0 AND NOT a.attisdropped
 GROUP BY t.oid;
