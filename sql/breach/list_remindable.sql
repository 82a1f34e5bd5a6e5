-- The clocks of which a reminder may have to be sent, each with the last one that was claimed.
--
-- $1 timestamptz  limits up to here: an earlier step than this does not exist
-- Returns: breach_id, reference, clock, due_at (timestamptz, to the microsecond: part of a key),
-- due_at (bigint, seconds since 1970 UTC), step (the last that was claimed for this limit, NULL: none).
--
-- A step covers those before it, and a later claim has the higher number: the last row says all.
SELECT c.breach_id, c.reference, c.clock, c.due_at, floor(date_part('epoch', c.due_at))::bigint, r.step
  FROM waarborg.breach_clock_state AS c
  LEFT JOIN LATERAL (SELECT m.step
                       FROM waarborg.reminder AS m
                      WHERE m.breach_id = c.breach_id AND m.clock = c.clock AND m.due_at = c.due_at
                        AND m.covered_by IS NULL
                      ORDER BY m.id DESC LIMIT 1) AS r ON true
 WHERE c.closed_at IS NULL AND c.needed AND c.start_at IS NOT NULL AND c.met_at IS NULL
   AND c.due_at <= $1::timestamptz
 ORDER BY c.due_at, c.reference, c.clock;
