-- What was put back from an archive in the period.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns any number of rows; reference NULL: the whole segment.
WITH unused AS (SELECT $3::date, $5::text, $6::interval)
SELECT r.restored_at, s.policy, r.segment_id AS segment, encode(r.reference, 'hex') AS reference,
       r.subjects, r.rows, r.reason, r.restored_by, r.os_user
  FROM waarborg.restore AS r
  JOIN waarborg.segment AS s ON s.id = r.segment_id
 WHERE r.restored_at >= $1::date::timestamptz
   AND r.restored_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second')
 ORDER BY r.restored_at, r.id;
