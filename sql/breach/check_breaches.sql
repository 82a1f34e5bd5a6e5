-- What a command has to know of the breaches that it is about, before it writes.
--
-- $1 text[]  references, as many times as they were given
-- Returns: a row for each of them, once, in the order of the first: reference, title, known, closed
-- (boolean), and of a known one: aware_at, limit of the AP's clock, when that clock was met (bigint,
-- seconds since 1970 UTC), reasons for a delay are recorded (boolean), persons_max, affected customers
-- that are known, assessments (bigint), is assessed, has clocks of NIS2, has clocks of DORA (boolean).
--
-- OFFSET 0: one breach at a time, by the index; joined, the view would be read whole.
SELECT w.reference, b.title, b.id IS NOT NULL, b.closed_at IS NOT NULL,
       extract(epoch FROM b.aware_at)::bigint, extract(epoch FROM c.due_at)::bigint,
       extract(epoch FROM c.met_at)::bigint,
       b.delay_reason IS NOT NULL
           OR EXISTS (SELECT 1 FROM waarborg.notification_breach AS nb
                        JOIN waarborg.notification AS n ON n.id = nb.notification_id
                       WHERE nb.breach_id = b.id AND n.recipient = 'ap' AND n.delay_reason IS NOT NULL),
       b.persons_max,
       (SELECT coalesce(sum(f.n), 0) FROM waarborg.affected_count AS f WHERE f.breach_id = b.id)::bigint,
       (SELECT count(*) FROM waarborg.assessment AS a WHERE a.breach_id = b.id),
       b.assessment_id IS NOT NULL,
       EXISTS (SELECT 1 FROM waarborg.breach_clock AS k WHERE k.breach_id = b.id AND k.regime = 'nis2'),
       EXISTS (SELECT 1 FROM waarborg.breach_clock AS k WHERE k.breach_id = b.id AND k.regime = 'dora')
  FROM (SELECT u.reference, min(u.n) AS n
          FROM unnest($1::text[]) WITH ORDINALITY AS u (reference, n)
         GROUP BY u.reference) AS w
  LEFT JOIN waarborg.breach AS b ON b.reference = w.reference
  LEFT JOIN LATERAL (SELECT s.due_at, s.met_at FROM waarborg.breach_clock_state AS s
                      WHERE s.breach_id = b.id AND s.clock = 'ap' OFFSET 0) AS c ON true
 ORDER BY w.n;
