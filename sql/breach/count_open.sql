-- How many breaches are open, and how many of them nobody has assessed.
--
-- No parameters.
-- Returns: one row: open, unassessed (bigint).
SELECT count(*), count(*) FILTER (WHERE b.assessment_id IS NULL)
  FROM waarborg.breach AS b
 WHERE b.closed_at IS NULL;
