-- The breaches that are open, whenever they were registered: what has passed its limit.
--
-- $4 instant of judgement (timestamptz); $1, $2, $3, $5 and $6 are not used.
-- Returns one row.  next_*: the limit that ends first of those that still run.
WITH unused AS (SELECT $1::date, $2::date, $3::date, $5::text, $6::interval),
     open AS (SELECT b.* FROM waarborg.breach AS b
               WHERE b.registered_at < $4::timestamptz + interval '1 second'
                 AND (b.closed_at IS NULL OR b.closed_at >= $4::timestamptz + interval '1 second')),
     clock AS (SELECT c.* FROM waarborg.breach_clock_at($4::timestamptz) AS c
                 JOIN open AS o ON o.id = c.breach_id)
SELECT (SELECT count(*) FROM open) AS open,
       (SELECT min(o.aware_at)::date FROM open AS o) AS open_since,
       (SELECT count(*) FROM open AS o
         WHERE NOT EXISTS (SELECT 1 FROM waarborg.assessment AS a
                            WHERE a.breach_id = o.id AND a.assessed_at < $4::timestamptz + interval '1 second')) AS unassessed,
       (SELECT count(*) FROM clock AS c WHERE c.state = 'overdue') AS overdue,
       (SELECT min(c.due_at)::date FROM clock AS c WHERE c.state = 'overdue') AS overdue_since,
       n.reference AS next_breach, n.due_at AS next_due_at
  FROM (SELECT) AS one
  LEFT JOIN LATERAL (SELECT o.reference, c.due_at
                       FROM clock AS c
                       JOIN open AS o ON o.id = c.breach_id
                      WHERE c.state IN ('running', 'near')
                      ORDER BY c.due_at, o.id, c.clock
                      LIMIT 1) AS n ON true;
