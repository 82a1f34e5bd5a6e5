-- The clocks that go: of open breaches, started, needed and not met.
--
-- No parameters.
-- Returns: as show_clocks.sql, the nearest limit first, those without a limit last.
-- Rounded down, as the program's clock is: what has happened must not lie ahead of it.
SELECT c.breach_id, c.reference, c.title, c.clock, c.regime, c.source, c.own_target, c.decided,
       c.closed_at IS NOT NULL, c.needed, floor(date_part('epoch', c.start_at))::bigint,
       floor(date_part('epoch', c.due_at))::bigint, floor(date_part('epoch', c.met_at))::bigint
  FROM waarborg.breach_clock_state AS c
 WHERE c.closed_at IS NULL AND c.needed AND c.start_at IS NOT NULL AND c.met_at IS NULL
 ORDER BY c.due_at, c.reference, c.clock;
