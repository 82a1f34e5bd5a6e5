-- Was the evidence verified, and does anything of it wait for somebody?
--
-- $3 as-of (date), $4 instant of judgement (timestamptz); $1, $2, $5 and $6 are not used.
-- Returns one row, with NULLs when it was never verified.  verified_*: the last verification of all, but
-- its faults together with those of the last one of the other kind: archive verify and evidence verify
-- look at different things, and what one of them found is not mended because the other holds.
-- returned: disposed of once, back with a database that was restored, and not seen to by then.
WITH unused AS (SELECT $1::date, $2::date, $5::text, $6::interval),
     latest AS (
    SELECT DISTINCT ON (v.kind) v.*
      FROM waarborg.verification AS v
     WHERE v.verified_at < $4::timestamptz + interval '1 second'
     ORDER BY v.kind, v.verified_at DESC, v.id DESC),
     last AS (SELECT l.* FROM latest AS l ORDER BY l.verified_at DESC, l.id DESC LIMIT 1)
SELECT (SELECT l.verified_at FROM last AS l) AS verified_at,
       (SELECT $3::date - l.verified_at::date FROM last AS l) AS verified_days,
       (SELECT l.kind FROM last AS l) AS verified_kind,
       (SELECT sum(l.faults)::bigint FROM latest AS l) AS verified_faults,
       (SELECT count(*)
          FROM waarborg.returned AS r
         WHERE r.noted_at < $4::timestamptz + interval '1 second'
           AND (r.settled_at >= $4::timestamptz + interval '1 second' OR r.settled_at IS NULL)) AS returned,
       (SELECT count(*) FROM waarborg.segment AS s WHERE s.created_at < $4::timestamptz + interval '1 second') AS segments;
