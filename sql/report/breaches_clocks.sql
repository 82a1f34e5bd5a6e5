-- Each clock of each breach that has begun or is decided about, with the reasons for a delay beside it.
-- A notification that was complete at once starts no follow-up, and so does not meet one.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz),
-- $5 a breach, instead of those registered in the period, or NULL (text); $6 is not used.
-- Returns any number of rows.
--
-- The reasons stand with the notification that met the clock; those for the AP also with another one to
-- the AP, or with the breach.
WITH unused AS (SELECT $3::date, $6::interval)
SELECT b.reference,
       c.clock,
       c.start_at AS started_at,
       c.due_at,
       CASE WHEN c.start_at IS NULL THEN NULL WHEN c.due_at IS NULL THEN 'none' WHEN c.clock = 'processor' THEN 'contract'
            WHEN c.own_target THEN 'own' ELSE 'law' END AS limit_by,
       c.met_at,
       c.state,
       CASE WHEN c.state = 'met_late' THEN extract(epoch FROM c.met_at - c.due_at)::bigint END AS late_by,
       CASE WHEN c.state IN ('met_late', 'overdue') THEN
           coalesce((SELECT string_agg(n.delay_reason, E'\n' ORDER BY n.sent_at, n.id)
                       FROM waarborg.notification_breach AS nb
                       JOIN waarborg.notification AS n ON n.id = nb.notification_id
                      WHERE nb.breach_id = c.breach_id AND n.delay_reason IS NOT NULL
                        AND n.recipient = CASE WHEN c.clock IN ('ap', 'follow_up') THEN 'ap'
                                               WHEN c.clock = 'customers' THEN 'customers' ELSE c.regime END
                        AND (c.clock = 'ap' OR date_trunc('second', n.sent_at) = c.met_at)
                        AND n.sent_at < $4::timestamptz + interval '1 second'),
                    CASE c.clock WHEN 'ap' THEN b.delay_reason END) END AS delay_reason,
       c.source
  FROM waarborg.breach AS b
  JOIN waarborg.breach_clock_at($4::timestamptz) AS c
    ON c.breach_id = b.id AND c.state <> 'not_started' AND (c.clock <> 'follow_up' OR c.start_at IS NOT NULL)
 WHERE b.registered_at < $4::timestamptz + interval '1 second'
   AND (b.reference = $5::text
        OR $5::text IS NULL AND b.registered_at >= $1::date::timestamptz
       AND b.registered_at < ($2::date + 1)::timestamptz)
 ORDER BY b.id, array_position(ARRAY['ap', 'customers', 'follow_up', 'processor', 'nis2_warning',
                                     'nis2_notification', 'nis2_final', 'dora_initial', 'dora_intermediate',
                                     'dora_final'], c.clock), c.clock;
