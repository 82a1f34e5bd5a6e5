-- What must be done, or reasoned away, before a breach may be closed.
--
-- $1 text  reference of the breach
-- Returns: duty, sentence (text); has_affected (boolean): customers are registered with it, so that they
-- are told one by one.
SELECT d.duty, d.sentence,
       EXISTS (SELECT 1 FROM waarborg.affected_count AS n WHERE n.breach_id = b.id AND n.n > 0)
  FROM waarborg.breach AS b
  JOIN waarborg.breach_duty AS d ON d.breach_id = b.id
 WHERE b.reference = $1::text
 ORDER BY array_position(ARRAY['assess', 'ap', 'follow_up', 'customers', 'nis2_warning',
                               'nis2_notification', 'nis2_final', 'dora_initial', 'dora_intermediate',
                               'dora_final', 'effects', 'measures'], d.duty), d.duty;
