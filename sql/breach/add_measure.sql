-- Adds a measure.
--
-- $1 text   reference
-- $2 jsonb  {"type", "status", "description", "at"}, at as ISO 8601 or null
-- Returns: one row: its number.
SELECT waarborg.breach_measure_add($1::text, $2::jsonb);
