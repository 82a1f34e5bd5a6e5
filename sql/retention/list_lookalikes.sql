-- Which columns look like a key of the graph, and nothing says what they are?
--
-- $1 int[]   number of the key each column below belongs to
-- $2 text[]  column name
-- $3 text[]  its type (format_type)
-- $4 oid[]   covered: table ...
-- $5 text[]  ... and column (a key or link of the graph, or what one refers to)
-- $6 oid[]   tables under `outside`
-- Returns any number of rows: table (for people), columns (for people), relkind, oid.
--
-- Numbers look like numbers and text like text, whatever their width: a link compares them all the
-- same.  A column that any foreign key of its table uses is explained by that key.  Partitions are judged
-- through their root.  Materialised views and foreign tables count: they hold copies.
WITH signature AS (
    SELECT * FROM unnest($1::int[], $2::text[], $3::text[]) AS s (number, name, type)
), matching AS (
    SELECT s.number, c.oid, c.relkind, n.nspname, c.relname,
           array_agg(a.attname::text ORDER BY a.attnum) AS columns,
           bool_or(EXISTS (SELECT 1 FROM unnest($4::oid[], $5::text[]) AS v (oid, name)
                            WHERE v.oid = c.oid AND v.name = a.attname)) AS covered,
           bool_or(EXISTS (SELECT 1 FROM pg_constraint AS con
                            WHERE con.conrelid = c.oid AND con.contype = 'f'
                              AND a.attnum = ANY (con.conkey))) AS explained
      FROM signature AS s
      JOIN pg_attribute AS a ON lower(a.attname) = lower(s.name) AND a.attnum > 0
                            AND NOT a.attisdropped
      JOIN pg_type AS own ON own.oid = a.atttypid
      JOIN pg_type AS wanted ON wanted.oid = s.type::regtype
                            AND own.typcategory = wanted.typcategory
                            AND (own.typcategory IN ('N', 'S')
                                 OR coalesce(nullif(own.typbasetype, 0), own.oid)
                                    = coalesce(nullif(wanted.typbasetype, 0), wanted.oid))
      JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f', 'm')
                        AND NOT c.relispartition
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'waarborg')
       AND n.nspname NOT LIKE 'pg\_temp\_%'
       AND n.nspname NOT LIKE 'pg\_toast%'
     GROUP BY s.number, c.oid, c.relkind, n.nspname, c.relname
    HAVING count(*) = (SELECT count(*) FROM signature AS all_ WHERE all_.number = s.number)
)
SELECT DISTINCT format('%I.%I', nspname, relname), array_to_string(columns, ', '), relkind, oid
  FROM matching
 WHERE NOT covered
   AND NOT explained
   AND NOT oid = ANY ($6::oid[])
 ORDER BY 1, 2;
