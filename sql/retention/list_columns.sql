-- Which columns do these tables have, and which are the primary key?
--
-- $1 oid[]  tables
-- Returns any number of rows, by table and position: table oid, column name, type (format_type),
-- not null, generated (stored expression), position in the primary key from 0 (NULL: not in it),
-- type of its keys (without length or domain), operator that says whether two values are equal.
--
-- Our search_path is pg_catalog, where the = of a type like citext is not found; text's would be
-- taken instead, which thinks otherwise.
SELECT a.attrelid,
       a.attname,
       format_type(a.atttypid, a.atttypmod),
       a.attnotnull,
       a.attgenerated <> '' AS generated,
       (SELECT array_position((i.indkey::smallint[])[0:i.indnkeyatts - 1], a.attnum) - 1
          FROM pg_index AS i
         WHERE i.indrelid = a.attrelid AND i.indisprimary) AS key_position,
       format_type(CASE y.typtype WHEN 'd' THEN y.typbasetype ELSE y.oid END, -1) AS key_type,
       coalesce((SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
                   FROM pg_opclass AS c
                   JOIN pg_am AS m ON m.oid = c.opcmethod AND m.amname = 'btree'
                   JOIN pg_amop AS f ON f.amopfamily = c.opcfamily AND f.amopstrategy = 3
                                    AND f.amoplefttype = c.opcintype AND f.amoprighttype = c.opcintype
                   JOIN pg_operator AS o ON o.oid = f.amopopr
                   JOIN pg_namespace AS n ON n.oid = o.oprnamespace AND n.nspname <> 'pg_catalog'
                  WHERE c.opcdefault
                    AND c.opcintype = CASE y.typtype WHEN 'd' THEN y.typbasetype ELSE y.oid END),
                '=') AS equals
  FROM pg_attribute AS a
  JOIN pg_type AS y ON y.oid = a.atttypid
 WHERE a.attrelid = ANY ($1::oid[])
   AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum;
