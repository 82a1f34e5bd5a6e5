-- Do these columns identify a row?
--
-- $1 oid     table
-- $2 text[]  column names
-- Returns one row: identifies boolean: a valid unique index without predicate stands on exactly
-- these columns or fewer, all of them NOT NULL.
SELECT EXISTS (
    SELECT 1
      FROM pg_index AS i
     WHERE i.indrelid = $1::oid
       AND i.indisunique AND i.indisvalid AND i.indimmediate
       AND i.indpred IS NULL AND i.indexprs IS NULL
       AND (SELECT bool_and(a.attnotnull AND a.attname = ANY ($2::text[]))
              FROM unnest((i.indkey::smallint[])[0:i.indnkeyatts - 1]) AS k (num)
              JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.num)) AS identifies;
