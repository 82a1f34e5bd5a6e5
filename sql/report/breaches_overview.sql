-- The breaches that were registered in the period, in one line each, in the order of their numbers.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns any number of rows.
WITH unused AS (SELECT $3::date, $5::text, $6::interval),
clocks AS (
    SELECT c.breach_id, max(c.state) FILTER (WHERE c.clock = 'ap') AS ap,
           max(c.due_at) FILTER (WHERE c.clock = 'ap') AS ap_due_at,
           max(c.met_at) FILTER (WHERE c.clock = 'ap') AS ap_met_at,
           max(c.state) FILTER (WHERE c.clock = 'customers') AS customers
      FROM waarborg.breach_clock_at($4::timestamptz) AS c
     WHERE c.clock IN ('ap', 'customers')
     GROUP BY c.breach_id),
decided AS (
    SELECT DISTINCT ON (x.breach_id) x.breach_id, x.risk
      FROM waarborg.assessment AS x
     WHERE x.assessed_at < $4::timestamptz + interval '1 second'
     ORDER BY x.breach_id, x.id DESC),
affected AS (
    SELECT n.breach_id, sum(n.n)::bigint AS n FROM waarborg.affected_count AS n GROUP BY n.breach_id)
SELECT b.reference,
       b.title,
       date_trunc('second', b.registered_at) AS registered_at,
       date_trunc('second', b.aware_at) AS aware_at,
       date_trunc('second', b.aware_at) <> date_trunc('second', b.first_aware_at) AS aware_moved,
       CASE WHEN b.closed_at < $4::timestamptz + interval '1 second' THEN 'closed' ELSE 'open' END AS status,
       coalesce(d.risk, 'unassessed') AS risk,
       c.ap,
       c.ap_due_at,
       c.ap_met_at,
       c.customers,
       b.persons_min,
       b.persons_max,
       coalesce(n.n, 0) AS affected
  FROM waarborg.breach AS b
  LEFT JOIN clocks AS c ON c.breach_id = b.id
  LEFT JOIN decided AS d ON d.breach_id = b.id
  LEFT JOIN affected AS n ON n.breach_id = b.id
 WHERE b.registered_at < $4::timestamptz + interval '1 second'
   AND b.registered_at >= $1::date::timestamptz AND b.registered_at < ($2::date + 1)::timestamptz
 ORDER BY b.id;
