-- Who is on the worklist, in figures.
--
-- $3 as-of (date); the other parameters are not used.
-- Returns one row.  Overdue: might have gone on an earlier day, and neither a hold nor a breach keeps
-- them.  last_scan_on is the day the last run judged by.
WITH unused AS (SELECT $1::text, $2::text, $4::timestamptz, $5::text, $6::interval)
SELECT count(*) FILTER (WHERE w.state IN ('due', 'blocked')) AS due,
       count(*) FILTER (WHERE w.state IN ('due', 'blocked') AND w.due_on < $3::date) AS overdue,
       min(w.due_on) FILTER (WHERE w.state IN ('due', 'blocked') AND w.due_on < $3::date)
           AS oldest_overdue_on,
       $3::date - min(w.due_on) FILTER (WHERE w.state IN ('due', 'blocked') AND w.due_on < $3::date)
           AS oldest_overdue_days,
       count(*) FILTER (WHERE w.state = 'blocked') AS blocked,
       count(*) FILTER (WHERE w.state = 'held') AS held,
       count(*) FILTER (WHERE w.state = 'uncovered') AS uncovered
  FROM waarborg.worklist AS w;
