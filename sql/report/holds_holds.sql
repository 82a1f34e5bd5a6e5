-- The holds that stood on a day of the period: reviews that are due first, released ones last.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns any number of rows.  A key is left out: the report goes to people who need no customer's.
-- What was released later is shown as it stood then.  segments: of a hold on an archive, those it keeps.
WITH unused AS (SELECT $5::text, $6::interval),
known AS (
    SELECT h.id, h.subject_table, h.reference, h.kind, h.reason, h.review_on, h.placed_at, h.placed_by,
           h.released_at, h.released_by, h.release_reason,
           coalesce(h.released_at < $4::timestamptz + interval '1 second', false) AS released
      FROM waarborg.hold AS h
     WHERE h.placed_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second')
       AND (h.released_at >= $1::date::timestamptz OR h.released_at IS NULL))
SELECT h.id AS hold,
       CASE WHEN h.released THEN 'released'
            WHEN h.review_on <= $3::date THEN 'review_due'
            ELSE 'active' END AS state,
       h.kind, h.reason, h.placed_at, h.placed_by, h.review_on,
       CASE WHEN h.released THEN h.released_at::date ELSE $3::date END - h.placed_at::date AS days,
       CASE WHEN h.released THEN h.released_at END AS released_at,
       CASE WHEN h.released THEN h.released_by END AS released_by,
       CASE WHEN h.released THEN h.release_reason END AS release_reason,
       CASE WHEN h.reference IS NULL THEN 'subject' ELSE 'archive' END AS keeps,
       h.subject_table,
       encode(h.reference, 'hex') AS reference,
       CASE WHEN h.reference IS NOT NULL THEN
            (SELECT count(*)
               FROM waarborg.disposal AS d
               JOIN waarborg.segment AS s ON s.id = d.segment_id
              WHERE d.reference = h.reference
                AND s.created_at < $4::timestamptz + interval '1 second'
                AND (s.destroyed_at >= $4::timestamptz + interval '1 second'
                     OR s.destroyed_at IS NULL)) END AS segments
  FROM known AS h
 ORDER BY h.released, h.review_on > $3::date, h.review_on, h.id;
