-- What the mail of a claimed reminder says, or why it need not be sent any more.
--
-- $1 bigint  its number, locked by take_reminder.sql
-- Returns: one row: reference, title, clock, source, step (text), due_at (bigint, seconds since 1970
-- UTC), decided (boolean: the risk was assessed), fingerprint and thread (16 hexadecimal digits each),
-- drop_because (text, NULL: it has to be sent).
--
-- The fingerprint is of the row and of the database it stands in, and of nothing else: a mail that is
-- sent once more after a crash has the same one, and another database never has it.  The thread is the
-- same for all reminders of a breach.
-- A statement of its own, after the lock: it sees what was committed while we waited for it.
SELECT c.reference, c.title, r.clock, c.source, r.step, floor(extract(epoch FROM r.due_at))::bigint, c.decided,
       left(encode(sha256(convert_to(concat_ws('|', d.name, r.id, r.step, extract(epoch FROM r.due_at),
                                               extract(epoch FROM r.claimed_at)), 'UTF8')), 'hex'), 16),
       left(encode(sha256(convert_to(concat_ws('|', d.name, r.breach_id), 'UTF8')), 'hex'), 16),
       CASE WHEN c.closed_at IS NOT NULL THEN 'closed'
            WHEN c.met_at IS NOT NULL THEN 'met'
            WHEN NOT c.needed THEN 'not_needed'
            WHEN c.due_at IS DISTINCT FROM r.due_at THEN 'moved'
            WHEN EXISTS (SELECT 1 FROM waarborg.reminder AS l
                          WHERE l.breach_id = r.breach_id AND l.clock = r.clock AND l.due_at = r.due_at
                            AND l.id > r.id AND l.covered_by IS NULL) THEN 'overtaken' END
  FROM waarborg.reminder AS r
  -- By a value, not by a join: the view then looks at the notifications of this breach alone.
  JOIN waarborg.breach_clock_state AS c
    ON c.breach_id = (SELECT m.breach_id FROM waarborg.reminder AS m WHERE m.id = $1::bigint)
   AND c.clock = r.clock
 CROSS JOIN (SELECT s.system_identifier || ' ' || current_database() AS name FROM pg_control_system() AS s) AS d
 WHERE r.id = $1::bigint;
