-- What the last scan and the last run found about one subject.
--
-- $1 text    policy
-- $2 text[]  subject key
-- Returns: at most one row: state, reason, since, last_tried (ISO 8601 text with their offset).
SELECT w.state, w.reason, to_char(w.since, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM'),
       to_char(w.last_tried, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')
  FROM waarborg.worklist AS w
 WHERE w.policy = $1::text
   AND w.subject_key = $2::text[]
 ORDER BY w.scan DESC
 LIMIT 1;
