-- Every write to one breach and to what belongs to it, from the audit log: a row for each field that
-- changed; one row for what was added as a whole.
--
-- $4 instant of judgement (timestamptz), $5 reference of the breach (text); $1 to $3 and $6 are not used.
-- Returns any number of rows, in the order of the log.
--
-- Left out are columns that only count along, and the clocks and reminders, which have sections of their
-- own.  The log holds instants as text in the zone of whoever wrote; which columns are instants the
-- catalogue knows.
WITH unused AS (SELECT $1::date, $2::date, $3::date, $6::interval)
SELECT l.seq,
       date_trunc('second', coalesce(l.at, l.recorded_at)) AS at,
       date_trunc('second', l.recorded_at) AS recorded_at,
       concat_ws(', ', l.os_user, 'role ' || l.db_role) AS by,
       l.action || '_' || split_part(l.object, ' ', 1) AS event,
       v.field,
       v.was AS old,
       v.is_now AS new,
       l.reason
  FROM waarborg.audit AS l
  LEFT JOIN LATERAL (
      SELECT e.field, e.place, shown.was, shown.is_now
        FROM (SELECT n.key AS field, n.ordinality AS place, o.value AS was, n.value AS is_now,
                     c.atttypid = 'timestamptz'::regtype AS instant
                FROM jsonb_each(CASE WHEN l.new LIKE '{%' THEN l.new::jsonb ELSE '{}' END)
                         WITH ORDINALITY AS n (key, value, ordinality)
                LEFT JOIN jsonb_each(CASE WHEN l.old LIKE '{%' THEN l.old::jsonb ELSE '{}' END) AS o
                       ON o.key = n.key
                LEFT JOIN pg_attribute AS c ON c.attname = n.key AND c.attnum > 0
                      AND c.attrelid = (SELECT t.oid FROM pg_class AS t
                                         WHERE t.relnamespace = 'waarborg'::regnamespace
                                           AND t.relname = split_part(l.object, ' ', 1))) AS e
       CROSS JOIN LATERAL (
           SELECT max(s.value) FILTER (WHERE s.side = 'was') AS was,
                  max(s.value) FILTER (WHERE s.side = 'is_now') AS is_now
             FROM (SELECT p.side,
                          CASE WHEN p.value IS NULL OR p.value = 'null' THEN NULL
                               WHEN e.instant THEN to_json(date_trunc('second', (p.value #>> '{}')::timestamptz)) #>> '{}'
                               WHEN jsonb_typeof(p.value) = 'array'
                               THEN (SELECT string_agg(i.word, ', ' ORDER BY i.n)
                                       FROM jsonb_array_elements_text(p.value) WITH ORDINALITY AS i (word, n))
                               ELSE p.value #>> '{}' END AS value
                     FROM (VALUES ('was', e.was), ('is_now', e.is_now)) AS p (side, value)) AS s)
           AS shown
       WHERE (l.action = 'update' OR l.object IN ('affected', 'letter'))
         AND e.field <> ALL (ARRAY['version', 'assessment_id', 'first', 'last', 'sha256_of_ids'])) AS v ON true
 WHERE l.breach = $5::text
   AND coalesce(l.at, l.recorded_at) < $4::timestamptz + interval '1 second'
   AND split_part(l.object, ' ', 1) NOT IN ('breach_clock', 'reminder')
   AND (v.field IS NOT NULL OR l.action <> 'update')
 ORDER BY l.seq, v.place;
