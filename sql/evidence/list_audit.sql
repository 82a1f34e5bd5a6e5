-- The lines of the audit log behind one of them, as its digests are taken of them.
--
-- $1 bigint   number of the last line that was read, 0 = from the first
-- $2 integer  at most so many
-- Returns any number of rows in order: seq, previous, sha256, then the fields of the digest in their
-- order (waarborg.audit_bytes): recorded_at, at, db_role, os_user, action, object, breach, reason,
-- old, new; instants as text in UTC, so that the bytes are those of the digest.
SELECT a.seq, a.previous, a.sha256, waarborg.audit_instant(a.recorded_at), waarborg.audit_instant(a.at),
       a.db_role, a.os_user, a.action, a.object, a.breach, a.reason, a.old, a.new
  FROM waarborg.audit AS a
 WHERE a.seq > $1::bigint
 ORDER BY a.seq
 LIMIT $2::integer;
