-- What must be done, or reasoned away, before a breach may be closed.
--
-- $1 text         reference of the breach
-- $2 timestamptz  now
-- Returns: duty, sentence (text); has_affected: customers are registered with it, so that they are told
-- one by one; is_late: the limit of this duty's clock has passed; has_left: some of them still have to be
-- told (boolean).
--
-- The number of the breach is looked up first: see show_clocks.sql.
SELECT d.duty, d.sentence,
       EXISTS (SELECT 1 FROM waarborg.affected_count AS n WHERE n.breach_id = d.breach_id AND n.n > 0),
       EXISTS (SELECT 1 FROM waarborg.breach_clock_state AS c
                WHERE c.breach_id = (SELECT b.id FROM waarborg.breach AS b WHERE b.reference = $1::text)
                  AND c.clock = d.duty AND c.due_at < $2::timestamptz),
       EXISTS (SELECT 1 FROM waarborg.affected_count AS n
                WHERE n.breach_id = d.breach_id AND n.n > 0 AND n.state IN ('to_tell', 'returned'))
  FROM waarborg.breach_duty AS d
 WHERE d.breach_id = (SELECT b.id FROM waarborg.breach AS b WHERE b.reference = $1::text)
 ORDER BY array_position(ARRAY['assess', 'ap', 'follow_up', 'customers', 'nis2_warning',
                               'nis2_notification', 'nis2_final', 'dora_initial', 'dora_intermediate',
                               'dora_final', 'effects', 'measures'], d.duty), d.duty;
