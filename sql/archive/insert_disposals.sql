-- Writes the disposal records of a batch.
--
-- $1 text      segment
-- $2 text      policy
-- $3 text[]    references, hexadecimal
-- $4 text[]    rule of each
-- $5 date[]    due date of each
INSERT INTO waarborg.disposal (segment_id, reference, policy, rule, due_on)
SELECT $1::text, decode(d.reference, 'hex'), $2::text, d.rule, d.due_on
  FROM unnest($3::text[], $4::text[], $5::date[]) AS d (reference, rule, due_on);
