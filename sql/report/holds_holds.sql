-- The holds that stood in the period, active ones first.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns any number of rows.  A key is left out: the report goes to people who need no customer's.
WITH unused AS (SELECT $5::text, $6::interval)
SELECT h.id AS hold,
       h.subject_table,
       encode(h.reference, 'hex') AS reference,
       h.kind,
       h.reason,
       h.placed_at,
       h.placed_by,
       h.review_on,
       CASE WHEN h.released_at <= $4::timestamptz THEN 'released'
            WHEN h.review_on <= $3::date THEN 'review_due'
            ELSE 'active' END AS state,
       h.released_at,
       h.released_by,
       h.release_reason
  FROM waarborg.hold AS h
 WHERE h.placed_at < least($4::timestamptz, ($2::date + 1)::timestamptz)
   AND (h.released_at IS NULL OR h.released_at >= $1::date::timestamptz)
 ORDER BY h.released_at IS NOT NULL, h.review_on, h.id;
