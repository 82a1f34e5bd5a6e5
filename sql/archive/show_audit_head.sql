-- The end of the audit log.
--
-- No parameters.
-- Returns one row: number and SHA-256 (hexadecimal) of its last line; 0 and zeros when it has none.
SELECT h.seq, h.sha256 FROM waarborg.audit_head AS h;
