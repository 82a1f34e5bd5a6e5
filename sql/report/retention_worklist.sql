-- The worklist by policy, state, rule and reason, as the last scan of each policy left it.
--
-- $3 as-of (date); the other parameters are not used.
-- Returns any number of rows.  overdue: those of them who might have gone on an earlier day, and whom
-- neither a hold nor a breach keeps.
WITH unused AS (SELECT $1::text, $2::text, $4::timestamptz, $5::text, $6::interval)
SELECT w.policy, w.state, w.rule,
       CASE WHEN w.state = 'held' AND w.reason LIKE 'hold %'
            THEN 'hold: ' || coalesce(h.kind, 'released') ELSE w.reason END AS reason,
       count(*) AS subjects,
       count(*) FILTER (WHERE w.state IN ('due', 'blocked') AND w.due_on < $3::date) AS overdue,
       min(w.due_on) AS oldest_due_on,
       $3::date - min(w.due_on) AS oldest_days,
       min(w.since) AS since
  FROM waarborg.worklist AS w
  LEFT JOIN waarborg.hold AS h ON w.state = 'held' AND w.reason = 'hold ' || h.id
 GROUP BY 1, 2, 3, 4
 ORDER BY 1, array_position(ARRAY['blocked', 'due', 'held', 'uncovered'], w.state), 3, 4;
