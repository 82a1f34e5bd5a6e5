-- Who may be back in the database, and is not seen to yet.
--
-- $1 text  policy
-- $2 text  schema of its subject table, as in the catalogue
-- $3 text  subject table, the same
-- Returns any number of rows, ordered by reference: reference (64 hexadecimal digits), rule, due_on,
-- wanted ('erased' or 'held'), subject_table and key_columns at the time of the disposal, whether
-- that is the table of today (boolean), the last segment that has the subject.
SELECT encode(r.reference, 'hex'), r.rule, r.due_on, r.wanted, r.subject_table, r.key_columns,
       r.subject_table = format('%I.%I', $2::text, $3::text), r.segment_id
  FROM waarborg.returned AS r
 WHERE r.policy = $1::text
   AND r.settled_at IS NULL
 ORDER BY encode(r.reference, 'hex') COLLATE "C";
