-- The operator that says whether two values of a column are equal.
--
-- $1 text  schema, as in the catalogue
-- $2 text  table, the same
-- $3 text  column
-- Returns: at most one row: the operator as it stands in a statement; none means `=`.
--
-- Our search_path is pg_catalog, where the = of a type like citext or ltree is not found; text's
-- would be taken instead, which thinks otherwise.
SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
  FROM pg_class AS t
  JOIN pg_namespace AS s ON s.oid = t.relnamespace
  JOIN pg_attribute AS a ON a.attrelid = t.oid
  JOIN pg_type AS y ON y.oid = a.atttypid
  JOIN pg_opclass AS c ON c.opcintype = CASE y.typtype WHEN 'd' THEN y.typbasetype ELSE y.oid END
                      AND c.opcdefault
  JOIN pg_am AS m ON m.oid = c.opcmethod AND m.amname = 'btree'
  JOIN pg_amop AS f ON f.amopfamily = c.opcfamily
                   AND f.amoplefttype = c.opcintype AND f.amoprighttype = c.opcintype
                   AND f.amopstrategy = 3
  JOIN pg_operator AS o ON o.oid = f.amopopr
  JOIN pg_namespace AS n ON n.oid = o.oprnamespace
 WHERE s.nspname = $1::text AND t.relname = $2::text AND a.attname = $3::text
   AND n.nspname <> 'pg_catalog';
