-- Every time one subject was put back, alone or with its whole segment.
--
-- $1 text  reference, 64 hexadecimal digits
-- Returns any number of rows, oldest first: segment id, the whole segment (boolean), restored_at (ISO
-- 8601 text with its offset), the same in seconds UTC (bigint), restored_by (role), system user,
-- reason.
SELECT r.segment_id, r.reference IS NULL,
       to_char(r.restored_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'),
       extract(epoch FROM r.restored_at)::bigint, r.restored_by, r.os_user, r.reason
  FROM waarborg.disposal AS d
  JOIN waarborg.restore AS r ON r.segment_id = d.segment_id
                            AND (r.reference IS NULL OR r.reference = d.reference)
 WHERE d.reference = decode($1::text, 'hex')
 ORDER BY r.id;
