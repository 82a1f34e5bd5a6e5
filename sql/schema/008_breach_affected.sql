-- The affected customers of a breach, and the letters to them.  As 007.

-- ---- Affected customers -----------------------------------------------------------------------

-- The text form of a key, or NULL when a word is no value of its column: then it is nobody's key.
CREATE FUNCTION waarborg.subject_key_or_null(p_policy text, p_key text[]) RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN waarborg.subject_key_text(p_policy, p_key);
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;

-- The same for many keys, each the text of an array; nearly always all of them are as they should be.
CREATE FUNCTION waarborg.subject_keys_text(p_policy text, p_keys text[]) RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = 'postgres'
SET bytea_output = 'hex' SET extra_float_digits = 1
AS $$
DECLARE
    canonical text;
    result text[];
BEGIN
    SELECT string_agg(format('(g.key[%s])::%s::text', k.n, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY k.n)
      INTO canonical
      FROM waarborg.policy AS p
     CROSS JOIN unnest(p.key_columns) WITH ORDINALITY AS k (name, n)
      JOIN pg_attribute AS a ON a.attname = k.name AND a.attnum > 0 AND NOT a.attisdropped
       AND a.attrelid = format('%I.%I', p.subject_schema, p.subject_table)::regclass
     WHERE p.name = p_policy;
    EXECUTE format('SELECT array_agg(CASE WHEN c.key = g.key THEN g.key::text
                                          ELSE waarborg.subject_key_text($2, g.key)::text END ORDER BY g.n)
                      FROM (SELECT u.word::text[] AS key, u.n FROM unnest($1) WITH ORDINALITY AS u (word, n)) AS g
                     CROSS JOIN LATERAL (SELECT ARRAY[%s] AS key) AS c', canonical)
       INTO result USING p_keys, p_policy;
    RETURN result;
EXCEPTION WHEN data_exception THEN
    RETURN (SELECT array_agg(waarborg.subject_key_or_null(p_policy, u.word::text[])::text ORDER BY u.n)
              FROM unnest(p_keys) WITH ORDINALITY AS u (word, n));
END
$$;

-- The keys of these subjects as their rows have them, in the order given.  canonical: the text form,
-- NULL when a word is no value of its column; own: as the row has it, which a type may write otherwise
-- (citext), NULL when there is no row.  Locks the rows so that a disposal cannot miss what is written
-- about them: either it sees that, or this waits for it and does not find them.
CREATE FUNCTION waarborg.subject_keys_lock(p_policy text, p_keys text[], OUT its_table text,
                                           OUT its_columns text[], OUT canonical text[], OUT own text[])
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = 'postgres'
SET bytea_output = 'hex' SET extra_float_digits = 1 SET row_security = off
AS $$
DECLARE
    subject waarborg.policy;
    condition text;
    key_text text;
BEGIN
    SELECT * INTO subject FROM waarborg.policy AS p WHERE p.name = p_policy;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'policy % is not registered: run waarborg retention approve', p_policy
            USING ERRCODE = 'WB002';
    END IF;
    IF EXISTS (SELECT 1 FROM unnest(p_keys) AS k
                WHERE cardinality(k::text[]) <> cardinality(subject.key_columns)) THEN
        RAISE EXCEPTION 'a key of policy % has % columns', p_policy, cardinality(subject.key_columns)
            USING ERRCODE = 'WB003';
    END IF;
    its_table := format('%I.%I', subject.subject_schema, subject.subject_table);
    its_columns := subject.key_columns;
    canonical := waarborg.subject_keys_text(p_policy, p_keys);
    SELECT string_agg(format('t.%I = (g.key[%s])::%s', k.name, k.n, format_type(a.atttypid, -1)), ' AND ' ORDER BY k.n),
           string_agg(format('t.%I::text', k.name), ', ' ORDER BY k.n)
      INTO condition, key_text
      FROM unnest(its_columns) WITH ORDINALITY AS k (name, n)
      JOIN pg_attribute AS a ON a.attrelid = its_table::regclass AND a.attname = k.name
                            AND a.attnum > 0 AND NOT a.attisdropped;
    EXECUTE format('WITH given AS MATERIALIZED (SELECT u.n, u.word::text[] AS key
                                                  FROM unnest($1) WITH ORDINALITY AS u (word, n)
                                                 WHERE u.word IS NOT NULL),
                         locked AS MATERIALIZED (SELECT g.n, ARRAY[%s]::text AS word
                                                   FROM given AS g JOIN %s AS t ON %s FOR KEY SHARE OF t)
                    SELECT array_agg(l.word ORDER BY u.n) FROM unnest($1) WITH ORDINALITY AS u (word, n)
                      LEFT JOIN (SELECT DISTINCT ON (n) n, word FROM locked) AS l ON l.n = u.n',
                   key_text, its_table, condition)
       INTO own USING canonical;
END
$$;

-- Adds customers who are there.  p_keys: a key is the text of an array.  missing: those of p_keys that
-- no customer has, as they were given; missing_canonical: their text form, '' when they can be nobody's.
CREATE FUNCTION waarborg.affected_add(p_reference text, p_policy text, p_keys text[],
                                      OUT added bigint, OUT already bigint, OUT missing text[],
                                      OUT missing_canonical text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_breach waarborg.breach := waarborg.breach_lock(p_reference);
    at timestamptz := waarborg.at();  -- once, and not for each row
    found_keys record;
BEGIN
    SELECT * INTO found_keys FROM waarborg.subject_keys_lock(p_policy, p_keys);
    INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, added_at)
    SELECT of_breach.id, p_policy, found_keys.its_table, found_keys.its_columns, k.word::text[], at
      FROM unnest(found_keys.own) WITH ORDINALITY AS k (word, n)
     WHERE k.word IS NOT NULL
     ORDER BY k.n
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS added = ROW_COUNT;
    SELECT count(*) FILTER (WHERE g.own IS NOT NULL) - added,
           coalesce(array_agg(g.word ORDER BY g.n) FILTER (WHERE g.own IS NULL), '{}'),
           coalesce(array_agg(coalesce(g.canonical, '') ORDER BY g.n) FILTER (WHERE g.own IS NULL), '{}')
      INTO already, missing, missing_canonical
      FROM unnest(p_keys, found_keys.canonical, found_keys.own) WITH ORDINALITY AS g (word, canonical, own, n);
END
$$;

-- Adds who was disposed of before it could be told to them: by reference, to be counted.  known: those
-- of p_references of whom there is a disposal record.
CREATE FUNCTION waarborg.affected_add_disposed(p_reference text, p_policy text, p_references bytea[],
                                               OUT added bigint, OUT known bytea[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_breach waarborg.breach := waarborg.breach_lock(p_reference);
BEGIN
    SELECT coalesce(array_agg(DISTINCT r), '{}') INTO known
      FROM unnest(p_references) AS r
     WHERE EXISTS (SELECT 1 FROM waarborg.disposal AS d WHERE d.reference = r);
    INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, reference, state, added_at)
    SELECT of_breach.id, p.name, format('%I.%I', p.subject_schema, p.subject_table), p.key_columns, k,
           'disposed', waarborg.at()
      FROM waarborg.policy AS p, unnest(known) AS k
     WHERE p.name = p_policy
       AND NOT EXISTS (SELECT 1 FROM waarborg.affected AS f
                        WHERE f.breach_id = of_breach.id AND f.reference = k);
    GET DIAGNOSTICS added = ROW_COUNT;
END
$$;

-- The register counts at least who is known to be affected.
CREATE FUNCTION waarborg.affected_feed(p_reference text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_breach waarborg.breach := waarborg.breach_lock(p_reference);
    known bigint := (SELECT coalesce(sum(c.n), 0) FROM waarborg.affected_count AS c
                      WHERE c.breach_id = of_breach.id);
BEGIN
    PERFORM waarborg.because('affected customers are known by now: ' || known);
    UPDATE waarborg.breach AS b
       SET persons_min = greatest(b.persons_min, known), persons_max = greatest(b.persons_max, known)
     WHERE b.id = of_breach.id
       AND (coalesce(b.persons_min, 0) < known OR coalesce(b.persons_max, 0) < known);
END
$$;

-- What becomes of these customers, or with p_keys NULL of everybody who still has to be told: they were
-- told in another way than by a letter of ours (state 'told'), or need not be (state 'exempt').
-- already: of p_keys, those that had been told or exempted, or stand there twice; missing and
-- missing_canonical, as of affected_add: those that name nobody who is affected, by a key.
CREATE FUNCTION waarborg.affected_settle(p_reference text, p_policy text, p_keys text[], p_state text,
                                         p_told_at timestamptz, p_channel text, p_because text,
                                         OUT settled bigint, OUT already bigint, OUT missing text[],
                                         OUT missing_canonical text[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_breach waarborg.breach := waarborg.breach_lock(p_reference);
    found_keys record;
BEGIN
    already := 0;
    missing := '{}';
    missing_canonical := '{}';
    IF p_keys IS NULL THEN
        UPDATE waarborg.affected AS f
           SET state = p_state, told_at = coalesce(p_told_at, f.told_at),
               channel = coalesce(p_channel, f.channel), exempt_because = p_because
         WHERE f.breach_id = of_breach.id AND f.state IN ('to_tell', 'returned');
        GET DIAGNOSTICS settled = ROW_COUNT;
        RETURN;
    END IF;
    SELECT * INTO found_keys FROM waarborg.subject_keys_lock(p_policy, p_keys);
    SELECT count(*) FILTER (WHERE f.id IS NOT NULL),
           coalesce(array_agg(g.word ORDER BY g.n) FILTER (WHERE f.id IS NULL), '{}'),
           coalesce(array_agg(coalesce(g.canonical, '') ORDER BY g.n) FILTER (WHERE f.id IS NULL), '{}')
      INTO already, missing, missing_canonical
      FROM unnest(p_keys, found_keys.canonical, found_keys.own) WITH ORDINALITY AS g (word, canonical, own, n)
      LEFT JOIN waarborg.affected AS f
        ON f.breach_id = of_breach.id AND f.subject_table = found_keys.its_table
       AND f.subject_key = coalesce(g.own, g.canonical)::text[];
    UPDATE waarborg.affected AS f
       SET state = p_state, told_at = coalesce(p_told_at, f.told_at),
           channel = coalesce(p_channel, f.channel), exempt_because = p_because
      FROM (SELECT DISTINCT coalesce(u.own, u.canonical) AS word
              FROM unnest(found_keys.canonical, found_keys.own) AS u (canonical, own)) AS g
     WHERE f.breach_id = of_breach.id AND f.subject_table = found_keys.its_table
       AND f.subject_key = g.word::text[] AND f.state IN ('to_tell', 'returned');
    GET DIAGNOSTICS settled = ROW_COUNT;
    already := already - settled;
END
$$;

CREATE FUNCTION waarborg.affected_told(p_reference text, p_policy text, p_keys text[], p_at timestamptz,
                                       p_channel text, OUT settled bigint, OUT already bigint,
                                       OUT missing text[], OUT missing_canonical text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM waarborg.refuse_faults(ARRAY[
        CASE WHEN p_at > waarborg.at() THEN 'told_at: lies in the future' END,
        CASE WHEN coalesce(btrim(p_channel), '') = '' THEN 'channel: is needed: how they were told' END]);
    SELECT * INTO settled, already, missing, missing_canonical
      FROM waarborg.affected_settle(p_reference, p_policy, p_keys, 'told', coalesce(p_at, waarborg.at()),
                                    p_channel, NULL);
END
$$;

CREATE FUNCTION waarborg.affected_exempt(p_reference text, p_policy text, p_keys text[], p_because text,
                                         OUT settled bigint, OUT already bigint, OUT missing text[],
                                         OUT missing_canonical text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM waarborg.because(p_because);
    SELECT * INTO settled, already, missing, missing_canonical
      FROM waarborg.affected_settle(p_reference, p_policy, p_keys, 'exempt', NULL, NULL, p_because);
END
$$;

-- A disposal takes the key away and leaves the reference.  Called in the transaction of the disposal,
-- at its end: it locks the end of the audit log, but only when somebody of p_keys was affected.
CREATE FUNCTION waarborg.affected_forget(p_subject_table text, p_keys text[], p_references bytea[])
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    n bigint;
BEGIN
    UPDATE waarborg.affected AS f
       SET subject_key = NULL, reference = g.reference,
           state = CASE WHEN f.state IN ('to_tell', 'returned') THEN 'disposed' ELSE f.state END
      FROM unnest(p_keys, p_references) AS g (word, reference)
     WHERE f.subject_table = p_subject_table AND f.subject_key = g.word::text[];
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;

-- ---- Letters ----------------------------------------------------------------------------------

-- A letter for everybody who still has to be told and has none under way.  Gives how many there are.
CREATE FUNCTION waarborg.letters_prepare(p_reference text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_breach waarborg.breach := waarborg.breach_lock(p_reference);
    n bigint;
BEGIN
    INSERT INTO waarborg.letter (affected_id, breach_id, created_at)
    SELECT f.id, f.breach_id, waarborg.at()
      FROM waarborg.affected AS f
     WHERE f.breach_id = of_breach.id AND f.state IN ('to_tell', 'returned') AND f.subject_key IS NOT NULL
     ORDER BY f.id
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n > 0 THEN
        PERFORM waarborg.audit_add('insert', 'letter', p_reference, NULL,
                                   jsonb_build_object('letters', n)::text);
    END IF;
    RETURN n;
END
$$;

-- Handing these letters over begins, by a channel.  Gives those that may go: whose customer still has to
-- be told, of an open breach of which it is decided that customers are told.  A letter that was begun by
-- the other channel may have arrived there: it goes only with p_again.
CREATE FUNCTION waarborg.letters_start(p_letters bigint[], p_channel text, p_again boolean DEFAULT false)
RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    begun bigint[];
BEGIN
    WITH went AS (
        UPDATE waarborg.letter AS l SET started_at = waarborg.at(), channel = p_channel
          FROM waarborg.affected AS f, waarborg.breach AS b, waarborg.assessment AS a
         WHERE l.id = ANY (p_letters) AND l.done_at IS NULL AND l.dropped_at IS NULL
           AND (p_again OR coalesce(l.channel, p_channel) = p_channel)
           AND f.id = l.affected_id AND f.state IN ('to_tell', 'returned') AND f.subject_key IS NOT NULL
           AND b.id = l.breach_id AND b.closed_at IS NULL
           AND a.id = b.assessment_id AND a.notify_customers
        RETURNING l.id)
    SELECT coalesce(array_agg(w.id), '{}') INTO begun FROM went AS w;
    RETURN begun;
END
$$;

-- It turned out that handing these over did not begin.
CREATE FUNCTION waarborg.letters_not_started(p_letters bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    UPDATE waarborg.letter SET started_at = NULL, channel = NULL
     WHERE id = ANY (p_letters) AND done_at IS NULL;
END;

-- These letters are with the mail system, or in their files; their customers are told.  Also those whose
-- customer was told in another way meanwhile: they went.
CREATE FUNCTION waarborg.letters_done(p_letters bigint[], p_channel text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    done_affected bigint[];
    n bigint;
BEGIN
    WITH done AS (UPDATE waarborg.letter
                     SET started_at = coalesce(started_at, waarborg.at()), done_at = waarborg.at(),
                         channel = p_channel, dropped_at = NULL
                   WHERE id = ANY (p_letters) AND done_at IS NULL RETURNING affected_id)
    SELECT coalesce(array_agg(d.affected_id), '{}') INTO done_affected FROM done AS d;
    UPDATE waarborg.affected SET state = 'told', told_at = waarborg.at(),
                                 channel = CASE p_channel WHEN 'mail' THEN 'e-mail' ELSE 'letter' END
     WHERE id = ANY (done_affected) AND state IN ('to_tell', 'returned');
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;

-- A mail that came back: its customer still has to be told.  One that was begun and not finished had
-- arrived at the mail system, then.  its_breach NULL: there is no such letter, or it never was a mail.
CREATE FUNCTION waarborg.letter_returned(p_letter bigint, p_token text, p_status text,
                                         OUT its_breach text, OUT already boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_letter waarborg.letter;
BEGIN
    SELECT l.* INTO found_letter FROM waarborg.letter AS l
     WHERE l.id = p_letter AND l.token = p_token AND l.channel = 'mail' FOR UPDATE;
    SELECT b.reference INTO its_breach FROM waarborg.breach AS b WHERE b.id = found_letter.breach_id;
    already := found_letter.returned_at IS NOT NULL;
    IF its_breach IS NULL OR already THEN
        RETURN;
    END IF;
    UPDATE waarborg.letter AS l
       SET done_at = coalesce(l.done_at, l.started_at), dropped_at = NULL,
           returned_at = waarborg.at(), status = nullif(p_status, '')
     WHERE l.id = p_letter;
    UPDATE waarborg.affected AS f
       SET state = 'returned', returned_at = waarborg.at(),
           told_at = coalesce(f.told_at, found_letter.started_at),
           channel = coalesce(f.channel, 'e-mail')
     WHERE f.id = found_letter.affected_id
       AND (f.state = 'to_tell' OR (f.state = 'told' AND f.channel = 'e-mail'))
       -- Another letter to the same customer went after this one.
       AND NOT EXISTS (SELECT 1 FROM waarborg.letter AS o
                        WHERE o.affected_id = f.id AND o.id > p_letter AND o.done_at IS NOT NULL);
END
$$;

-- Who need not be told any more has no letter waiting, whoever writes.
CREATE FUNCTION waarborg.letters_drop() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE waarborg.letter AS l SET dropped_at = waarborg.at()
      FROM new_rows AS n
     WHERE l.affected_id = n.id AND n.state NOT IN ('to_tell', 'returned')
       AND l.done_at IS NULL AND l.dropped_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER letters_drop AFTER UPDATE ON waarborg.affected REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.letters_drop();
ALTER TABLE waarborg.affected ENABLE ALWAYS TRIGGER letters_drop;
