-- Is there a run with this number?  Which are there?
--
-- $1 text         a number, or 'last'
-- $2 timestamptz  instant of judgement: who began later is not there yet
-- Returns one row: its number (NULL: none), the first and the last number there are, how many runs.
WITH known AS (
    SELECT r.id
      FROM waarborg.run AS r
     WHERE r.started_at < $2::timestamptz + interval '1 second')
SELECT max(k.id) FILTER (WHERE $1::text = 'last' OR k.id::text = $1::text), min(k.id), max(k.id), count(*)
  FROM known AS k;
