-- The breaches that keep customers, because they still have to be told.
--
-- $3 as-of (date), $4 instant of judgement (timestamptz); the other parameters are not used.
-- Returns any number of rows.  As it stands now, of the breaches that were registered by then: who was
-- told leaves no trace of how long they were kept.
WITH unused AS (SELECT $1::text, $2::text, $5::text, $6::interval),
kept AS (
    SELECT s.breach, s.subject_table, count(*) AS subjects
      FROM waarborg.standing_hold AS s
     WHERE s.breach IS NOT NULL
     GROUP BY 1, 2)
SELECT b.reference AS breach, b.title, k.subject_table, k.subjects, date_trunc('second', b.aware_at) AS aware_at,
       $3::date - b.aware_at::date AS days
  FROM kept AS k
  JOIN waarborg.breach AS b ON b.reference = k.breach
 WHERE b.registered_at < $4::timestamptz + interval '1 second'
 ORDER BY b.id, 3;
