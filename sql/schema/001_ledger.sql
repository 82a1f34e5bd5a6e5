-- The schema of waarborg: approvals, worklist, holds and the ledger of what was disposed of.
-- Forward only: a published migration is never edited (its digest is recorded); write the next one.
-- Instants are parameters of the statements that write them: a rerun must tell the same story.

CREATE TABLE waarborg.policy (
    name           text PRIMARY KEY,
    subject_schema text NOT NULL,
    subject_table  text NOT NULL,
    key_columns    text[] NOT NULL CHECK (cardinality(key_columns) > 0)
);
COMMENT ON TABLE waarborg.policy IS
    'What the subject of each policy is, so that a hold can lock it before it is placed';

CREATE TABLE waarborg.approval (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    policy      text NOT NULL REFERENCES waarborg.policy,
    fingerprint text NOT NULL,
    definition  text NOT NULL,
    approved_at timestamptz NOT NULL,
    approved_by text NOT NULL,
    os_user     text NOT NULL
);
COMMENT ON COLUMN waarborg.approval.definition IS
    'The text the fingerprint is the SHA-256 of, one fact a line, so that drift can be shown';
CREATE INDEX approval_latest ON waarborg.approval (policy, id DESC);

CREATE TABLE waarborg.run (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    policy          text NOT NULL REFERENCES waarborg.policy,
    as_of           date NOT NULL,
    started_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    outcome         text CHECK (outcome IN ('done', 'attention', 'stopped', 'failed')),
    fingerprint     text NOT NULL,
    program_version text NOT NULL,
    due             bigint NOT NULL,
    held            bigint NOT NULL,
    uncovered       bigint NOT NULL,
    disposed        bigint NOT NULL DEFAULT 0,
    blocked         bigint NOT NULL DEFAULT 0,
    rows            bigint NOT NULL DEFAULT 0,
    bytes           bigint NOT NULL DEFAULT 0
);

CREATE TABLE waarborg.hold (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject_table  text NOT NULL,
    key_columns    text[] NOT NULL,
    subject_key    text[] NOT NULL CHECK (cardinality(subject_key) = cardinality(key_columns)),
    kind           text NOT NULL CHECK (kind IN ('complaint', 'claim', 'restriction', 'request',
                                                 'breach', 'other')),
    reason         text NOT NULL CHECK (btrim(reason) <> ''),
    review_on      date,
    placed_at      timestamptz NOT NULL,
    placed_by      text NOT NULL,
    released_at    timestamptz,
    released_by    text,
    release_reason text CHECK (btrim(release_reason) <> ''),
    CHECK ((released_at IS NULL) = (released_by IS NULL)),
    CHECK ((released_at IS NULL) = (release_reason IS NULL))
);
COMMENT ON COLUMN waarborg.hold.subject_table IS
    'schema.table as format(%I.%I): a hold is on the person, so every policy on that table obeys it';
CREATE INDEX hold_active ON waarborg.hold (subject_table, subject_key) WHERE released_at IS NULL;

CREATE SEQUENCE waarborg.scan;
COMMENT ON SEQUENCE waarborg.scan IS 'Numbers the scans; rows of the worklist with an older number are gone';

-- No foreign key: every scan writes these rows anew, and a check a row is a third of its time.
CREATE TABLE waarborg.worklist (
    policy      text NOT NULL,
    subject_key text[] NOT NULL,
    state       text NOT NULL CHECK (state IN ('due', 'held', 'blocked', 'uncovered')),
    rule        text,
    due_on      date,
    ordinal     bigint,
    reason      text,
    since       timestamptz NOT NULL,
    last_tried  timestamptz,
    last_pass   integer NOT NULL DEFAULT 0,
    scan        bigint NOT NULL,
    PRIMARY KEY (policy, subject_key, scan)
);
COMMENT ON COLUMN waarborg.worklist.ordinal IS
    'Place in the order of the typed key, so that a batch covers neighbouring rows';
COMMENT ON COLUMN waarborg.worklist.last_pass IS
    'The last pass of the present run that tried this subject; a busy one waits for the next pass';
CREATE INDEX worklist_pick ON waarborg.worklist (policy, state, ordinal)
    WHERE state IN ('due', 'blocked');

CREATE TABLE waarborg.segment (
    id              text PRIMARY KEY,
    run_id          bigint NOT NULL REFERENCES waarborg.run,
    policy          text NOT NULL REFERENCES waarborg.policy,
    chain_no        bigint NOT NULL UNIQUE,
    file            text NOT NULL UNIQUE,
    created_at      timestamptz NOT NULL,
    subjects        bigint NOT NULL,
    rows            bigint NOT NULL,
    bytes           bigint NOT NULL,
    sha256          text NOT NULL,
    manifest_sha256 text NOT NULL UNIQUE,
    previous_sha256 text NOT NULL,
    destroyed_at    timestamptz
);
COMMENT ON COLUMN waarborg.segment.file IS
    'Path below the archive directory, without the endings .sql.gz[.cms] and .manifest.json';

-- One row: the end of the chain of manifests.  Locked by the batch that adds to it, until COMMIT.
CREATE TABLE waarborg.chain (
    only_row        boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    head_no         bigint NOT NULL,
    manifest_sha256 text NOT NULL
);
INSERT INTO waarborg.chain (head_no, manifest_sha256) VALUES (0, repeat('0', 64));

CREATE TABLE waarborg.segment_table (
    segment_id text NOT NULL REFERENCES waarborg.segment,
    member     integer NOT NULL,
    table_name text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('rows', 'unlinked')),
    rows       bigint NOT NULL,
    bytes      bigint NOT NULL,
    sha256     text NOT NULL,
    PRIMARY KEY (segment_id, member)
);

-- The disposal record: what is left of a subject.  No key, no name: an HMAC over table and key.
-- No foreign key: the same transaction writes the segment, and segments are never deleted.
CREATE TABLE waarborg.disposal (
    segment_id  text NOT NULL,
    reference   bytea NOT NULL,
    policy      text NOT NULL,
    rule        text NOT NULL,
    due_on      date NOT NULL,
    restored_at timestamptz,
    PRIMARY KEY (reference, segment_id)
);

CREATE TABLE waarborg.restore (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    segment_id  text NOT NULL REFERENCES waarborg.segment,
    reference   bytea,
    subjects    bigint NOT NULL,
    rows        bigint NOT NULL,
    reason      text NOT NULL CHECK (btrim(reason) <> ''),
    restored_at timestamptz NOT NULL,
    restored_by text NOT NULL,
    os_user     text NOT NULL
);
COMMENT ON COLUMN waarborg.restore.reference IS 'NULL: the whole segment';

-- Locks the subject, so that a hold and a disposal cannot miss each other: either the disposal sees
-- the hold, or this waits for the disposal and finds the subject gone (SQLSTATE WB001).
-- KEY SHARE, because nothing weaker stops a DELETE and nothing stronger is needed: the
-- application's own updates go on.  Returns the key in its canonical text form.
CREATE FUNCTION waarborg.subject_lock(p_policy text, p_key text[], OUT subject_table text,
                                      OUT key_columns text[], OUT subject_key text[])
LANGUAGE plpgsql
SET search_path = pg_catalog SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = 'postgres'
SET bytea_output = 'hex' SET extra_float_digits = 1 SET row_security = off
AS $$
DECLARE
    subject waarborg.policy;
    condition text;
    canonical text;
BEGIN
    SELECT * INTO subject FROM waarborg.policy AS p WHERE p.name = p_policy;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'policy % is not registered: run waarborg retention approve', p_policy
            USING ERRCODE = 'WB002';
    END IF;
    IF cardinality(p_key) IS DISTINCT FROM cardinality(subject.key_columns) THEN
        RAISE EXCEPTION 'a key of policy % has % columns', p_policy, cardinality(subject.key_columns)
            USING ERRCODE = 'WB003';
    END IF;
    subject_table := format('%I.%I', subject.subject_schema, subject.subject_table);
    key_columns := subject.key_columns;
    SELECT string_agg(format('t.%I = $1[%s]::%s', k.name, k.n,
                             format_type(a.atttypid, -1)), ' AND ' ORDER BY k.n),
           string_agg(format('t.%I::text', k.name), ', ' ORDER BY k.n)
      INTO condition, canonical
      FROM unnest(subject.key_columns) WITH ORDINALITY AS k (name, n)
      JOIN pg_attribute AS a ON a.attrelid = subject_table::regclass AND a.attname = k.name
                            AND a.attnum > 0 AND NOT a.attisdropped
    HAVING count(*) = cardinality(subject.key_columns);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table % no longer has the key columns of policy %', subject_table, p_policy
            USING ERRCODE = 'WB004';
    END IF;
    EXECUTE format('SELECT ARRAY[%s] FROM %s AS t WHERE %s FOR KEY SHARE', canonical, subject_table,
                   condition)
       INTO subject_key USING p_key;
    IF subject_key IS NULL THEN
        RAISE EXCEPTION 'this subject of policy % is not in the database: disposed of, or never there',
            p_policy USING ERRCODE = 'WB001';
    END IF;
END
$$;

CREATE FUNCTION waarborg.hold_add(p_policy text, p_key text[], p_kind text, p_reason text,
                                  p_review_on date, p_at timestamptz, p_by text)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog
AS $$
DECLARE
    new_id bigint;
    locked record;
BEGIN
    locked := waarborg.subject_lock(p_policy, p_key);
    INSERT INTO waarborg.hold (subject_table, key_columns, subject_key, kind, reason, review_on,
                               placed_at, placed_by)
    VALUES (locked.subject_table, locked.key_columns, locked.subject_key, p_kind, p_reason,
            p_review_on, p_at, p_by)
    RETURNING id INTO new_id;
    RETURN new_id;
END
$$;
