-- Who changed the fields of a breach since somebody read it, and how.
--
-- $1 text     reference
-- $2 integer  the version they read
-- Returns: one row, jsonb: [{"at", "who", "reason", "old": {column: value}, "new": {column: value}}, ...],
-- the oldest first; instants as seconds since 1970 UTC.  A column that had no value is not in "old".
--
-- The audit log holds instants as text; which columns are instants the catalogue knows.
SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'at', extract(epoch FROM coalesce(a.at, a.recorded_at))::bigint,
                    'who', concat_ws(', ', a.os_user, 'database role ' || a.db_role),
                    'reason', a.reason, 'old', v.was, 'new', v.is_now) ORDER BY a.seq), '[]')
  FROM waarborg.audit AS a
 CROSS JOIN LATERAL (
     SELECT jsonb_object_agg(n.key, n.value) FILTER (WHERE n.side = 'old') AS was,
            jsonb_object_agg(n.key, n.value) FILTER (WHERE n.side = 'new') AS is_now
       FROM (SELECT s.side, e.key,
                    CASE WHEN c.atttypid = 'timestamptz'::regtype AND jsonb_typeof(e.value) = 'string'
                         THEN to_jsonb(extract(epoch FROM (e.value #>> '{}')::timestamptz)::bigint)
                         ELSE e.value END AS value
               FROM (VALUES ('old', a.old::jsonb), ('new', a.new::jsonb)) AS s (side, fields)
              CROSS JOIN jsonb_each(s.fields) AS e
               JOIN pg_attribute AS c ON c.attrelid = 'waarborg.breach'::regclass AND c.attname = e.key
              WHERE e.key <> 'version') AS n) AS v
 WHERE a.breach = $1::text AND a.object = 'breach ' || $1::text AND a.action = 'update'
   AND (a.old::jsonb ->> 'version')::integer >= $2::integer;
