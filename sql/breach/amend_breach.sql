-- Changes fields of a breach.
--
-- $1 text     reference
-- $2 integer  the version the officer read
-- $3 jsonb    the fields that change, instants as ISO 8601; null takes a value away
-- $4 text     reason
-- Returns: one row: the new version.
SELECT waarborg.breach_amend($1::text, $2::integer, $3::jsonb, $4::text);
