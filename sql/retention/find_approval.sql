-- The latest approval of a policy.
--
-- $1 text  policy
-- Returns at most one row: fingerprint, definition, approved_at (ISO 8601, UTC), approved_by, own
-- boolean: we approved it ourselves, in a database where the roles are in force.
SELECT a.fingerprint, a.definition,
       to_char(a.approved_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), a.approved_by,
       a.approved_by = session_user AND EXISTS (SELECT 1 FROM waarborg.roles_in_force)
  FROM waarborg.approval AS a
 WHERE a.policy = $1::text
 ORDER BY a.id DESC
 LIMIT 1;
