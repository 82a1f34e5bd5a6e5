-- Records that somebody approved this policy on this schema.
--
-- $1 policy, $2 fingerprint, $3 definition, $4 now (timestamptz), $5 operating system user
-- Returns one row: number of the approval.
INSERT INTO waarborg.approval (policy, fingerprint, definition, approved_at, approved_by, os_user)
VALUES ($1::text, $2::text, $3::text, $4::timestamptz, session_user, $5::text)
RETURNING id;
