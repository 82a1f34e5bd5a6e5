-- The holds in figures.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns one row.
WITH unused AS (SELECT $5::text, $6::interval),
active AS (
    SELECT h.reference, h.review_on, h.placed_at
      FROM waarborg.hold AS h
     WHERE h.placed_at < $4::timestamptz + interval '1 second'
       AND (h.released_at >= $4::timestamptz + interval '1 second' OR h.released_at IS NULL))
SELECT count(*) AS active,
       count(*) FILTER (WHERE a.reference IS NULL) AS on_subjects,
       count(*) FILTER (WHERE a.reference IS NOT NULL) AS on_archives,
       count(*) FILTER (WHERE a.review_on <= $3::date) AS review_due,
       count(*) FILTER (WHERE a.review_on IS NULL) AS without_review,
       min(a.placed_at) AS oldest_at,
       $3::date - min(a.placed_at)::date AS oldest_days,
       (SELECT count(*)
          FROM waarborg.hold AS h
         WHERE h.placed_at >= $1::date::timestamptz
           AND h.placed_at < least(($2::date + 1)::timestamptz,
                                   $4::timestamptz + interval '1 second')) AS placed,
       (SELECT count(*)
          FROM waarborg.hold AS h
         WHERE h.released_at >= $1::date::timestamptz
           AND h.released_at < least(($2::date + 1)::timestamptz,
                                     $4::timestamptz + interval '1 second')) AS released
  FROM active AS a;
