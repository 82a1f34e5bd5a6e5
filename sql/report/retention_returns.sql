-- Who was disposed of and may be back, because the database was restored to an earlier point.
--
-- $1 first and $2 last day of the period, $4 instant of judgement (timestamptz); the others are not used.
-- Returns a row for each time it was found out in the period.  As it stands when the report is made where
-- somebody was noted again since.
WITH unused AS (SELECT $3::date, $5::text, $6::interval)
SELECT r.noted_at, r.policy, count(*) AS subjects,
       count(*) FILTER (WHERE r.outcome = 'disposed') AS again,
       count(*) FILTER (WHERE r.outcome = 'held') AS held,
       count(*) FILTER (WHERE r.outcome = 'absent') AS absent,
       count(*) FILTER (WHERE r.outcome IS NULL) AS waiting,
       max(r.settled_at) AS settled_at
  FROM (SELECT r.noted_at, r.policy, s.outcome, s.settled_at
          FROM waarborg.returned AS r
          LEFT JOIN LATERAL (SELECT r.outcome, r.settled_at
                              WHERE r.settled_at < $4::timestamptz + interval '1 second') AS s ON true) AS r
 WHERE r.noted_at >= $1::date::timestamptz
   AND r.noted_at < least(($2::date + 1)::timestamptz, $4::timestamptz + interval '1 second')
 GROUP BY 1, 2
 ORDER BY 1, 2;
