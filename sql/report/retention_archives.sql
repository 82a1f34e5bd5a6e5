-- The archives, in figures: what there is, what should be gone, and what was destroyed.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 is not used; $6 archive.keep (interval).
-- Returns one row.  An archive is kept through the day that lies $6 after the day it was created on, and
-- longer when a hold on somebody in it was active at that instant.
WITH unused AS (SELECT $5::text),
held AS (
    SELECT DISTINCT d.segment_id
      FROM waarborg.hold AS h
      JOIN waarborg.disposal AS d ON d.reference = h.reference
     WHERE h.placed_at < $4::timestamptz + interval '1 second'
       AND (h.released_at >= $4::timestamptz + interval '1 second' OR h.released_at IS NULL)),
present AS (
    SELECT s.bytes, s.created_at::date AS created_on, h.segment_id IS NOT NULL AS held,
           (s.created_at::date + $6::interval)::date < $3::date AS past_term
      FROM waarborg.segment AS s
      LEFT JOIN held AS h ON h.segment_id = s.id
     WHERE s.created_at < $4::timestamptz + interval '1 second'
       AND (s.destroyed_at >= $4::timestamptz + interval '1 second' OR s.destroyed_at IS NULL)),
destroyed AS (
    SELECT count(*) AS segments, coalesce(sum(s.bytes), 0)::bigint AS bytes
      FROM waarborg.segment AS s
     WHERE s.destroyed_at >= $1::date::timestamptz
       AND s.destroyed_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second'))
SELECT count(*) AS present,
       coalesce(sum(p.bytes), 0)::bigint AS bytes,
       min(p.created_on) AS oldest_on,
       $3::date - min(p.created_on) AS oldest_days,
       count(*) FILTER (WHERE p.held) AS held,
       count(*) FILTER (WHERE p.past_term AND p.held) AS held_past_term,
       count(*) FILTER (WHERE p.past_term AND NOT p.held) AS past_term,
       (SELECT d.segments FROM destroyed AS d) AS destroyed,
       (SELECT d.bytes FROM destroyed AS d) AS destroyed_bytes
  FROM present AS p;
