-- The breaches of the register, in one line each.
--
-- $1 boolean  closed ones too
-- Returns: reference, title (text), aware_at, closed_at (bigint, seconds since 1970 UTC), limit of the
-- AP's clock, when that was met (the same, NULL for none), the AP is to be told, the risk was assessed,
-- customers are to be told (boolean), affected customers, those who still have to be told (bigint).
-- Open ones first; of these the nearest limit that was not met first, then the others by their limit.
--
-- Counts are joined, not asked for one breach at a time: 10,000 breaches show at once.  What meets the
-- AP's clock is what the view waarborg.breach_clock_state says.  date_part, because extract works with
-- numeric, which is slow.  One key that tells nearly all breaches apart: only the first key of a sort is
-- at hand, each further one is looked up in the whole row at every comparison.
SELECT b.reference, b.title, date_part('epoch', b.aware_at)::bigint,
       date_part('epoch', b.closed_at)::bigint, date_part('epoch', d.due_at)::bigint,
       date_part('epoch', m.met_at)::bigint, coalesce(a.notify_ap, true), a.id IS NOT NULL,
       coalesce(a.notify_customers, false), coalesce(n.affected, 0), coalesce(n.to_tell, 0)
  FROM waarborg.breach AS b
  LEFT JOIN waarborg.assessment AS a ON a.id = b.assessment_id
  LEFT JOIN waarborg.breach_clock AS c ON c.breach_id = b.id AND c.clock = 'ap'
 CROSS JOIN LATERAL (SELECT waarborg.clock_due(b.aware_at, b.aware_at, c.hours, c.months, c.cap_hours)
                             AS due_at) AS d
  LEFT JOIN (SELECT nb.breach_id, min(s.sent_at) AS met_at
               FROM waarborg.notification_breach AS nb
               JOIN waarborg.notification AS s ON s.id = nb.notification_id
              WHERE s.recipient = 'ap' AND s.kind IN ('initial', 'follow_up', 'final')
              GROUP BY nb.breach_id) AS m ON m.breach_id = b.id
  LEFT JOIN (SELECT f.breach_id, sum(f.n)::bigint AS affected,
                    coalesce(sum(f.n) FILTER (WHERE f.state IN ('to_tell', 'returned')), 0)::bigint AS to_tell
               FROM waarborg.affected_count AS f
              GROUP BY f.breach_id) AS n ON n.breach_id = b.id
 WHERE $1::boolean OR b.closed_at IS NULL
 ORDER BY coalesce(date_part('epoch', d.due_at), 9e11)
          + CASE WHEN b.closed_at IS NOT NULL THEN 2e12
                 WHEN m.met_at IS NOT NULL OR NOT coalesce(a.notify_ap, true) THEN 1e12 ELSE 0 END,
          b.id;
