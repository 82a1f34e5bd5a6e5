-- Ends an active hold.
--
-- $1 bigint       id
-- $2 timestamptz  now
-- $3 text         system user
-- $4 text         reason
-- Returns: the hold's subject_table text, kind text, and reference text, 64 hexadecimal digits, NULL
-- unless it is on an archived subject; no row when no active hold has this id.
UPDATE waarborg.hold AS h
   SET released_at = $2::timestamptz,
       released_by = session_user || ' (system user ' || $3::text || ')',
       release_reason = $4::text
 WHERE h.id = $1::bigint
   AND h.released_at IS NULL
RETURNING h.subject_table, h.kind, encode(h.reference, 'hex');
