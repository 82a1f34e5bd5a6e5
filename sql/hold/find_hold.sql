-- When was this hold released?
--
-- $1 bigint  id
-- Returns: at most one row: released_at text, ISO 8601 with its offset, NULL while it is active.
SELECT to_char(h.released_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')
  FROM waarborg.hold AS h
 WHERE h.id = $1::bigint;
