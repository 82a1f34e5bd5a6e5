-- What reports tell of past nights and the other tables forget: what a run left and why, how long it
-- took, and when the evidence was last verified.

ALTER TABLE waarborg.run
    ADD COLUMN subjects bigint,
    ADD COLUMN scan_ms  bigint,
    ADD COLUMN work_ms  bigint;
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
