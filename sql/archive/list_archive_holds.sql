-- Holds on subjects that were disposed of, released ones too.
--
-- Returns any number of rows: id, policy that disposed of the subject, reference (64 hexadecimal
-- digits), kind, review_on, placed_at (seconds UTC, bigint), released_at (the same, NULL while it is
-- active).
SELECT h.id,
       (SELECT min(d.policy) FROM waarborg.disposal AS d WHERE d.reference = h.reference),
       encode(h.reference, 'hex'), h.kind, h.review_on,
       extract(epoch FROM h.placed_at)::bigint, extract(epoch FROM h.released_at)::bigint
  FROM waarborg.hold AS h
 WHERE h.reference IS NOT NULL
 ORDER BY h.id;
