-- Adds an attachment: where it is, and by which digest it is known again.
--
-- $1 text    reference
-- $2 text    absolute path
-- $3 text    SHA-256, hexadecimal
-- $4 bigint  its size in bytes
-- Returns: one row: its number.
SELECT waarborg.breach_attachment_add($1::text, $2::text, $3::text, $4::bigint);
