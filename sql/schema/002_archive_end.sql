-- The end of an archive, holds on it, and a database that was restored to an earlier point.

-- A hold on somebody who was disposed of: no key is kept, only the reference.
ALTER TABLE waarborg.hold
    ALTER COLUMN subject_key DROP NOT NULL,
    ADD COLUMN reference bytea,
    ADD CONSTRAINT hold_on_row_or_archive CHECK ((subject_key IS NULL) <> (reference IS NULL));
COMMENT ON COLUMN waarborg.hold.reference IS
    'Of a subject that was disposed of: the hold keeps the segments that have it from being destroyed';
CREATE INDEX hold_archive ON waarborg.hold (reference)
    WHERE reference IS NOT NULL AND released_at IS NULL;

-- Subjects whose disposal the database forgot when it was restored to an earlier point, so that they
-- may be back.  No key: they are found by their reference.
CREATE TABLE waarborg.returned (
    reference     bytea PRIMARY KEY,
    segment_id    text NOT NULL REFERENCES waarborg.segment,
    policy        text NOT NULL REFERENCES waarborg.policy,
    subject_table text NOT NULL,
    key_columns   text[] NOT NULL,
    rule          text NOT NULL,
    due_on        date NOT NULL,
    wanted        text NOT NULL CHECK (wanted IN ('erased', 'held')),
    noted_at      timestamptz NOT NULL,
    looked_at     timestamptz,
    settled_at    timestamptz,
    outcome       text CHECK (outcome IN ('disposed', 'absent', 'held')),
    CHECK ((settled_at IS NULL) = (outcome IS NULL))
);
COMMENT ON COLUMN waarborg.returned.wanted IS
    'held: the journal has a restore after the disposal, so the subject may be there; its hold was lost';
COMMENT ON COLUMN waarborg.returned.looked_at IS
    'NULL: nobody has looked for it yet; no ordinary run may start before that';
CREATE INDEX returned_open ON waarborg.returned (policy) WHERE settled_at IS NULL;

-- The text form of a key, as the disposal of its subject saw it, without the row: each word as a
-- value of its column and back.  NULL when a column cannot hold the word as it stands (a number is
-- rounded, a text cut): such a key was never anybody's, and its text might be somebody else's.
CREATE FUNCTION waarborg.subject_key_text(p_policy text, p_key text[]) RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = 'postgres'
SET bytea_output = 'hex' SET extra_float_digits = 1
AS $$
DECLARE
    subject waarborg.policy;
    of_column record;
    base pg_type;
    word text;
    fits boolean;
    subject_key text[] := '{}';
BEGIN
    SELECT * INTO subject FROM waarborg.policy AS p WHERE p.name = p_policy;
    FOR of_column IN
        SELECT k.n, a.atttypid AS type, a.atttypmod AS modifier
          FROM unnest(subject.key_columns) WITH ORDINALITY AS k (name, n)
          JOIN pg_attribute AS a ON a.attname = k.name AND a.attnum > 0 AND NOT a.attisdropped
           AND a.attrelid = format('%I.%I', subject.subject_schema,
                                   subject.subject_table)::regclass
         ORDER BY k.n
    LOOP
        SELECT * INTO base FROM pg_type AS t WHERE t.oid = of_column.type;
        WHILE base.typtype = 'd' LOOP
            SELECT * INTO base FROM pg_type AS t WHERE t.oid = base.typbasetype;
        END LOOP;
        -- Types of extensions have no length to cut to, and their = is not in our search_path.
        EXECUTE format('SELECT $1::%s::text, %s',
                       format_type(of_column.type, of_column.modifier),
                       CASE WHEN base.typnamespace = 'pg_catalog'::regnamespace
                            THEN format('$1::%s = $1::%s',
                                        format_type(of_column.type, of_column.modifier),
                                        format_type(base.oid, -1))
                            ELSE 'true' END)
           INTO word, fits USING p_key[of_column.n];
        IF fits IS NOT TRUE THEN
            RETURN NULL;
        END IF;
        subject_key := subject_key || word;
    END LOOP;
    RETURN subject_key;
END
$$;

-- Holds the archive of a subject that was disposed of.  Locks the segments that have it, so that a
-- hold and an expiry cannot miss each other: either the expiry sees the hold, or this waits for the
-- expiry and finds the segment destroyed.
CREATE FUNCTION waarborg.archive_hold_add(p_policy text, p_reference bytea, p_kind text,
                                          p_reason text, p_review_on date, p_at timestamptz,
                                          p_by text, OUT hold_id bigint, OUT segments text[])
LANGUAGE plpgsql SET search_path = pg_catalog
AS $$
DECLARE
    subject waarborg.policy;
BEGIN
    SELECT * INTO subject FROM waarborg.policy AS p WHERE p.name = p_policy;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'policy % is not registered: run waarborg retention approve', p_policy
            USING ERRCODE = 'WB002';
    END IF;
    SELECT array_agg(kept.id ORDER BY kept.chain_no) INTO segments
      FROM (SELECT s.id, s.chain_no
              FROM waarborg.segment AS s
             WHERE s.destroyed_at IS NULL
               AND EXISTS (SELECT 1 FROM waarborg.disposal AS d
                            WHERE d.reference = p_reference AND d.segment_id = s.id)
               FOR SHARE OF s) AS kept;
    IF segments IS NULL THEN
        IF EXISTS (SELECT 1 FROM waarborg.disposal AS d WHERE d.reference = p_reference) THEN
            RAISE EXCEPTION 'every segment with this subject of policy % is destroyed', p_policy
                USING ERRCODE = 'WB006';
        END IF;
        RAISE EXCEPTION 'no segment has this subject of policy %', p_policy
            USING ERRCODE = 'WB005';
    END IF;
    INSERT INTO waarborg.hold (subject_table, key_columns, reference, kind, reason, review_on,
                               placed_at, placed_by)
    VALUES (format('%I.%I', subject.subject_schema, subject.subject_table), subject.key_columns,
            p_reference, p_kind, p_reason, p_review_on, p_at, p_by)
    RETURNING id INTO hold_id;
END
$$;

-- As before, but a word that its column would cut or round holds nobody: the cast of a domain cuts in
-- silence, and what is left may be somebody else's key.
CREATE OR REPLACE FUNCTION waarborg.hold_add(p_policy text, p_key text[], p_kind text, p_reason text,
                                             p_review_on date, p_at timestamptz, p_by text)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog
AS $$
DECLARE
    new_id bigint;
    locked record;
BEGIN
    locked := waarborg.subject_lock(p_policy, p_key);
    IF waarborg.subject_key_text(p_policy, p_key) IS NULL THEN
        RAISE EXCEPTION 'a word of the key does not fit its column' USING ERRCODE = '22001';
    END IF;
    INSERT INTO waarborg.hold (subject_table, key_columns, subject_key, kind, reason, review_on,
                               placed_at, placed_by)
    VALUES (locked.subject_table, locked.key_columns, locked.subject_key, p_kind, p_reason,
            p_review_on, p_at, p_by)
    RETURNING id INTO new_id;
    RETURN new_id;
END
$$;
