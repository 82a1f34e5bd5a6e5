-- What the letters to the customers of a breach say, and whether they may go.
--
-- $1 text  reference of the breach
-- Returns: one row, JSON; null when there is no such breach.  id; closed, assessed, notify (boolean, the
-- decision whether customers are told, or null); occurred_from, occurred_to: seconds UTC; occurred_unknown,
-- ongoing; summary, advice, measures, consequences: {"nl", "en"}, consequences as arrays of labels in the
-- order of the form; measures_registered: [{status, description}]; contact: {name, phone, email};
-- policies: of those who still have to be told, [{policy, key_columns, customers}].
SELECT (SELECT jsonb_build_object(
                   'id', b.id,
                   'closed', b.closed_at IS NOT NULL,
                   'assessed', a.id IS NOT NULL,
                   'notify', a.notify_customers,
                   'occurred_from', extract(epoch FROM b.occurred_from)::bigint,
                   'occurred_to', extract(epoch FROM b.occurred_to)::bigint,
                   'ongoing', b.ongoing,
                   'summary', jsonb_build_object('nl', b.summary_nl, 'en', b.summary_en),
                   'advice', jsonb_build_object('nl', b.advice_nl, 'en', b.advice_en),
                   'measures', jsonb_build_object('nl', b.measures_nl, 'en', b.measures_en),
                   'consequences', (SELECT jsonb_build_object(
                                               'nl', coalesce(jsonb_agg(c.label_nl ORDER BY c.list, c.position), '[]'),
                                               'en', coalesce(jsonb_agg(c.label_en ORDER BY c.list, c.position), '[]'))
                                      FROM waarborg.code AS c
                                     WHERE (c.list = 'consequences' AND c.code = ANY (b.consequences))
                                        OR (c.list = 'harm' AND c.code = ANY (b.harm))),
                   'measures_registered', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                                                      'status', m.status, 'description', m.description)
                                                      ORDER BY m.status DESC, m.id), '[]')
                                             FROM waarborg.measure AS m WHERE m.breach_id = b.id),
                   'contact', jsonb_build_object('name', b.contact_name, 'phone', b.contact_phone,
                                                 'email', b.contact_email),
                   'policies', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                                           'policy', p.policy, 'key_columns', p.key_columns,
                                           'customers', p.n) ORDER BY p.policy, p.key_columns), '[]')
                                  FROM (SELECT f.policy, f.key_columns, count(*) AS n
                                          FROM waarborg.affected AS f
                                         WHERE f.breach_id = b.id AND f.state IN ('to_tell', 'returned')
                                           AND f.subject_key IS NOT NULL
                                         GROUP BY f.policy, f.key_columns) AS p))
          FROM waarborg.breach AS b
          LEFT JOIN waarborg.assessment AS a ON a.id = b.assessment_id
         WHERE b.reference = $1::text);
