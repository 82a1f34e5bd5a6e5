-- What there is of the archive, and since when.
--
-- Returns any number of rows: the local date on which segments were created (of the session's time
-- zone, which is the configuration's), whether an active hold keeps them, segments, bytes.
-- Segments that were destroyed are not among them.
WITH held AS (
    SELECT DISTINCT d.segment_id
      FROM waarborg.hold AS h
      JOIN waarborg.disposal AS d ON d.reference = h.reference
     WHERE h.reference IS NOT NULL
       AND h.released_at IS NULL)
SELECT s.created_at::date, h.segment_id IS NOT NULL, count(*), sum(s.bytes)
  FROM waarborg.segment AS s
  LEFT JOIN held AS h ON h.segment_id = s.id
 WHERE s.destroyed_at IS NULL
 GROUP BY 1, 2;
