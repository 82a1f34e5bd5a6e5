-- How breaches stood at an instant, and runs of which nobody knows whom no rule spoke of.

ALTER TABLE waarborg.run
    ALTER COLUMN uncovered DROP NOT NULL;
COMMENT ON COLUMN waarborg.run.uncovered IS
    'NULL: the run did not look (it disposed again of who was back), or is told by the journal alone';

-- How each clock of each breach stood at an instant, in whole seconds as the program's clock has them
-- (jobs/breach/clock_state.h judges the same): what happened after it counts as not done yet.
--   state  not_started, running, near (12 hours or less), overdue, met, met_late, no_limit, not_needed;
--          undecided: of the customers, as long as nobody has assessed the risk
-- What was overwritten since is not turned back: when the organisation became aware, and how many of the
-- affected still have to be told.  Without a search_path of its own, so that it is inlined.
CREATE FUNCTION waarborg.breach_clock_at(p_at timestamptz)
RETURNS TABLE (breach_id bigint, clock text, regime text, own_target boolean, source text,
               start_at timestamptz, due_at timestamptz, met_at timestamptz, state text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.breach_id, c.clock, c.regime, c.own_target, c.source,
           CASE WHEN c.start_at <= p_at THEN c.start_at END,
           CASE WHEN c.start_at <= p_at THEN c.due_at END,
           CASE WHEN c.met_at <= p_at THEN c.met_at END,
           CASE WHEN c.met_at <= p_at THEN CASE WHEN c.needed AND c.met_at > c.due_at THEN 'met_late'
                                                ELSE 'met' END
                WHEN c.clock = 'customers' AND NOT c.decided THEN 'undecided'
                WHEN NOT c.needed THEN 'not_needed'
                WHEN coalesce(c.start_at > p_at, true) THEN 'not_started'
                WHEN c.due_at IS NULL THEN 'no_limit'
                WHEN p_at > c.due_at THEN 'overdue'
                WHEN c.due_at - p_at <= interval '12 hours' THEN 'near'
                ELSE 'running' END
      FROM (SELECT s.breach_id, s.clock, s.regime, s.own_target, s.source,
                   date_trunc('second', s.start_at) AS start_at, date_trunc('second', s.due_at) AS due_at,
                   date_trunc('second', s.met_at) AS met_at, a.id IS NOT NULL AS decided,
                   CASE s.clock WHEN 'ap' THEN coalesce(a.notify_ap, true)
                                WHEN 'customers' THEN coalesce(a.notify_customers, false)
                                ELSE true END AS needed
              FROM waarborg.breach_clock_state AS s
              LEFT JOIN (SELECT DISTINCT ON (x.breach_id) x.breach_id, x.id, x.notify_ap, x.notify_customers
                           FROM waarborg.assessment AS x
                          WHERE x.assessed_at < p_at + interval '1 second'
                          ORDER BY x.breach_id, x.id DESC) AS a ON a.breach_id = s.breach_id) AS c;
END;

-- Each breach at an instant: the risk by the assessment in force then (unassessed: none), how the clocks of
-- the AP and of the customers stood, and what is not registered of the facts, the effects and the remedial
-- action, which GDPR art. 33(5) wants documented (effects and measures as in waarborg.breach_duty).  Fields
-- that were overwritten since are not turned back.  Inlined, like the above: what is not asked for is not
-- looked up.
CREATE FUNCTION waarborg.breach_standing_at(p_at timestamptz)
RETURNS TABLE (breach_id bigint, risk text, ap text, ap_due_at timestamptz, ap_met_at timestamptz,
               customers text, lacking text[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT b.id, coalesce(d.risk, 'unassessed'), c.ap, c.ap_due_at, c.ap_met_at, c.customers,
           array_remove(ARRAY[
               CASE WHEN b.what_happened IS NULL THEN 'facts' END,
               CASE WHEN b.consequences = '{}' AND b.consequences_description IS NULL THEN 'effects' END,
               CASE WHEN NOT EXISTS (SELECT FROM waarborg.measure AS m
                                      WHERE m.breach_id = b.id AND m.added_at < p_at + interval '1 second')
                    THEN 'measures' END], NULL)
      FROM waarborg.breach AS b
      LEFT JOIN (SELECT k.breach_id, max(k.state) FILTER (WHERE k.clock = 'ap') AS ap,
                        max(k.due_at) FILTER (WHERE k.clock = 'ap') AS ap_due_at,
                        max(k.met_at) FILTER (WHERE k.clock = 'ap') AS ap_met_at,
                        max(k.state) FILTER (WHERE k.clock = 'customers') AS customers
                   FROM waarborg.breach_clock_at(p_at) AS k
                  WHERE k.clock IN ('ap', 'customers')
                  GROUP BY k.breach_id) AS c ON c.breach_id = b.id
      LEFT JOIN (SELECT DISTINCT ON (x.breach_id) x.breach_id, x.risk
                   FROM waarborg.assessment AS x
                  WHERE x.assessed_at < p_at + interval '1 second'
                  ORDER BY x.breach_id, x.id DESC) AS d ON d.breach_id = b.id;
END;
