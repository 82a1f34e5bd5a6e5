-- Records what a segment holds, a row a member.
--
-- $1 text      segment
-- $2 text[]    table names, $3 text[] kinds, $4 bigint[] rows, $5 bigint[] bytes, $6 text[] SHA-256
INSERT INTO waarborg.segment_table (segment_id, member, table_name, kind, rows, bytes, sha256)
SELECT $1::text, m.n, m.table_name, m.kind, m.rows, m.bytes, m.sha256
  FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
       WITH ORDINALITY AS m (table_name, kind, rows, bytes, sha256, n);
