-- The breaches that were registered in the period, in one line each, in the order of their numbers.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns any number of rows.
WITH unused AS (SELECT $3::date, $5::text, $6::interval),
affected AS (
    SELECT n.breach_id, sum(n.n)::bigint AS n FROM waarborg.affected_count AS n GROUP BY n.breach_id)
SELECT b.reference,
       b.title,
       date_trunc('second', b.registered_at) AS registered_at,
       date_trunc('second', b.aware_at) AS aware_at,
       date_trunc('second', b.aware_at) <> date_trunc('second', b.first_aware_at) AS aware_moved,
       CASE WHEN b.closed_at < $4::timestamptz + interval '1 second' THEN 'closed' ELSE 'open' END AS status,
       s.risk,
       s.ap,
       s.ap_due_at,
       s.ap_met_at,
       s.customers,
       b.persons_min,
       b.persons_max,
       coalesce(n.n, 0) AS affected
  FROM waarborg.breach AS b
  JOIN waarborg.breach_standing_at($4::timestamptz) AS s ON s.breach_id = b.id
  LEFT JOIN affected AS n ON n.breach_id = b.id
 WHERE b.registered_at < $4::timestamptz + interval '1 second'
   AND b.registered_at >= $1::date::timestamptz AND b.registered_at < ($2::date + 1)::timestamptz
 ORDER BY b.id;
