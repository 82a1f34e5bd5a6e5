-- What the register has about each breach: the fields that people filled in.
--
-- $1 first and $2 last day of the period, $3 as-of (dates), $4 instant of judgement (timestamptz),
-- $5 a breach, instead of those registered in the period, or NULL (text); $6 is not used.
-- Returns any number of rows, in the order of their numbers.  lacking: what is not registered of the facts,
-- the effects and the remedial action, which GDPR art. 33(5) wants documented.
WITH unused AS (SELECT $3::date, $6::interval)
SELECT b.reference,
       b.title,
       CASE WHEN b.closed_at < $4::timestamptz + interval '1 second' THEN 'closed' ELSE 'open' END AS status,
       date_trunc('second', b.registered_at) AS registered_at,
       b.registered_by,
       s.lacking,
       date_trunc('second', b.aware_at) AS aware_at,
       CASE WHEN b.first_aware_at <> b.aware_at THEN date_trunc('second', b.first_aware_at) END AS first_aware_at,
       CASE WHEN b.first_aware_at <> b.aware_at THEN
           (SELECT string_agg(a.reason, E'\n' ORDER BY a.seq)
              FROM waarborg.audit AS a
             WHERE a.breach = b.reference AND a.object = 'breach ' || b.reference AND a.action = 'update'
               AND CASE WHEN a.new LIKE '{%' THEN a.new::jsonb ? 'aware_at' END) END AS aware_moved_because,
       date_trunc('second', b.occurred_from) AS occurred_from,
       date_trunc('second', b.occurred_to) AS occurred_to,
       CASE WHEN b.occurred_unknown THEN true END AS occurred_unknown,
       b.ongoing,
       date_trunc('second', b.discovered_at) AS discovered_at,
       b.discovered_how,
       b.what_happened,
       b.nature,
       b.incident_type,
       b.cause,
       b.organisation_part,
       b.data_ordinary,
       b.data_special,
       b.data_description,
       b.records_min,
       b.records_max,
       b.people_groups,
       b.people_description,
       b.persons_min,
       b.persons_max,
       b.protection,
       b.protection_how,
       b.consequences,
       b.harm,
       b.consequences_description,
       b.severity,
       b.delay_reason,
       b.processor_name,
       date_trunc('second', b.processor_aware_at) AS processor_aware_at,
       date_trunc('second', b.processor_informed_at) AS processor_informed_at,
       b.processor_contract_hours,
       b.other_controllers,
       b.cross_border,
       b.countries,
       b.other_authorities,
       date_trunc('second', b.authority_order_at) AS authority_order_at,
       b.authority_order,
       b.summary_nl,
       b.summary_en,
       b.advice_nl,
       b.advice_en,
       b.measures_nl,
       b.measures_en,
       b.legal_basis,
       b.reporter_name,
       b.reporter_function,
       b.reporter_phone,
       b.reporter_email,
       b.contact_name,
       b.contact_function,
       b.contact_phone,
       b.contact_email,
       date_trunc('second', b.nis2_aware_at) AS nis2_aware_at,
       date_trunc('second', b.dora_classified_at) AS dora_classified_at,
       b.remarks,
       b.version,
       CASE WHEN b.closed_at < $4::timestamptz + interval '1 second' THEN date_trunc('second', b.closed_at) END AS closed_at,
       CASE WHEN b.closed_at < $4::timestamptz + interval '1 second' THEN b.closed_because END AS closed_because
  FROM waarborg.breach AS b
  JOIN waarborg.breach_standing_at($4::timestamptz) AS s ON s.breach_id = b.id
 WHERE b.registered_at < $4::timestamptz + interval '1 second'
   AND (b.reference = $5::text
        OR $5::text IS NULL AND b.registered_at >= $1::date::timestamptz
       AND b.registered_at < ($2::date + 1)::timestamptz)
 ORDER BY b.id;
