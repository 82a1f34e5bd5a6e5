-- Holds that no policy would obey: their subject table is nobody's subject any more.
-- Holds on archived subjects are obeyed by the expiry, whatever the policies.
--
-- $1 text[]  subject tables of the configured policies, as format('%I.%I')
-- Returns any number of rows: subject_table, active holds.
SELECT h.subject_table, count(*)
  FROM waarborg.hold AS h
 WHERE h.released_at IS NULL
   AND h.subject_key IS NOT NULL
   AND NOT h.subject_table = ANY ($1::text[])
 GROUP BY h.subject_table
 ORDER BY h.subject_table;
