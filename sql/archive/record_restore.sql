-- Records a restore.
--
-- $1 text         segment id
-- $2 text         reference, 64 hexadecimal digits, or NULL for the whole segment
-- $3 bigint       subjects
-- $4 bigint       rows
-- $5 text         reason
-- $6 timestamptz  now
-- $7 text         system user
-- Returns: nothing.
INSERT INTO waarborg.restore (segment_id, reference, subjects, rows, reason, restored_at,
                              restored_by, os_user)
VALUES ($1::text, decode($2::text, 'hex'), $3::bigint, $4::bigint, $5::text, $6::timestamptz,
        session_user, $7::text);
