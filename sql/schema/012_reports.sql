-- What reports tell of past nights and the other tables forget: what a run left and why, how long it
-- took, and when the evidence was last verified.

ALTER TABLE waarborg.run
    ADD COLUMN subjects bigint,
    ADD COLUMN scan_ms  bigint,
    ADD COLUMN work_ms  bigint,
    ALTER COLUMN uncovered DROP NOT NULL;
COMMENT ON COLUMN waarborg.run.uncovered IS
    'NULL: the run did not look (it disposed again of who was back), or is told by the journal alone';
COMMENT ON COLUMN waarborg.run.subjects IS
    'How many the scan looked at; NULL, like scan_ms and work_ms: before these columns, or told by the journal alone';
COMMENT ON COLUMN waarborg.run.work_ms IS 'From the end of the scan to the end of the last batch';

-- The worklist as a run left it: each scan writes the worklist anew, a disposal record is for years.
-- No key, no number of a hold: how many, by what, and since when.
CREATE TABLE waarborg.run_left (
    run_id        bigint NOT NULL REFERENCES waarborg.run,
    state         text NOT NULL CHECK (state IN ('due', 'held', 'blocked', 'uncovered')),
    rule          text,
    reason        text,
    subjects      bigint NOT NULL CHECK (subjects > 0),
    oldest_due_on date
);
CREATE INDEX run_left_of_run ON waarborg.run_left (run_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waarborg.run_left
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.refuse_change();
ALTER TABLE waarborg.run_left ENABLE ALWAYS TRIGGER append_only;

CREATE TABLE waarborg.verification (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('archive', 'evidence')),
    verified_at     timestamptz NOT NULL,
    verified_by     text NOT NULL,
    os_user         text NOT NULL,
    program_version text NOT NULL,
    segments        bigint NOT NULL,
    destroyed       bigint NOT NULL,
    opened          bigint NOT NULL,
    bytes           bigint NOT NULL,
    faults          bigint NOT NULL
);
COMMENT ON TABLE waarborg.verification IS
    'Each time the whole of the own archive was verified, also when it did not hold';
COMMENT ON COLUMN waarborg.verification.opened IS 'Segments that were opened with a key, down to the rows';
CREATE INDEX verification_latest ON waarborg.verification (verified_at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waarborg.verification
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.refuse_change();
ALTER TABLE waarborg.verification ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON waarborg.verification
    FOR EACH ROW EXECUTE FUNCTION waarborg.audit_row('id');
ALTER TABLE waarborg.verification ENABLE ALWAYS TRIGGER audit;

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
