-- The times that the whole of the own archive was verified, in the period.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns any number of rows.
WITH unused AS (SELECT $3::date, $5::text, $6::interval)
SELECT v.verified_at, v.kind, CASE WHEN v.faults = 0 THEN 'holds' ELSE 'faults' END AS result,
       v.segments, v.destroyed, v.opened, v.bytes, v.faults, v.verified_by, v.os_user
  FROM waarborg.verification AS v
 WHERE v.verified_at >= $1::date::timestamptz
   AND v.verified_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second')
 ORDER BY v.verified_at, v.id;
