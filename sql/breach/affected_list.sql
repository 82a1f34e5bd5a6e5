-- Everybody whom a breach affects, in the order in which they were added.
--
-- $1 text  reference of the breach
-- Returns any number of rows: state, subject table, key (the text of an array) or NULL, reference (64
-- hexadecimal digits) or NULL, told at (seconds UTC) or NULL, channel, why exempt.
SELECT f.state, f.subject_table, f.subject_key::text, encode(f.reference, 'hex'),
       extract(epoch FROM f.told_at)::bigint, f.channel, f.exempt_because
  FROM waarborg.affected AS f
  JOIN waarborg.breach AS b ON b.id = f.breach_id
 WHERE b.reference = $1::text
 ORDER BY f.id;
