-- Holds on subjects that were disposed of, released ones too.
--
-- Returns any number of rows: id, policy that disposed of the subject, reference (64 hexadecimal
-- digits), kind, review_on, placed_at (seconds UTC, bigint), released_at (the same, NULL while it is
-- active); an instant that is infinite is 0.  A hold on a reference that no segment has holds nothing,
-- and the journal would not know whose it is: it is not here.
SELECT h.id,
       (SELECT min(d.policy) FROM waarborg.disposal AS d WHERE d.reference = h.reference),
       encode(h.reference, 'hex'), h.kind, h.review_on,
       CASE WHEN isfinite(h.placed_at) THEN extract(epoch FROM h.placed_at)::bigint ELSE 0 END,
       CASE WHEN isfinite(h.released_at) THEN extract(epoch FROM h.released_at)::bigint
            WHEN h.released_at IS NOT NULL THEN 0 END
  FROM waarborg.hold AS h
 WHERE h.reference IS NOT NULL
   AND EXISTS (SELECT 1 FROM waarborg.disposal AS d WHERE d.reference = h.reference)
 ORDER BY h.id;
