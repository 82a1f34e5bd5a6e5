-- Holds on this table that somebody should have looked at again.
--
-- $1 text  subject schema
-- $2 text  subject table
-- $3 date  as-of date
-- Returns one row: their number.
SELECT count(*)
  FROM waarborg.hold AS h
 WHERE h.released_at IS NULL
   AND h.subject_table = format('%I.%I', $1::text, $2::text)
   AND h.review_on <= $3::date;
