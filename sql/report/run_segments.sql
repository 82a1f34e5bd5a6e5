-- The segments of one run, with what is needed to check them.
--
-- $4 instant of judgement (timestamptz), $5 number of the run (text); the others are not used.
-- Returns any number of rows.
WITH unused AS (SELECT $1::text, $2::text, $3::date, $6::interval),
back AS (
    SELECT d.segment_id, count(*) AS subjects
      FROM waarborg.disposal AS d
     WHERE d.segment_id IN (SELECT s.id FROM waarborg.segment AS s WHERE s.run_id = $5::bigint)
       AND d.restored_at < $4::timestamptz + interval '1 second'
     GROUP BY 1)
SELECT s.chain_no, s.id AS segment, s.file, s.created_at, s.subjects, s.rows, s.bytes,
       coalesce(b.subjects, 0) AS restored,
       CASE WHEN s.destroyed_at < $4::timestamptz + interval '1 second' THEN s.destroyed_at END AS destroyed_at,
       s.sha256, s.manifest_sha256
  FROM waarborg.segment AS s
  LEFT JOIN back AS b ON b.segment_id = s.id
 WHERE s.run_id = $5::bigint
 ORDER BY s.chain_no;
