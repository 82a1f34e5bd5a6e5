-- By which rule the subjects of one run were disposed of.
--
-- $4 instant of judgement (timestamptz), $5 number of the run (text); the others are not used.
-- Returns any number of rows.
WITH unused AS (SELECT $1::text, $2::text, $3::date, $6::interval)
SELECT d.rule, count(*) AS subjects, min(d.due_on) AS oldest_due_on, max(d.due_on) AS latest_due_on,
       count(*) FILTER (WHERE d.restored_at < $4::timestamptz + interval '1 second') AS restored
  FROM waarborg.disposal AS d
 WHERE d.segment_id IN (SELECT s.id FROM waarborg.segment AS s WHERE s.run_id = $5::bigint)
 GROUP BY 1
 ORDER BY 1;
