-- Which columns do these tables have, and which are the primary key?
--
-- $1 oid[]  tables
-- Returns any number of rows, by table and position: table oid, column name, type (format_type),
-- not null, generated (stored expression), position in the primary key from 0 (NULL: not in it).
SELECT a.attrelid,
       a.attname,
       format_type(a.atttypid, a.atttypmod),
       a.attnotnull,
       a.attgenerated <> '' AS generated,
       (SELECT array_position((i.indkey::smallint[])[0:i.indnkeyatts - 1], a.attnum) - 1
          FROM pg_index AS i
         WHERE i.indrelid = a.attrelid AND i.indisprimary) AS key_position
  FROM pg_attribute AS a
 WHERE a.attrelid = ANY ($1::oid[])
   AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum;
