-- Everything that the draft of a notification to the AP is made of.
--
-- $1 text    the reference of the breach
-- $2 bigint  when it is, or will have been, sent: seconds since 1970
-- $3 text    language, nl or en
-- $4 jsonb   answers that the configuration gives: organisation_name, organisation_registration,
--            dpo_name, dpo_phone, dpo_email
-- $5 text    the reasons for a delay that are given with it, or null: those of the register
-- Returns: one row, one jsonb; null when there is no such breach.  Otherwise breach, form, version,
-- needed (false: decided that the AP need not be notified), late, due_at, sent_at and so on, and
--   answers    by the name of their source; instants in seconds since 1970
--   questions  of the version of the form that is valid then, in its order, labels in the language
--   codes      list -> [{code, label, ap_code}] in the order of the list
--
-- Every column of the breach is an answer, so that a new form can ask for it without a new program.
WITH b AS (
    SELECT * FROM waarborg.breach WHERE reference = $1::text
), a AS (
    SELECT x.* FROM waarborg.assessment AS x JOIN b ON b.assessment_id = x.id
), clock AS (
    SELECT c.clock, c.due_at, c.met_at, c.needed FROM waarborg.breach_clock_state AS c JOIN b ON b.id = c.breach_id
), notice AS (
    SELECT n.* FROM b
      JOIN waarborg.notification_breach AS nb ON nb.breach_id = b.id
      JOIN waarborg.notification AS n ON n.id = nb.notification_id
     WHERE n.recipient = 'ap'
), last_notice AS (
    SELECT * FROM notice ORDER BY sent_at DESC, id DESC LIMIT 1
), told AS (
    -- By channel first: there may be a million of them.
    SELECT sum(t.n)::bigint AS number, min(t.first) AS first,
           array_agg(DISTINCT CASE WHEN t.channel = 'mail' THEN 'e-mail'
                                   WHEN t.channel <> 'file' THEN t.channel
                                   WHEN $3::text = 'nl' THEN 'brief' ELSE 'letter' END) AS channels
      FROM (SELECT f.channel, count(*) AS n, min(f.told_at) AS first
              FROM waarborg.affected AS f JOIN b ON b.id = f.breach_id
             WHERE f.told_at IS NOT NULL AND f.state <> 'returned' AND f.channel IS NOT NULL
             GROUP BY f.channel) AS t
), informed AS (
    SELECT told.number, told.channels, least(told.first, s.sent_at) AS first,
           CASE WHEN told.number > 0 OR s.sent_at IS NOT NULL THEN 'YES'
                WHEN a.notify_customers THEN 'PLANNED'
                WHEN NOT a.notify_customers THEN 'NO'
                ELSE 'UNKNOWN' END AS code,
           (SELECT sum(c.n)::bigint FROM waarborg.affected_count AS c
             WHERE c.breach_id = b.id AND c.state IN ('to_tell', 'returned')) AS number_left
      FROM b CROSS JOIN told LEFT JOIN a ON true
     CROSS JOIN LATERAL (SELECT waarborg.first_sent(b.id, 'customers', '{initial,follow_up,final}')) AS s (sent_at)
), columns AS (
    SELECT jsonb_object_agg(j.key, CASE WHEN t.attname IS NULL OR j.value = 'null' THEN j.value
               ELSE to_jsonb(extract(epoch FROM (j.value #>> '{}')::timestamptz)::bigint) END) AS answers
      FROM b CROSS JOIN LATERAL jsonb_each(to_jsonb(b)) AS j
      LEFT JOIN pg_attribute AS t ON t.attrelid = 'waarborg.breach'::regclass AND t.attname = j.key
                                 AND t.atttypid = 'timestamptz'::regtype
), contact AS (
    -- The four of a person belong together: what is registered, or the officer of the
    -- configuration, or else whoever reports.
    SELECT coalesce(b.contact_name, d.name, b.reporter_name) AS name,
           coalesce(b.contact_function, CASE WHEN b.contact_name IS NOT NULL THEN NULL
               WHEN d.name IS NULL THEN b.reporter_function
               WHEN $3::text = 'nl' THEN 'functionaris gegevensbescherming'
               ELSE 'data protection officer' END) AS function,
           coalesce(b.contact_phone, CASE WHEN b.contact_name IS NOT NULL THEN NULL
               WHEN d.name IS NULL THEN b.reporter_phone ELSE d.phone END) AS phone,
           coalesce(b.contact_email, CASE WHEN b.contact_name IS NOT NULL THEN NULL
               WHEN d.name IS NULL THEN b.reporter_email ELSE d.email END) AS email
      FROM b CROSS JOIN (SELECT $4::jsonb ->> 'dpo_name' AS name, $4::jsonb ->> 'dpo_phone' AS phone,
                                $4::jsonb ->> 'dpo_email' AS email) AS d
), measures AS (
    SELECT jsonb_agg(m.item ORDER BY m.position, m.id) FILTER (WHERE m.status = 'taken') AS taken,
           jsonb_agg(m.item ORDER BY m.position, m.id) FILTER (WHERE m.status = 'proposed') AS proposed
      FROM (SELECT x.id, x.status, c.position, jsonb_build_object('type', x.type, 'description', x.description,
                       'at', extract(epoch FROM x.at)::bigint) AS item
              FROM b JOIN waarborg.measure AS x ON x.breach_id = b.id
              LEFT JOIN waarborg.code AS c ON c.list = 'measure_type' AND c.code = x.type) AS m
), attachments AS (
    SELECT jsonb_agg(jsonb_build_object('name', regexp_replace(t.path, '^.*/(?=.)', ''), 'sha256', t.sha256,
                                        'bytes', t.bytes) ORDER BY t.id) AS items
      FROM b JOIN waarborg.attachment AS t ON t.breach_id = b.id
), ap AS (
    SELECT clock.due_at, clock.met_at, clock.needed,
           coalesce(clock.needed AND coalesce(clock.met_at, to_timestamp($2::bigint)) > clock.due_at, false) AS late
      FROM clock WHERE clock.clock = 'ap'
), form AS (
    SELECT q.version FROM waarborg.form_question AS q
     WHERE q.form = 'ap' AND q.valid_from <= to_timestamp($2::bigint)
     ORDER BY q.valid_from DESC, q.version DESC LIMIT 1
), questions AS (
    SELECT jsonb_agg(jsonb_build_object('code', q.code, 'kind', q.kind, 'source', q.source,
               'code_list', q.code_list, 'code_prefix', q.code_prefix, 'mandatory', q.mandatory,
               'section', q.section, 'mend', replace(q.mend, '{breach}', $1::text),
               'label', CASE $3::text WHEN 'nl' THEN q.label_nl ELSE q.label_en END,
               'section_label', CASE $3::text WHEN 'nl' THEN q.section_nl ELSE q.section_en END,
               'note', CASE $3::text WHEN 'nl' THEN q.note_nl ELSE q.note_en END) ORDER BY q.position) AS items
      FROM form JOIN waarborg.form_question AS q ON q.form = 'ap' AND q.version = form.version
), codes AS (
    SELECT jsonb_object_agg(l.list, l.items) AS lists
      FROM (SELECT c.list, jsonb_agg(jsonb_build_object('code', c.code, 'ap_code', c.ap_code,
                       'label', CASE $3::text WHEN 'nl' THEN c.label_nl ELSE c.label_en END)
                       ORDER BY c.position, c.code) AS items
              FROM waarborg.code AS c GROUP BY c.list) AS l
)
SELECT (SELECT jsonb_build_object(
    'breach', b.reference, 'title', b.title, 'form', 'ap', 'version', form.version,
    'aware_at', extract(epoch FROM b.aware_at)::bigint,
    'first_aware_at', extract(epoch FROM b.first_aware_at)::bigint,
    'closed_at', extract(epoch FROM b.closed_at)::bigint,
    'due_at', extract(epoch FROM ap.due_at)::bigint, 'sent_at', extract(epoch FROM ap.met_at)::bigint,
    'needed', coalesce(ap.needed, true), 'late', coalesce(ap.late, false),
    'questions', questions.items, 'codes', codes.lists,
    'answers', columns.answers || jsonb_build_object(
        'late', ap.late,
        'notice_kind', CASE WHEN n.id IS NULL THEN 'NEW' WHEN n.kind = 'withdrawal' THEN 'WITHDRAWAL'
                            ELSE 'ADDITION' END,
        'earlier_notice', n.id IS NOT NULL,
        'earlier_number', (SELECT x.number FROM notice AS x WHERE x.number IS NOT NULL
                            ORDER BY x.sent_at DESC, x.id DESC LIMIT 1),
        'withdrawal_reason', CASE WHEN n.kind = 'withdrawal' THEN n.reason END,
        'completeness', CASE WHEN n.complete OR n.kind = 'withdrawal' THEN 'COMPLETE' END,
        'organisation_name', $4::jsonb -> 'organisation_name',
        'organisation_registration', $4::jsonb -> 'organisation_registration',
        'contact_name', contact.name, 'contact_function', contact.function,
        'contact_phone', contact.phone, 'contact_email', contact.email,
        'others_involved', b.processor_name IS NOT NULL OR b.other_controllers IS NOT NULL,
        'delay_reason', coalesce($5::text, b.delay_reason, (SELECT x.delay_reason FROM notice AS x
                                                             WHERE x.delay_reason IS NOT NULL
                                                             ORDER BY x.sent_at, x.id LIMIT 1)))
      || jsonb_build_object(
        'people_informed', informed.code,
        'informed_number', CASE WHEN informed.code = 'YES' THEN informed.number END,
        'informed_left', informed.number_left,
        'informed_first', extract(epoch FROM informed.first)::bigint,
        'informed_channel', informed.channels,
        'informed_planned', CASE WHEN informed.code = 'PLANNED' OR informed.number_left > 0 THEN
            (SELECT extract(epoch FROM clock.due_at)::bigint FROM clock WHERE clock.clock = 'customers') END,
        'summary', CASE $3::text WHEN 'nl' THEN coalesce(b.summary_nl, b.summary_en)
                                 ELSE coalesce(b.summary_en, b.summary_nl) END,
        'advice', CASE $3::text WHEN 'nl' THEN coalesce(b.advice_nl, b.advice_en)
                                ELSE coalesce(b.advice_en, b.advice_nl) END,
        'not_informed', CASE WHEN informed.code <> 'NO' THEN NULL
            WHEN a.exempt_ground IS NULL AND a.risk <> 'high' THEN 'NO_HIGH_RISK'
            ELSE CASE a.exempt_ground WHEN 'A' THEN 'UNINTELLIGIBLE' WHEN 'B' THEN 'MEASURES_TAKEN'
                                      WHEN 'C' THEN 'DISPROPORTIONATE' ELSE 'OTHER' END END,
        'not_informed_explanation', CASE WHEN informed.code = 'NO'
                                         THEN coalesce(a.customers_because, a.because) END,
        'public_where', a.public_where, 'public_at', extract(epoch FROM a.public_at)::bigint,
        'measures_taken', measures.taken, 'measures_proposed', measures.proposed,
        'attachments', attachments.items))
  FROM b CROSS JOIN informed CROSS JOIN columns CROSS JOIN contact CROSS JOIN measures
 CROSS JOIN attachments CROSS JOIN questions CROSS JOIN codes
  LEFT JOIN form ON true LEFT JOIN ap ON true LEFT JOIN a ON true LEFT JOIN last_notice AS n ON true);
