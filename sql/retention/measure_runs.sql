-- How fast was a policy, and how large did its rows become in the archive?
--
-- $1 text  policy
-- Returns one row; what was never measured is NULL (all but runs are float8):
--   runs             how many were measured (bigint): the latest 30 that disposed of rows and know
--                    how long that took
--   rows_per_second  of them
--   run_seconds      what such a run takes besides its rows
--   scan_seconds     mean of the latest 30 scans, also of nights on which nobody was due
--   bytes_per_row    of the segments of the latest 30 runs that disposed of rows
--   segment_bytes    what a segment takes besides its rows
--
-- A line through the points, for a night of three rows says little about a night of a million, and
-- a segment of three rows is mostly envelope.  Where rows do not explain the difference (all nights
-- alike, a machine that did something else), or the line says that no rows take less than nothing:
-- the largest says what a row takes at most, and what the mean takes beyond that is the rest.
WITH worked AS (
    SELECT r.rows, r.work_ms
      FROM waarborg.run AS r
     WHERE r.policy = $1::text AND r.rows > 0 AND r.work_ms IS NOT NULL
     ORDER BY r.id DESC
     LIMIT 30),
scanned AS (
    SELECT r.scan_ms
      FROM waarborg.run AS r
     WHERE r.policy = $1::text AND r.scan_ms IS NOT NULL
     ORDER BY r.id DESC
     LIMIT 30),
archived AS (
    SELECT g.rows, g.bytes
      FROM (SELECT r.id
              FROM waarborg.run AS r
             WHERE r.policy = $1::text AND r.rows > 0
             ORDER BY r.id DESC
             LIMIT 30) AS r
      JOIN waarborg.segment AS g ON g.run_id = r.id),
line AS (
    SELECT 'time' AS about, count(*) AS points, sum(rows)::float8 AS rows,
           greatest(sum(work_ms), 1) / 1000.0::float8 AS measured,
           (array_agg(greatest(work_ms, 1) / 1000.0::float8 / rows ORDER BY rows DESC, work_ms))[1] AS largest,
           regr_r2(work_ms, rows) AS r2, regr_slope(work_ms, rows) / 1000 AS slope,
           regr_intercept(work_ms, rows) / 1000 AS cut
      FROM worked
     UNION ALL
    SELECT 'size', count(*), sum(rows)::float8, sum(bytes)::float8,
           (array_agg(bytes::float8 / rows ORDER BY rows DESC, bytes))[1], regr_r2(bytes, rows),
           regr_slope(bytes, rows), regr_intercept(bytes, rows)
      FROM archived
     WHERE rows > 0),
fitted AS (
    SELECT about, points, CASE WHEN fits THEN slope ELSE most END AS per_row,
           CASE WHEN fits THEN cut ELSE (measured - most * rows) / nullif(points, 0) END AS rest
      FROM line,
           LATERAL (SELECT points >= 3 AND r2 >= 0.5 AND slope > 0 AND cut >= 0 AS fits,
                           least(largest, measured / nullif(rows, 0)) AS most) AS f)
SELECT t.points AS runs, 1 / t.per_row AS rows_per_second, t.rest AS run_seconds,
       (SELECT avg(scan_ms)::float8 / 1000 FROM scanned) AS scan_seconds,
       s.per_row AS bytes_per_row, s.rest AS segment_bytes
  FROM fitted AS t, fitted AS s
 WHERE t.about = 'time' AND s.about = 'size';
