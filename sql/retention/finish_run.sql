-- Closes a run, and keeps what it left: the next scan writes the worklist anew.
--
-- $1 run, $2 finished (timestamptz), $3 outcome, $4 subjects disposed of, $5 set aside, $6 rows,
-- $7 bytes of segment files, $8 how long it took from the end of the scan, in milliseconds
WITH finished AS (
    UPDATE waarborg.run
       SET finished_at = $2::timestamptz, outcome = $3::text, disposed = $4::bigint,
           blocked = $5::bigint, rows = $6::bigint, bytes = $7::bigint, work_ms = $8::bigint
     WHERE id = $1::bigint
    RETURNING id, policy)
INSERT INTO waarborg.run_left (run_id, state, rule, reason, subjects, oldest_due_on)
SELECT f.id, w.state, w.rule,
       CASE WHEN w.state = 'held' AND w.reason LIKE 'hold %'
            THEN 'hold: ' || coalesce(h.kind, 'released') ELSE w.reason END AS reason,
       count(*), min(w.due_on)
  FROM finished AS f
  JOIN waarborg.worklist AS w ON w.policy = f.policy
  LEFT JOIN waarborg.hold AS h ON w.state = 'held' AND w.reason = 'hold ' || h.id
 GROUP BY 1, 2, 3, 4;
