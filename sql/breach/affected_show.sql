-- Whom a breach affects, in figures.
--
-- $1 text  reference of the breach
-- Returns: one row, JSON; null when there is no such breach.  to_tell, told, returned, exempt, disposed:
-- customers; last_told, since: seconds UTC; notify: the decision whether customers are told, or null;
-- since: when it began, began_unknown when that is the moment of awareness for want of a better;
-- gone_since: customers with a disposal record that is younger, gone_registered: the affected of these.
--
-- Who was disposed of again, after a restored database or archive, has two records and counts once.
SELECT (SELECT jsonb_build_object(
                   'breach', b.reference,
                   'closed', b.closed_at IS NOT NULL,
                   'notify', a.notify_customers,
                   'assessed', a.id IS NOT NULL,
                   'to_tell', coalesce(n.to_tell, 0),
                   'told', coalesce(n.told, 0),
                   'returned', coalesce(n.returned, 0),
                   'exempt', coalesce(n.exempt, 0),
                   'disposed', coalesce(n.disposed, 0),
                   'customers', coalesce(n.customers, 0),
                   'last_told', extract(epoch FROM n.last_told)::bigint,
                   'persons_min', b.persons_min,
                   'persons_max', b.persons_max,
                   'since', extract(epoch FROM coalesce(b.occurred_from, b.aware_at))::bigint,
                   'began_unknown', b.occurred_from IS NULL,
                   'gone_since', (SELECT count(DISTINCT d.reference) FROM waarborg.disposal AS d
                                    JOIN waarborg.segment AS s ON s.id = d.segment_id
                                   WHERE s.created_at >= coalesce(b.occurred_from, b.aware_at)),
                   'gone_registered', (SELECT count(DISTINCT f.reference) FROM waarborg.affected AS f
                                         JOIN waarborg.disposal AS d ON d.reference = f.reference
                                         JOIN waarborg.segment AS s ON s.id = d.segment_id
                                        WHERE f.breach_id = b.id AND f.reference IS NOT NULL
                                          AND s.created_at >= coalesce(b.occurred_from, b.aware_at)))
          FROM waarborg.breach AS b
          LEFT JOIN waarborg.assessment AS a ON a.id = b.assessment_id
         CROSS JOIN LATERAL (SELECT sum(c.n) FILTER (WHERE c.state = 'to_tell') AS to_tell,
                                    sum(c.n) FILTER (WHERE c.state = 'told') AS told,
                                    sum(c.n) FILTER (WHERE c.state = 'returned') AS returned,
                                    sum(c.n) FILTER (WHERE c.state = 'exempt') AS exempt,
                                    sum(c.n) FILTER (WHERE c.state = 'disposed') AS disposed,
                                    sum(c.n) AS customers,
                                    max(c.last_told) AS last_told
                               FROM waarborg.affected_count AS c WHERE c.breach_id = b.id) AS n
         WHERE b.reference = $1::text);
