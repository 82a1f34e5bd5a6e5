-- What one run took out of each table.
--
-- $5 number of the run (text); the others are not used.
-- Returns any number of rows: kind 'rows' were archived and deleted, 'unlinked' stay and no longer refer
-- to who went.
WITH unused AS (SELECT $1::text, $2::text, $3::date, $4::timestamptz, $6::interval)
SELECT t.table_name, t.kind, sum(t.rows)::bigint AS rows, sum(t.bytes)::bigint AS bytes
  FROM waarborg.segment AS s
  JOIN waarborg.segment_table AS t ON t.segment_id = s.id
 WHERE s.run_id = $5::bigint
 GROUP BY 1, 2
 ORDER BY 2, 1;
