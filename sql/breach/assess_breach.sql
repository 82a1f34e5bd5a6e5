-- Records what people decided about a breach.
--
-- $1 text   reference
-- $2 jsonb  the assessment (waarborg.breach_assess)
-- Returns: one row, the number of the assessment (bigint).
SELECT waarborg.breach_assess($1::text, $2::jsonb);
