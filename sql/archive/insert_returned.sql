-- Notes the subjects of a segment that the ledger was told again: they may be in the database.
--
-- $1 text         segment
-- $2 text         policy
-- $3 text         subject table, schema.table as format(%I.%I)
-- $4 text[]       columns of the subject key
-- $5 text[]       references, hexadecimal
-- $6 text[]       rule of each
-- $7 date[]       due date of each
-- $8 timestamptz  now
-- Returns: nothing.  Who was disposed of more than once counts by the last time.
INSERT INTO waarborg.returned AS r (reference, segment_id, policy, subject_table, key_columns, rule,
                                    due_on, wanted, noted_at)
SELECT decode(d.reference, 'hex'), $1::text, $2::text, $3::text, $4::text[], d.rule, d.due_on,
       'erased', $8::timestamptz
  FROM unnest($5::text[], $6::text[], $7::date[]) AS d (reference, rule, due_on)
    ON CONFLICT (reference) DO UPDATE
   SET segment_id = EXCLUDED.segment_id, policy = EXCLUDED.policy,
       subject_table = EXCLUDED.subject_table, key_columns = EXCLUDED.key_columns,
       rule = EXCLUDED.rule, due_on = EXCLUDED.due_on, wanted = 'erased',
       noted_at = EXCLUDED.noted_at, looked_at = NULL, settled_at = NULL, outcome = NULL;
