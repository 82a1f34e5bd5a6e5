-- What the audit log says of one breach.
--
-- $1 text     reference
-- $2 bigint   how many of the last lines at most, NULL for all
-- Returns: the oldest first: seq (bigint), recorded_at (bigint, seconds since 1970 UTC), database role,
-- system user, action, object, reason, old, new (text, the last two JSON), and the hash of the line.
SELECT l.seq, extract(epoch FROM l.recorded_at)::bigint, l.db_role, l.os_user, l.action, l.object,
       l.reason, l.old, l.new, l.sha256
  FROM (SELECT * FROM waarborg.audit AS a
         WHERE a.breach = $1::text
         ORDER BY a.seq DESC LIMIT $2::bigint) AS l
 ORDER BY l.seq;
