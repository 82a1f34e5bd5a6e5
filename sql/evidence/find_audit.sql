-- One line of the audit log.
--
-- $1 bigint  its number
-- Returns at most one row: its SHA-256 in hexadecimal.
SELECT a.sha256 FROM waarborg.audit AS a WHERE a.seq = $1::bigint;
