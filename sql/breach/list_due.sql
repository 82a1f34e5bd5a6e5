-- What `breach due` shows of the open breaches: the clocks that go, those with a limit that were met,
-- and the customers of a breach that nobody has assessed.
--
-- No parameters.
-- Returns: as show_clocks.sql, the nearest limit first, those without a limit last.
-- Rounded down, as the program's clock is: what has happened must not lie ahead of it.
SELECT c.breach_id, c.reference, c.title, c.clock, c.regime, c.source, c.own_target, c.decided,
       false, c.needed, floor(date_part('epoch', c.start_at))::bigint,
       floor(date_part('epoch', c.due_at))::bigint, floor(date_part('epoch', c.met_at))::bigint
  FROM waarborg.breach_clock_state AS c
 WHERE c.closed_at IS NULL
   AND CASE WHEN c.met_at IS NOT NULL THEN c.due_at IS NOT NULL
            WHEN c.clock = 'customers' AND NOT c.decided THEN true
            ELSE c.needed AND c.start_at IS NOT NULL END
 ORDER BY c.due_at, c.reference, c.clock;
