-- One breach, in short.
--
-- $4 instant of judgement (timestamptz), $5 reference of the breach (text); $1 to $3 and $6 are not used.
-- Returns one row.
--
-- The number of the breach is looked up first: a constant reaches the groups inside the view of the clocks.
WITH unused AS (SELECT $1::date, $2::date, $3::date, $6::interval)
SELECT b.reference,
       b.title,
       CASE WHEN b.closed_at < $4::timestamptz + interval '1 second' THEN 'closed' ELSE 'open' END AS status,
       date_trunc('second', b.aware_at) AS aware_at,
       date_trunc('second', b.aware_at) <> date_trunc('second', b.first_aware_at) AS aware_moved,
       date_trunc('second', b.registered_at) AS registered_at,
       s.risk,
       s.ap,
       s.ap_due_at,
       s.ap_met_at,
       s.customers,
       b.persons_min,
       b.persons_max,
       (SELECT coalesce(sum(n.n), 0)::bigint FROM waarborg.affected_count AS n
         WHERE n.breach_id = b.id) AS affected,
       (SELECT coalesce(sum(n.n), 0)::bigint FROM waarborg.affected_count AS n
         WHERE n.breach_id = b.id AND n.state IN ('to_tell', 'returned')) AS affected_to_tell,
       (SELECT count(*) FROM waarborg.notification_breach AS nb
          JOIN waarborg.notification AS n ON n.id = nb.notification_id
         WHERE nb.breach_id = b.id AND n.sent_at < $4::timestamptz + interval '1 second') AS notifications
  FROM waarborg.breach AS b
  JOIN waarborg.breach_standing_at($4::timestamptz) AS s ON s.breach_id = b.id
 WHERE b.id = (SELECT x.id FROM waarborg.breach AS x WHERE x.reference = $5::text);
