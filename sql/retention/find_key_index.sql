-- Can a search by these columns use an index, on every partition?
--
-- $1 oid     table (root of a partition tree counts all leaves)
-- $2 text[]  columns
-- Returns one row: usable boolean, estimated rows (bigint), partitioned boolean.
--
-- Usable: valid btree whose first columns are exactly these in any order, or a hash index on the
-- only one; a predicate may only say that such a column IS NOT NULL (equality implies it).
SELECT coalesce(bool_and(EXISTS (
           SELECT 1
             FROM pg_index AS i
             JOIN pg_class AS ic ON ic.oid = i.indexrelid
             JOIN pg_am AS am ON am.oid = ic.relam
            WHERE i.indrelid = piece.oid AND i.indisvalid
              AND (am.amname = 'btree' OR (am.amname = 'hash' AND cardinality($2::text[]) = 1))
              AND (i.indpred IS NULL
                   OR pg_get_expr(i.indpred, i.indrelid)
                      = ANY (SELECT format('(%I IS NOT NULL)', c) FROM unnest($2::text[]) AS c))
              AND (SELECT count(*) = cardinality($2::text[])
                     FROM unnest((i.indkey::smallint[])[0:cardinality($2::text[]) - 1]) AS k (num)
                     JOIN pg_attribute AS a ON a.attrelid = piece.oid AND a.attnum = k.num
                    WHERE a.attname = ANY ($2::text[])))), true) AS usable,
       coalesce(sum(CASE WHEN piece.reltuples >= 0 AND NOT (piece.reltuples = 0 AND piece.relpages = 0)
                         THEN piece.reltuples ELSE pg_relation_size(piece.oid) / 60.0 END), 0)::bigint,
       (SELECT relkind = 'p' FROM pg_class WHERE oid = $1::oid)
  FROM (SELECT c.* FROM pg_class AS c
         WHERE c.relkind IN ('r', 'f')
           AND (c.oid = $1::oid
                OR c.oid IN (SELECT relid FROM pg_partition_tree($1::oid::regclass)))) AS piece;
