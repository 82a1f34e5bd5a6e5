-- What happened in one breach and when: what people entered, and what the register knows, in one order.
--
-- $4 instant of judgement (timestamptz), $5 reference of the breach (text); $1 to $3 and $6 are not used.
-- Returns any number of rows.
--
-- Closing and opening again is what the audit log has of it: the register keeps the last state only.
WITH unused AS (SELECT $1::date, $2::date, $3::date, $6::interval),
b AS (SELECT * FROM waarborg.breach AS x WHERE x.reference = $5::text)
SELECT date_trunc('second', e.at) AS at, e.event, e.what, e.by
  FROM (SELECT f.at, f.event, f.what, f.by, f.place
          FROM b
         CROSS JOIN LATERAL (VALUES
                  (b.occurred_from, 'occurred_from', NULL, NULL, 1),
                  (b.occurred_to, 'occurred_to', NULL, NULL, 2),
                  (b.discovered_at, 'discovered', b.discovered_how, NULL, 3),
                  (b.processor_aware_at, 'processor_aware', b.processor_name, NULL, 4),
                  (b.processor_informed_at, 'processor_informed', b.processor_name, NULL, 5),
                  (b.aware_at, 'aware', NULL, NULL, 6),
                  (CASE WHEN b.first_aware_at <> b.aware_at THEN b.first_aware_at END, 'first_aware', NULL, NULL, 6),
                  (b.nis2_aware_at, 'nis2_aware', NULL, NULL, 7),
                  (b.dora_classified_at, 'dora_classified', NULL, NULL, 7),
                  (b.registered_at, 'registered', b.title, b.registered_by, 8),
                  (b.authority_order_at, 'authority_order', b.authority_order, NULL, 15))
               AS f (at, event, what, by, place)
        UNION ALL
        SELECT a.assessed_at, 'assessed_' || a.risk, a.because, a.assessed_by, 9
          FROM b JOIN waarborg.assessment AS a ON a.breach_id = b.id
        UNION ALL
        SELECT n.sent_at, CASE WHEN n.kind = 'withdrawal' THEN 'withdrawn_' ELSE 'notified_' END || n.recipient,
               concat_ws(', ', n.authority, n.number, n.reason), n.recorded_by, 10
          FROM b JOIN waarborg.notification_breach AS nb ON nb.breach_id = b.id
          JOIN waarborg.notification AS n ON n.id = nb.notification_id
        UNION ALL
        SELECT coalesce(m.at, m.added_at), 'measure_' || m.status, m.description, m.added_by, 11
          FROM b JOIN waarborg.measure AS m ON m.breach_id = b.id
        UNION ALL
        SELECT c.due_at, 'limit_' || CASE WHEN c.clock IN ('ap', 'customers') THEN c.clock ELSE 'other' END,
               CASE WHEN c.clock NOT IN ('ap', 'customers') THEN c.source END, NULL, 12
          FROM waarborg.breach_clock_at($4::timestamptz) AS c
         WHERE c.breach_id = (SELECT b.id FROM b) AND c.state NOT IN ('not_needed', 'undecided')
        UNION ALL
        SELECT f.at, f.event, f.customers::text, NULL, 13
          FROM (SELECT min(l.done_at) AS first, max(l.done_at) AS last, count(*) AS customers
                  FROM waarborg.letter AS l
                 WHERE l.breach_id = (SELECT b.id FROM b)
                   AND l.done_at < $4::timestamptz + interval '1 second') AS s
         CROSS JOIN LATERAL (VALUES (s.first, 'letters_first', NULL::bigint),
                                    (s.last, 'letters_last', s.customers)) AS f (at, event, customers)
        UNION ALL
        SELECT x.added_at, 'attached', x.path, x.added_by, 14
          FROM b JOIN waarborg.attachment AS x ON x.breach_id = b.id
        UNION ALL
        SELECT coalesce(l.at, l.recorded_at),
               CASE WHEN l.new::jsonb -> 'closed_at' = 'null' THEN 'reopened' ELSE 'closed' END, l.reason,
               coalesce(l.os_user, l.db_role), 16
          FROM waarborg.audit AS l
         WHERE l.breach = $5::text AND l.object = 'breach ' || $5::text AND l.action = 'update'
           AND CASE WHEN l.new LIKE '{%' THEN l.new::jsonb ? 'closed_at' END
        UNION ALL
        SELECT t.at, 'entered', t.what, t.added_by, 0
          FROM b JOIN waarborg.timeline AS t ON t.breach_id = b.id
         WHERE t.added_at < $4::timestamptz + interval '1 second') AS e (at, event, what, by, place)
 WHERE e.at < $4::timestamptz + interval '1 second'
 ORDER BY date_trunc('second', e.at), e.place, e.event, e.what;
