-- The worklist in figures.
--
-- $1 text  policy
-- Returns one row: due (those that were blocked before among them), held, blocked, uncovered.
SELECT count(*) FILTER (WHERE w.state IN ('due', 'blocked')) AS due,
       count(*) FILTER (WHERE w.state = 'held') AS held,
       count(*) FILTER (WHERE w.state = 'blocked') AS blocked,
       count(*) FILTER (WHERE w.state = 'uncovered') AS uncovered
  FROM waarborg.worklist AS w
 WHERE w.policy = $1::text;
