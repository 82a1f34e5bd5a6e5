-- The active holds that keep a segment from being destroyed.
--
-- $1 text  segment id
-- $2 date  as of
-- Returns any number of rows: id bigint, its review is due (boolean).
--
-- Separate from the locking statement on purpose: each statement takes a new snapshot, so a hold
-- that was committed while we waited for the lock is seen here and wins.
SELECT h.id, coalesce(h.review_on <= $2::date, false)
  FROM waarborg.hold AS h
 WHERE h.reference IS NOT NULL
   AND h.released_at IS NULL
   AND EXISTS (SELECT 1
                 FROM waarborg.disposal AS d
                WHERE d.reference = h.reference
                  AND d.segment_id = $1::text)
 ORDER BY h.id;
