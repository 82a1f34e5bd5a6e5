-- Which breach is this row?  A number is never given twice, also when a transaction was rolled back;
-- the instant tells a database that was restored to an earlier point.
--
-- $1 bigint  its number (waarborg.breach.id), NULL: look for the reference
-- $2 bigint  when it was registered, seconds since 1970 UTC; NULL: whenever
-- $3 text    reference, or NULL
-- Returns: at most one row: number, reference.
SELECT b.id, b.reference
  FROM waarborg.breach AS b
 WHERE (b.id = $1::bigint OR $1 IS NULL)
   AND (b.registered_at = to_timestamp($2::bigint) OR $2 IS NULL)
   AND (b.reference = $3::text OR $3 IS NULL);
