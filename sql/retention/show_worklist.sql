-- The worklist by state, rule, reason and age.
--
-- $1 text  policy
-- $2 date  as-of date
-- Returns any number of rows: state, rule, reason, subjects, oldest due date, days overdue, since
-- (ISO 8601, UTC) of the oldest.
SELECT w.state,
       w.rule,
       CASE WHEN w.state = 'held' AND w.reason LIKE 'hold %'
            THEN 'hold: ' || coalesce(h.kind, 'released') ELSE w.reason END AS reason,
       count(*) AS subjects,
       min(w.due_on) AS oldest_due_on,
       $2::date - min(w.due_on) AS days_overdue,
       to_char(min(w.since) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
  FROM waarborg.worklist AS w
  LEFT JOIN waarborg.hold AS h ON w.state = 'held' AND w.reason = 'hold ' || h.id
 WHERE w.policy = $1::text
 GROUP BY 1, 2, 3
 ORDER BY 1, 2, 3;
