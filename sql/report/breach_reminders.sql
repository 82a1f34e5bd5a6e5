-- The reminders of the clocks of one breach that were sent.
--
-- $4 instant of judgement (timestamptz), $5 reference of the breach (text); $1 to $3 and $6 are not used.
-- Returns any number of rows.
WITH unused AS (SELECT $1::date, $2::date, $3::date, $6::interval)
SELECT date_trunc('second', r.sent_at) AS sent_at,
       r.clock,
       r.step,
       date_trunc('second', r.due_at) AS due_at
  FROM waarborg.reminder AS r
 WHERE r.breach_id = (SELECT b.id FROM waarborg.breach AS b WHERE b.reference = $5::text)
   AND r.sent_at < $4::timestamptz + interval '1 second'
 ORDER BY r.sent_at, r.id;
