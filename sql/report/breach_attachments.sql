-- The attachments of one breach: their names and digests; the files lie elsewhere.
--
-- $4 instant of judgement (timestamptz), $5 reference of the breach (text); $1 to $3 and $6 are not used.
-- Returns any number of rows.
WITH unused AS (SELECT $1::date, $2::date, $3::date, $6::interval)
SELECT x.path,
       x.bytes,
       x.sha256,
       date_trunc('second', x.added_at) AS added_at,
       x.added_by
  FROM waarborg.attachment AS x
 WHERE x.breach_id = (SELECT b.id FROM waarborg.breach AS b WHERE b.reference = $5::text)
   AND x.added_at < $4::timestamptz + interval '1 second'
 ORDER BY x.id;
