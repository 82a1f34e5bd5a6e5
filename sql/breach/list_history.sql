-- What the audit log says of one breach.
--
-- $1 text     reference
-- $2 bigint   how many of the last lines at most, NULL for all
-- Returns: the oldest first: a line as jsonb: seq, at (the server's clock, seconds since 1970 UTC),
-- db_role, os_user, action, object, reason, old, new (what changed), sha256.
--
-- old and new are JSON that the register wrote; a line whose text is none is shown as text.  Unless all
-- are wanted, lines that say what another line says are left out: the clocks that a registration starts,
-- the pointer to a new assessment, and reminders that a later one covers.
SELECT jsonb_build_object(
           'seq', l.seq, 'at', extract(epoch FROM l.recorded_at)::bigint, 'db_role', l.db_role,
           'os_user', l.os_user, 'action', l.action, 'object', l.object, 'reason', l.reason,
           'old', CASE WHEN l.old LIKE '{%}' THEN l.old::jsonb ELSE to_jsonb(l.old) END,
           'new', CASE WHEN l.new LIKE '{%}' THEN l.new::jsonb ELSE to_jsonb(l.new) END,
           'sha256', l.sha256)
  FROM (SELECT * FROM waarborg.audit AS a
         WHERE a.breach = $1::text
           AND ($2::bigint IS NULL OR NOT (a.object LIKE 'breach\_clock %'
                                           OR coalesce(a.new, '') LIKE '{"assessment\_id": %}'
                                           OR a.object LIKE 'reminder %' AND coalesce(a.new, '') LIKE '%"covered\_by": "%'))
         ORDER BY a.seq DESC LIMIT $2::bigint) AS l
 ORDER BY l.seq;
