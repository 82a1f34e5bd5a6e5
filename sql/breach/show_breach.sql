-- All that the register has about one breach, but for its clocks, duties and history.
--
-- $1 text     reference
-- $2 integer  how many references of disposed customers at most
-- Returns: one row, jsonb: null for an unknown breach, otherwise
--   breach         its columns
--   assessments    the first made first; the last is the one in force
--   affected       [{state, n, last_told}]       disposed  [reference, 64 hexadecimal digits]
--   measures, timeline, attachments, notifications   rows, in their order; a notification without
--                  its snapshot, and with the references of all breaches that it covers
--   letters        {pending, started, more}: not handed over; of these, handing over began and did not
--                  end; more: only the first 10,000 were counted
--   reminders      [{clock, sent, waiting, last_step, last_sent_at}], one for each clock
-- Instants are whole seconds since 1970 UTC.
--
-- Counts come from affected_count and the first of the pending letters (they go in the order of their
-- numbers; a range and not an equation, so that only the index of the pending ones gives that order): a
-- million customers show at once.
SELECT (SELECT jsonb_build_object(
    'breach', to_jsonb(b) - ARRAY['id', 'assessment_id'] || jsonb_build_object(
        'registered_at', extract(epoch FROM b.registered_at)::bigint,
        'occurred_from', extract(epoch FROM b.occurred_from)::bigint,
        'occurred_to', extract(epoch FROM b.occurred_to)::bigint,
        'discovered_at', extract(epoch FROM b.discovered_at)::bigint,
        'aware_at', extract(epoch FROM b.aware_at)::bigint,
        'first_aware_at', extract(epoch FROM b.first_aware_at)::bigint,
        'processor_aware_at', extract(epoch FROM b.processor_aware_at)::bigint,
        'processor_informed_at', extract(epoch FROM b.processor_informed_at)::bigint,
        'authority_order_at', extract(epoch FROM b.authority_order_at)::bigint,
        'nis2_aware_at', extract(epoch FROM b.nis2_aware_at)::bigint,
        'dora_classified_at', extract(epoch FROM b.dora_classified_at)::bigint,
        'closed_at', extract(epoch FROM b.closed_at)::bigint),
    'assessments', (SELECT coalesce(jsonb_agg(to_jsonb(a) - 'breach_id' || jsonb_build_object(
                        'assessed_at', extract(epoch FROM a.assessed_at)::bigint,
                        'recorded_at', extract(epoch FROM a.recorded_at)::bigint,
                        'public_at', extract(epoch FROM a.public_at)::bigint) ORDER BY a.id), '[]')
                      FROM waarborg.assessment AS a WHERE a.breach_id = b.id),
    'affected', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'state', c.state, 'n', c.n,
                        'last_told', extract(epoch FROM c.last_told)::bigint) ORDER BY c.state), '[]')
                   FROM waarborg.affected_count AS c WHERE c.breach_id = b.id AND c.n > 0),
    'disposed', (SELECT coalesce(jsonb_agg(encode(f.reference, 'hex') ORDER BY f.reference), '[]')
                   FROM (SELECT a.reference FROM waarborg.affected AS a
                          WHERE a.breach_id = b.id AND a.reference IS NOT NULL
                          ORDER BY a.reference LIMIT $2::integer) AS f),
    'measures', (SELECT coalesce(jsonb_agg(to_jsonb(m) - 'breach_id' || jsonb_build_object(
                        'at', extract(epoch FROM m.at)::bigint,
                        'added_at', extract(epoch FROM m.added_at)::bigint) ORDER BY m.id), '[]')
                   FROM waarborg.measure AS m WHERE m.breach_id = b.id),
    'timeline', (SELECT coalesce(jsonb_agg(to_jsonb(t) - 'breach_id' || jsonb_build_object(
                        'at', extract(epoch FROM t.at)::bigint,
                        'added_at', extract(epoch FROM t.added_at)::bigint) ORDER BY t.at, t.id), '[]')
                   FROM waarborg.timeline AS t WHERE t.breach_id = b.id),
    'attachments', (SELECT coalesce(jsonb_agg(to_jsonb(x) - 'breach_id' || jsonb_build_object(
                        'added_at', extract(epoch FROM x.added_at)::bigint) ORDER BY x.id), '[]')
                      FROM waarborg.attachment AS x WHERE x.breach_id = b.id),
    'notifications', (SELECT coalesce(jsonb_agg(to_jsonb(n) - 'snapshot' || jsonb_build_object(
                        'sent_at', extract(epoch FROM n.sent_at)::bigint,
                        'recorded_at', extract(epoch FROM n.recorded_at)::bigint,
                        'breaches', (SELECT jsonb_agg(o.reference ORDER BY o.id)
                                       FROM waarborg.notification_breach AS ob
                                       JOIN waarborg.breach AS o ON o.id = ob.breach_id
                                      WHERE ob.notification_id = n.id)) ORDER BY n.sent_at, n.id), '[]')
                        FROM waarborg.notification_breach AS nb
                        JOIN waarborg.notification AS n ON n.id = nb.notification_id
                       WHERE nb.breach_id = b.id),
    'letters', (SELECT jsonb_build_object('pending', count(*), 'started', count(w.started_at),
                                          'more', count(*) = 10000)
                  FROM (SELECT l.started_at FROM waarborg.letter AS l
                         WHERE (l.breach_id, l.id) >= (b.id, 0) AND l.breach_id <= b.id
                           AND l.done_at IS NULL AND l.dropped_at IS NULL
                         ORDER BY l.breach_id, l.id LIMIT 10000) AS w),
    'reminders', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'clock', r.clock, 'sent', r.sent, 'waiting', r.waiting, 'last_step', r.last_step,
                        'last_sent_at', extract(epoch FROM r.last_sent_at)::bigint) ORDER BY r.clock), '[]')
                    FROM (SELECT m.clock, count(m.sent_at) AS sent,
                                 count(*) FILTER (WHERE m.sent_at IS NULL
                                                    AND m.dropped_because IS NULL) AS waiting,
                                 max(m.sent_at) AS last_sent_at,
                                 (array_agg(m.step ORDER BY m.sent_at DESC, m.id DESC)
                                      FILTER (WHERE m.sent_at IS NOT NULL))[1] AS last_step
                            FROM waarborg.reminder AS m
                           WHERE m.breach_id = b.id AND m.covered_by IS NULL
                           GROUP BY m.clock) AS r))
  FROM waarborg.breach AS b WHERE b.reference = $1::text);
