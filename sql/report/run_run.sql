-- One run in figures, and what it was approved by.
--
-- $4 instant of judgement (timestamptz), $5 number of the run (text); the others are not used.
-- Returns one row.  The approval is the last one before the run, which a run checks before it begins;
-- of a run that is known from the journal alone there may be none with its fingerprint.
WITH unused AS (SELECT $1::text, $2::text, $3::date, $6::interval),
run AS (
    SELECT r.*, coalesce(r.finished_at < $4::timestamptz + interval '1 second', false) AS finished
      FROM waarborg.run AS r
     WHERE r.id = $5::bigint),
segment AS (SELECT s.* FROM waarborg.segment AS s WHERE s.run_id = $5::bigint)
SELECT r.id AS run, r.policy, r.as_of, r.started_at,
       CASE WHEN r.finished THEN r.finished_at END AS finished_at,
       CASE WHEN r.finished THEN r.outcome ELSE 'unfinished' END AS outcome,
       r.subjects, r.due, r.disposed, r.blocked, r.held, r.uncovered, r.rows,
       (SELECT coalesce(sum(s.bytes), 0)::bigint FROM segment AS s) AS bytes,
       (SELECT count(*) FROM segment) AS segments,
       (SELECT count(*)
          FROM waarborg.disposal AS d
         WHERE d.segment_id IN (SELECT s.id FROM segment AS s)
           AND d.restored_at < $4::timestamptz + interval '1 second') AS restored,
       r.scan_ms / 1000.0 AS scan_seconds,
       r.work_ms / 1000.0 AS work_seconds,
       r.fingerprint, a.approved_at, a.approved_by, a.os_user AS approved_os_user, r.program_version
  FROM run AS r
  LEFT JOIN LATERAL (
       SELECT a.*
         FROM waarborg.approval AS a
        WHERE a.policy = r.policy
          AND a.fingerprint = r.fingerprint
          AND a.approved_at <= r.started_at
        ORDER BY a.id DESC
        LIMIT 1) AS a ON true;
