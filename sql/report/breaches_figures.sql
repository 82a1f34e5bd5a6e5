-- The breaches that were registered in the period, counted; of each part the counts add up to registered.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz);
-- $5 and $6 are not used.
-- Returns one row.  incomplete: facts, effects or remedial action, which GDPR art. 33(5) wants documented,
-- are not registered.
--
-- Estimates of people may be any bigint, and their sum must be one, too.
WITH unused AS (SELECT $3::date, $5::text, $6::interval),
affected AS (
    SELECT n.breach_id, sum(n.n) AS n, sum(n.n) FILTER (WHERE n.state IN ('to_tell', 'returned')) AS to_tell,
           sum(n.n) FILTER (WHERE n.state = 'told') AS told
      FROM waarborg.affected_count AS n GROUP BY n.breach_id)
SELECT count(*) AS registered,
       count(*) FILTER (WHERE coalesce(b.closed_at >= $4::timestamptz + interval '1 second', true)) AS open,
       count(*) FILTER (WHERE b.closed_at < $4::timestamptz + interval '1 second') AS closed,
       count(*) FILTER (WHERE s.risk = 'high') AS risk_high,
       count(*) FILTER (WHERE s.risk = 'risk') AS risk_risk,
       count(*) FILTER (WHERE s.risk = 'unlikely') AS risk_unlikely,
       count(*) FILTER (WHERE s.risk = 'unassessed') AS unassessed,
       count(*) FILTER (WHERE s.ap = 'met') AS ap_in_time,
       count(*) FILTER (WHERE s.ap = 'met_late') AS ap_late,
       count(*) FILTER (WHERE s.ap = 'overdue') AS ap_missed,
       count(*) FILTER (WHERE s.ap IN ('running', 'near')) AS ap_running,
       count(*) FILTER (WHERE s.ap = 'not_needed') AS ap_not_needed,
       count(*) FILTER (WHERE coalesce(s.ap IN ('no_limit', 'not_started'), true)) AS ap_no_limit,
       count(*) FILTER (WHERE s.customers = 'met') AS customers_in_time,
       count(*) FILTER (WHERE s.customers = 'met_late') AS customers_late,
       count(*) FILTER (WHERE s.customers = 'overdue') AS customers_overdue,
       count(*) FILTER (WHERE s.customers IN ('running', 'near', 'no_limit', 'not_started')) AS customers_running,
       count(*) FILTER (WHERE s.customers = 'not_needed') AS customers_not_needed,
       count(*) FILTER (WHERE coalesce(s.customers = 'undecided', true)) AS customers_undecided,
       count(*) FILTER (WHERE s.lacking <> '{}') AS incomplete,
       count(*) FILTER (WHERE date_trunc('second', b.aware_at) > date_trunc('second', b.first_aware_at))
           AS aware_moved_later,
       least(coalesce(sum(coalesce(b.persons_min, 0)), 0), 9223372036854775807)::bigint AS persons_min,
       least(coalesce(sum(coalesce(b.persons_max, b.persons_min, 0)), 0), 9223372036854775807)::bigint AS persons_max,
       count(*) FILTER (WHERE b.persons_min IS NULL AND b.persons_max IS NULL) AS persons_unknown,
       coalesce(sum(n.n), 0)::bigint AS affected,
       coalesce(sum(n.told), 0)::bigint AS affected_told,
       coalesce(sum(n.to_tell), 0)::bigint AS affected_to_tell
  FROM waarborg.breach AS b
  JOIN waarborg.breach_standing_at($4::timestamptz) AS s ON s.breach_id = b.id
  LEFT JOIN affected AS n ON n.breach_id = b.id
 WHERE b.registered_at < $4::timestamptz + interval '1 second'
   AND b.registered_at >= $1::date::timestamptz AND b.registered_at < ($2::date + 1)::timestamptz;
