-- How the policies stand, and how the last run of each went.
--
-- $1 text[]  policies
-- $2 date    as of
-- Returns a row for each, in the order given: policy; due, blocked, held, uncovered subjects; those
-- of the first two whose day lies before $2, and how many days the oldest of them does; of the last
-- run the subjects disposed of, rows, bytes, segments, milliseconds, outcome, instant of its end
-- (seconds UTC; the rest NULL before the first run, the last two while a run was cut off); the
-- instant at which a run last came to its end, NULL: never.
SELECT p.name, w.due, w.blocked, w.held, w.uncovered, w.overdue, w.oldest_days,
       r.disposed, r.rows, r.bytes, s.segments, coalesce(r.scan_ms, 0) + coalesce(r.work_ms, 0),
       r.outcome, extract(epoch FROM r.finished_at)::bigint, extract(epoch FROM g.finished_at)::bigint
  FROM unnest($1::text[]) WITH ORDINALITY AS p (name, place)
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE l.state = 'due') AS due,
              count(*) FILTER (WHERE l.state = 'blocked') AS blocked,
              count(*) FILTER (WHERE l.state = 'held') AS held,
              count(*) FILTER (WHERE l.state = 'uncovered') AS uncovered,
              count(*) FILTER (WHERE l.state IN ('due', 'blocked') AND l.due_on < $2::date) AS overdue,
              $2::date - min(l.due_on) FILTER (WHERE l.state IN ('due', 'blocked')
                                                 AND l.due_on < $2::date) AS oldest_days
         FROM waarborg.worklist AS l
        WHERE l.policy = p.name) AS w
  LEFT JOIN LATERAL (
       SELECT *
         FROM waarborg.run AS x
        WHERE x.policy = p.name
        ORDER BY x.id DESC
        LIMIT 1) AS r ON true
 CROSS JOIN LATERAL (
       SELECT count(*) AS segments
         FROM waarborg.segment AS x
        WHERE x.run_id = r.id) AS s
 CROSS JOIN LATERAL (
       SELECT max(x.finished_at) AS finished_at
         FROM waarborg.run AS x
        WHERE x.policy = p.name
          AND x.outcome IN ('done', 'attention')) AS g
 ORDER BY p.place;
