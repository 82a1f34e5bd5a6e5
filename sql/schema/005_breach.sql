-- The breach register (GDPR art. 33(5)): what happened, what was decided, who was told.
-- Written through the functions of 006; the rules stand here, so that they hold whoever writes.
-- Nothing is deleted; what changes keeps its old value and a reason in the audit log.

CREATE TABLE waarborg.breach_number (
    year integer PRIMARY KEY,
    last integer NOT NULL
);
COMMENT ON TABLE waarborg.breach_number IS 'The last number given in each year; a row lock keeps out gaps';

CREATE TABLE waarborg.breach (
    id                       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference                text NOT NULL UNIQUE CHECK (reference ~ '^DL-[0-9]{4}-[0-9]{4,}$'),
    version                  integer NOT NULL DEFAULT 1,
    registered_at            timestamptz NOT NULL,
    registered_by            text NOT NULL,
    title                    text NOT NULL CHECK (btrim(title) <> ''),
    what_happened            text NOT NULL CHECK (btrim(what_happened) <> ''),
    occurred_from            timestamptz,
    occurred_to              timestamptz,
    occurred_unknown         boolean NOT NULL DEFAULT false,
    ongoing                  text NOT NULL DEFAULT 'UNKNOWN',
    discovered_at            timestamptz,
    discovered_how           text,
    aware_at                 timestamptz NOT NULL CHECK (aware_at >= '1970-01-01 00:00+00'),
    first_aware_at           timestamptz NOT NULL,
    processor_name           text,
    processor_aware_at       timestamptz,
    processor_informed_at    timestamptz,
    processor_contract_hours integer CHECK (processor_contract_hours > 0),
    nature                   text[] NOT NULL CHECK (cardinality(nature) > 0),
    incident_type            text,
    cause                    text,
    data_ordinary            text[] NOT NULL DEFAULT '{}',
    data_special             text[] NOT NULL DEFAULT '{}',
    data_description         text,
    records_min              bigint CHECK (records_min >= 0),
    records_max              bigint,
    people_groups            text[] NOT NULL DEFAULT '{}',
    people_description       text,
    persons_min              bigint CHECK (persons_min >= 0),
    persons_max              bigint,
    protection               text,
    protection_how           text,
    consequences             text[] NOT NULL DEFAULT '{}',
    harm                     text[] NOT NULL DEFAULT '{}',
    consequences_description text,
    severity                 text,
    cross_border             boolean,
    countries                text[] NOT NULL DEFAULT '{}',
    other_authorities        text,
    other_controllers        text,
    legal_basis              text NOT NULL DEFAULT 'AVG',
    organisation_part        text,
    reporter_name            text,
    reporter_function        text,
    reporter_phone           text,
    reporter_email           text,
    contact_name             text,
    contact_function         text,
    contact_phone            text,
    contact_email            text,
    delay_reason             text CHECK (btrim(delay_reason) <> ''),
    summary_nl               text,
    summary_en               text,
    advice_nl                text,
    advice_en                text,
    measures_nl              text,
    measures_en              text,
    authority_order_at       timestamptz,
    authority_order          text,
    remarks                  text,
    nis2_aware_at            timestamptz,
    dora_classified_at       timestamptz,
    assessment_id            bigint,
    closed_at                timestamptz,
    closed_because           text CHECK (btrim(closed_because) <> ''),
    CONSTRAINT records_min_max CHECK (records_max >= coalesce(records_min, 0)),
    CONSTRAINT persons_min_max CHECK (persons_max >= coalesce(persons_min, 0)),
    CONSTRAINT lists_without_null CHECK (array_position(nature || data_ordinary || data_special || people_groups
                                                        || consequences || harm || countries, NULL) IS NULL),
    CONSTRAINT occurred_or_unknown CHECK (NOT (occurred_unknown AND (occurred_from IS NOT NULL
                                                                     OR occurred_to IS NOT NULL))),
    CONSTRAINT occurred_order CHECK (occurred_to >= occurred_from),
    CONSTRAINT closed_with_reason CHECK ((closed_at IS NULL) = (closed_because IS NULL))
);
COMMENT ON COLUMN waarborg.breach.version IS 'Counts the amendments; whoever amends names the one they read';
COMMENT ON COLUMN waarborg.breach.aware_at IS
    'A reasonable degree of certainty that personal data were compromised (EDPB 9/2022); starts the 72 hours';
COMMENT ON COLUMN waarborg.breach.first_aware_at IS
    'As it was registered; reports show both when aware_at was moved';
COMMENT ON COLUMN waarborg.breach.authority_order IS 'GDPR art. 34(4): the authority has the people told, or confirms that they need not be';
CREATE INDEX breach_open ON waarborg.breach (id) WHERE closed_at IS NULL;

-- Decided by people.  The ENISA score is advice and decides nothing.
CREATE TABLE waarborg.assessment (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    breach_id          bigint NOT NULL REFERENCES waarborg.breach,
    assessed_at        timestamptz NOT NULL,
    recorded_at        timestamptz NOT NULL,
    assessed_by        text NOT NULL,
    risk               text NOT NULL CHECK (risk IN ('unlikely', 'risk', 'high')),
    ap_duty            boolean NOT NULL GENERATED ALWAYS AS (risk <> 'unlikely') STORED,
    notify_ap          boolean NOT NULL,
    notify_customers   boolean,
    because            text NOT NULL CHECK (btrim(because) <> ''),
    ap_because         text CHECK (btrim(ap_because) <> ''),
    customers_because  text CHECK (btrim(customers_because) <> ''),
    exempt_ground      text,
    public_at          timestamptz,
    public_where       text CHECK (btrim(public_where) <> ''),
    enisa              jsonb,
    enisa_quarters     integer CHECK (enisa_quarters BETWEEN 1 AND 24),
    CONSTRAINT ap_duty_met CHECK (notify_ap OR NOT ap_duty),
    CONSTRAINT high_risk_decided CHECK (risk <> 'high' OR notify_customers IS NOT NULL),
    CONSTRAINT high_risk_exempt CHECK (risk <> 'high' OR notify_customers OR exempt_ground IS NOT NULL),
    CONSTRAINT exempt_only_when_not_told CHECK (exempt_ground IS NULL OR notify_customers IS FALSE),
    CONSTRAINT effort_made_public CHECK (exempt_ground <> 'C' OR (public_at IS NOT NULL
                                                                  AND public_where IS NOT NULL)),
    CONSTRAINT enisa_whole CHECK ((enisa IS NULL) = (enisa_quarters IS NULL))
);
COMMENT ON COLUMN waarborg.assessment.ap_duty IS 'GDPR art. 33(1): unless a risk is unlikely';
COMMENT ON COLUMN waarborg.assessment.enisa_quarters IS 'The severity in quarters: 4 times SE';
CREATE INDEX assessment_breach ON waarborg.assessment (breach_id, id DESC);
ALTER TABLE waarborg.breach ADD FOREIGN KEY (assessment_id) REFERENCES waarborg.assessment;

-- The clocks of a breach, with the limits that held when it was registered.
CREATE TABLE waarborg.breach_clock (
    breach_id  bigint NOT NULL REFERENCES waarborg.breach,
    clock      text NOT NULL,
    regime     text NOT NULL CHECK (regime IN ('gdpr', 'nis2', 'dora', 'own')),
    starts     text NOT NULL,
    hours      integer CHECK (hours > 0),
    months     integer CHECK (months > 0),
    cap_hours  integer CHECK (cap_hours > 0),
    own_target boolean NOT NULL,
    source     text NOT NULL,
    PRIMARY KEY (breach_id, clock)
);
COMMENT ON COLUMN waarborg.breach_clock.own_target IS
    'The law names no hours ("without undue delay"): the limit is the organisation''s own';

CREATE TABLE waarborg.notification (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient    text NOT NULL CHECK (recipient IN ('ap', 'customers', 'nis2', 'dora', 'other')),
    authority    text CHECK (btrim(authority) <> ''),
    kind         text NOT NULL CHECK (kind IN ('warning', 'initial', 'follow_up', 'final', 'withdrawal')),
    complete     boolean NOT NULL,
    sent_at      timestamptz NOT NULL CHECK (sent_at >= '1970-01-01 00:00+00'),
    number       text CHECK (btrim(number) <> ''),
    snapshot     text,
    sha256       text,
    delay_reason text CHECK (btrim(delay_reason) <> ''),
    reason       text CHECK (btrim(reason) <> ''),
    recorded_at  timestamptz NOT NULL,
    recorded_by  text NOT NULL,
    CONSTRAINT withdrawal_with_reason CHECK (kind <> 'withdrawal' OR reason IS NOT NULL),
    CONSTRAINT other_is_named CHECK (recipient <> 'other' OR authority IS NOT NULL)
);
COMMENT ON COLUMN waarborg.notification.complete IS
    'GDPR art. 33(4): information may come in phases; false starts the clock of the follow-up';
COMMENT ON COLUMN waarborg.notification.snapshot IS 'What was sent, as it was sent';
COMMENT ON COLUMN waarborg.notification.sha256 IS 'Of the snapshot in UTF-8; set by a trigger, whoever writes';

-- One notification may cover many like breaches ("bulkmelding").
CREATE TABLE waarborg.notification_breach (
    notification_id bigint NOT NULL REFERENCES waarborg.notification,
    breach_id       bigint NOT NULL REFERENCES waarborg.breach,
    PRIMARY KEY (notification_id, breach_id)
);
CREATE INDEX notification_of_breach ON waarborg.notification_breach (breach_id);

CREATE TABLE waarborg.affected (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    breach_id      bigint NOT NULL REFERENCES waarborg.breach,
    policy         text NOT NULL REFERENCES waarborg.policy,
    subject_table  text NOT NULL,
    key_columns    text[] NOT NULL,
    subject_key    text[],
    reference      bytea,
    state          text NOT NULL DEFAULT 'to_tell'
        CHECK (state IN ('to_tell', 'told', 'returned', 'exempt', 'disposed')),
    added_at       timestamptz NOT NULL,
    told_at        timestamptz,
    channel        text CHECK (btrim(channel) <> ''),
    returned_at    timestamptz,
    exempt_because text CHECK (btrim(exempt_because) <> ''),
    CONSTRAINT key_or_reference CHECK ((subject_key IS NULL) <> (reference IS NULL)),
    CONSTRAINT told_when_and_how CHECK (state <> 'told' OR (told_at IS NOT NULL AND channel IS NOT NULL)),
    CONSTRAINT returned_when CHECK (state <> 'returned' OR (told_at IS NOT NULL AND returned_at IS NOT NULL)),
    CONSTRAINT exempt_why CHECK (state <> 'exempt' OR exempt_because IS NOT NULL),
    CONSTRAINT disposed_by_reference CHECK (state <> 'disposed' OR reference IS NOT NULL)
);
COMMENT ON COLUMN waarborg.affected.subject_key IS
    'While the customer is there; a disposal leaves the reference instead';
COMMENT ON COLUMN waarborg.affected.subject_table IS 'schema.table as format(%I.%I)';
-- The breach comes last, so that retention finds a subject by it.
CREATE UNIQUE INDEX affected_once ON waarborg.affected (subject_table, subject_key, breach_id)
    WHERE subject_key IS NOT NULL;
-- Not unique: who was disposed of, restored, added anew by key and disposed of again is there twice,
-- and must not keep the second disposal from its COMMIT.
CREATE INDEX affected_of_reference ON waarborg.affected (breach_id, reference)
    WHERE reference IS NOT NULL;
CREATE INDEX affected_by_reference ON waarborg.affected (reference) WHERE reference IS NOT NULL;
CREATE INDEX affected_to_tell ON waarborg.affected (breach_id, id)
    WHERE state IN ('to_tell', 'returned');

-- Counted as rows change, because a register of a million affected must show at once.
CREATE TABLE waarborg.affected_count (
    breach_id bigint NOT NULL REFERENCES waarborg.breach,
    state     text NOT NULL,
    n         bigint NOT NULL CHECK (n >= 0),
    last_told timestamptz,
    PRIMARY KEY (breach_id, state)
);

-- A letter to one affected customer.  The Message-ID is made of its number and its token, so that a
-- letter that is handed over again after a crash is the same letter.
CREATE TABLE waarborg.letter (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    affected_id bigint NOT NULL REFERENCES waarborg.affected,
    breach_id   bigint NOT NULL REFERENCES waarborg.breach,
    token       text NOT NULL DEFAULT left(replace(gen_random_uuid()::text, '-', ''), 16),
    created_at  timestamptz NOT NULL,
    started_at  timestamptz,
    channel     text CHECK (channel IN ('mail', 'file')),
    done_at     timestamptz,
    dropped_at  timestamptz,
    returned_at timestamptz,
    status      text,
    CONSTRAINT started_by_a_channel CHECK ((started_at IS NULL) = (channel IS NULL)),
    CONSTRAINT done_was_started CHECK (done_at IS NULL OR started_at IS NOT NULL),
    CONSTRAINT returned_was_done CHECK (returned_at IS NULL OR done_at IS NOT NULL),
    CONSTRAINT letter_one_end CHECK (num_nonnulls(done_at, dropped_at) <= 1)
);
COMMENT ON COLUMN waarborg.letter.token IS
    'Not to be guessed, so that nobody makes up mail that came back; and no other database has it';
COMMENT ON COLUMN waarborg.letter.started_at IS
    'Handing over began, by this channel; without done_at nobody knows whether it arrived';
COMMENT ON COLUMN waarborg.letter.dropped_at IS 'Its customer need not be told any more, by a letter of ours';
COMMENT ON COLUMN waarborg.letter.status IS 'Why it came back: the status code of the report (RFC 3463)';
CREATE UNIQUE INDEX letter_one_at_a_time ON waarborg.letter (affected_id)
    WHERE done_at IS NULL AND dropped_at IS NULL;
CREATE INDEX letter_pending ON waarborg.letter (breach_id, id) WHERE done_at IS NULL AND dropped_at IS NULL;

CREATE TABLE waarborg.measure (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    breach_id   bigint NOT NULL REFERENCES waarborg.breach,
    type        text NOT NULL,
    status      text NOT NULL CHECK (status IN ('taken', 'proposed')),
    description text NOT NULL CHECK (btrim(description) <> ''),
    at          timestamptz,
    added_at    timestamptz NOT NULL,
    added_by    text NOT NULL
);
CREATE INDEX measure_breach ON waarborg.measure (breach_id);

CREATE TABLE waarborg.timeline (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    breach_id bigint NOT NULL REFERENCES waarborg.breach,
    at        timestamptz NOT NULL,
    what      text NOT NULL CHECK (btrim(what) <> ''),
    added_at  timestamptz NOT NULL,
    added_by  text NOT NULL
);
CREATE INDEX timeline_breach ON waarborg.timeline (breach_id, at);

CREATE TABLE waarborg.attachment (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    breach_id bigint NOT NULL REFERENCES waarborg.breach,
    path      text NOT NULL CHECK (btrim(path) <> ''),
    sha256    text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes     bigint NOT NULL CHECK (bytes >= 0),
    added_at  timestamptz NOT NULL,
    added_by  text NOT NULL
);
CREATE INDEX attachment_breach ON waarborg.attachment (breach_id);

-- Claimed before it is sent, marked after.  The limit is part of the key: when it moves, its
-- reminders begin anew.
CREATE TABLE waarborg.reminder (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    breach_id  bigint NOT NULL,
    clock      text NOT NULL,
    due_at     timestamptz NOT NULL,
    step       text NOT NULL,
    covered_by text,
    claimed_at timestamptz NOT NULL,
    sent_at    timestamptz,
    dropped_because text CHECK (dropped_because IN ('met', 'not_needed', 'closed', 'moved', 'overtaken')),
    UNIQUE (breach_id, clock, due_at, step),
    FOREIGN KEY (breach_id, clock) REFERENCES waarborg.breach_clock (breach_id, clock),
    CONSTRAINT reminder_one_end CHECK (num_nonnulls(covered_by, sent_at, dropped_because) <= 1)
);
COMMENT ON COLUMN waarborg.reminder.covered_by IS
    'The later step whose mail said it all, when several had come at once (after an outage)';
COMMENT ON COLUMN waarborg.reminder.dropped_because IS
    'Why a claimed one was not sent after all: its clock was met meanwhile, its limit moved, and so on';
CREATE INDEX reminder_unsent ON waarborg.reminder (id)
    WHERE sent_at IS NULL AND covered_by IS NULL AND dropped_because IS NULL;

-- The organisation is a financial undertaking under the Wft (UAVG art. 42): off unless switched on.
CREATE TABLE waarborg.wft_undertaking (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    switched_on boolean NOT NULL,
    at          timestamptz NOT NULL,
    by          text NOT NULL
);

DO $$
DECLARE
    name text;
    key_of text;
BEGIN
    -- Only ever added to.
    FOREACH name IN ARRAY ARRAY['assessment', 'breach_clock', 'notification', 'notification_breach',
                                'measure', 'timeline', 'attachment', 'wft_undertaking'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waarborg.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION waarborg.refuse_change()', name);
        EXECUTE format('ALTER TABLE waarborg.%I ENABLE ALWAYS TRIGGER append_only', name);
    END LOOP;
    -- Changed by the rules of 006, never deleted.
    FOREACH name IN ARRAY ARRAY['breach_number', 'breach', 'affected', 'affected_count', 'letter',
                                'reminder'] LOOP
        EXECUTE format('CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON waarborg.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION waarborg.refuse_change()', name);
        EXECUTE format('ALTER TABLE waarborg.%I ENABLE ALWAYS TRIGGER never_deleted', name);
    END LOOP;
    FOR name, key_of IN VALUES ('assessment', 'breach_id'), ('notification', NULL),
        ('notification_breach', 'breach_id'), ('breach_clock', 'breach_id'), ('measure', 'breach_id'),
        ('timeline', 'breach_id'), ('attachment', 'breach_id'), ('reminder', 'breach_id'),
        ('breach', 'id'), ('wft_undertaking', NULL) LOOP
        EXECUTE format('CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON waarborg.%I
                        FOR EACH ROW EXECUTE FUNCTION waarborg.audit_row(%s)', name,
                       concat_ws(', ', CASE name WHEN 'notification_breach' THEN '''notification_id'''
                                                 WHEN 'breach_clock' THEN '''clock'''
                                                 WHEN 'breach' THEN '''reference'''
                                                 ELSE '''id''' END, quote_literal(key_of)));
        EXECUTE format('ALTER TABLE waarborg.%I ENABLE ALWAYS TRIGGER audit', name);
    END LOOP;
END
$$;
