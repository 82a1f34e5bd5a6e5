-- The clocks of one breach.
--
-- $1 text  reference of the breach
-- Returns: a row for each clock, in the order in which people read them: breach_id, reference, title,
-- clock, regime, source (text), own_target, decided, closed, needed (boolean), start_at, due_at, met_at
-- (bigint, seconds since 1970 UTC, NULL when there is none).
--
-- The number of the breach is looked up first: a constant reaches the groups inside the view, a join
-- would not, and all notifications would be read.
-- Rounded down, as the program's clock is: what has happened must not lie ahead of it.
SELECT c.breach_id, c.reference, c.title, c.clock, c.regime, c.source, c.own_target, c.decided,
       c.closed_at IS NOT NULL, c.needed, floor(extract(epoch FROM c.start_at))::bigint,
       floor(extract(epoch FROM c.due_at))::bigint, floor(extract(epoch FROM c.met_at))::bigint
  FROM waarborg.breach_clock_state AS c
 WHERE c.breach_id = (SELECT b.id FROM waarborg.breach AS b WHERE b.reference = $1::text)
 ORDER BY array_position(ARRAY['ap', 'customers', 'follow_up', 'processor', 'nis2_warning',
                               'nis2_notification', 'nis2_final', 'dora_initial', 'dora_intermediate',
                               'dora_final'], c.clock), c.clock;
