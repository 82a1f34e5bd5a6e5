-- The last approval of each policy.
--
-- $1 timestamptz  instant of judgement
-- Returns any number of rows: policy, fingerprint, definition, approved_at (ISO 8601 with its offset),
-- approved_by, os_user.  Policies that were never approved by then are among them, with NULLs.
SELECT p.name, a.fingerprint, a.definition, to_char(a.approved_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'),
       a.approved_by, a.os_user
  FROM waarborg.policy AS p
  LEFT JOIN LATERAL (
       SELECT a.*
         FROM waarborg.approval AS a
        WHERE a.policy = p.name
          AND a.approved_at < $1::timestamptz + interval '1 second'
        ORDER BY a.id DESC
        LIMIT 1) AS a ON true
 ORDER BY p.name;
