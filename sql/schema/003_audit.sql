-- The audit log: every write to holds, approvals and the breach register, chained by digests.

CREATE TABLE waarborg.audit (
    seq         bigint PRIMARY KEY,
    recorded_at timestamptz NOT NULL,
    at          timestamptz,
    db_role     text NOT NULL,
    os_user     text,
    action      text NOT NULL,
    object      text NOT NULL,
    breach      text,
    reason      text,
    old         text,
    new         text,
    previous    text NOT NULL,
    sha256      text NOT NULL
);
COMMENT ON COLUMN waarborg.audit.recorded_at IS 'The clock of the server: nobody can choose it';
COMMENT ON COLUMN waarborg.audit.at IS 'The clock of the program (waarborg.at), which --as-of may set';
COMMENT ON COLUMN waarborg.audit.os_user IS
    'The system user as the program tells it (waarborg.os_user); NULL when another client wrote';
COMMENT ON COLUMN waarborg.audit.old IS 'JSON of what changed or went; of many rows: how many, and a digest';
CREATE INDEX audit_breach ON waarborg.audit (breach, seq) WHERE breach IS NOT NULL;

-- One row: the end of the chain.  Locked by whoever adds to it, until COMMIT, so that concurrent
-- writers stand in line and the chain has no forks and no gaps.
CREATE TABLE waarborg.audit_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seq      bigint NOT NULL,
    sha256   text NOT NULL
);
INSERT INTO waarborg.audit_head (seq, sha256) VALUES (0, repeat('0', 64));

-- These four have no search_path of their own, so that they can be inlined: several of them are called for
-- every line.  Their names were looked up when they were made.
CREATE FUNCTION waarborg.audit_field(p_value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_value IS NULL THEN '-' ELSE octet_length(p_value) || ':' || p_value END || ',';
COMMENT ON FUNCTION waarborg.audit_field(text) IS
    'A field as it goes into the digest: its length in bytes, a colon, the bytes, a comma; NULL is -,';

CREATE FUNCTION waarborg.audit_instant(p_instant timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_char(p_instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- What the SHA-256 of a row is taken of; anybody can do it again with any tool.
CREATE FUNCTION waarborg.audit_bytes(p waarborg.audit) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN waarborg.audit_field(p.previous) || waarborg.audit_field(p.seq::text)
    || waarborg.audit_field(waarborg.audit_instant(p.recorded_at))
    || waarborg.audit_field(waarborg.audit_instant(p.at)) || waarborg.audit_field(p.db_role)
    || waarborg.audit_field(p.os_user) || waarborg.audit_field(p.action)
    || waarborg.audit_field(p.object) || waarborg.audit_field(p.breach)
    || waarborg.audit_field(p.reason) || waarborg.audit_field(p.old) || waarborg.audit_field(p.new);

-- Settings of the transaction, set by the program and by the functions of the register.
CREATE FUNCTION waarborg.told(p_name text) RETURNS text
LANGUAGE sql STABLE
RETURN nullif(current_setting('waarborg.' || p_name, true), '');

CREATE FUNCTION waarborg.audit_add(p_action text, p_object text, p_breach text, p_old text, p_new text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head waarborg.audit_head;
    entry waarborg.audit;
    -- Where this transaction left the row: each line leaves a dead version of it behind, and looking
    -- for the living one among them would take a time that grows with every line.
    place tid := waarborg.told('audit_place');
BEGIN
    SELECT * INTO head FROM waarborg.audit_head AS h WHERE h.ctid = place FOR UPDATE;
    IF NOT FOUND THEN
        place := NULL;
        SELECT * INTO STRICT head FROM waarborg.audit_head FOR UPDATE;
    END IF;
    -- Text that came in as JSON has been normalised by jsonb already; the digest is of the text.
    entry := ROW(head.seq + 1, clock_timestamp(), waarborg.told('at')::timestamptz, session_user,
                 waarborg.told('os_user'), p_action, p_object, p_breach, waarborg.told('reason'),
                 p_old, p_new, head.sha256, '');
    entry.sha256 := encode(sha256(convert_to(waarborg.audit_bytes(entry), 'UTF8')), 'hex');
    PERFORM set_config('waarborg.auditing', 'yes', true);
    INSERT INTO waarborg.audit SELECT entry.*;
    IF place IS NULL THEN
        UPDATE waarborg.audit_head SET seq = entry.seq, sha256 = entry.sha256 RETURNING ctid INTO place;
    ELSE
        UPDATE waarborg.audit_head AS h SET seq = entry.seq, sha256 = entry.sha256
         WHERE h.ctid = place RETURNING h.ctid INTO place;
    END IF;
    PERFORM set_config('waarborg.auditing', '', true), set_config('waarborg.audit_place', place::text, true);
END
$$;

-- ENABLE ALWAYS: session_replication_role = replica, which a restore uses, must not open a door.
CREATE FUNCTION waarborg.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'waarborg.% only grows: nothing in it is changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'WB015';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waarborg.audit
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.refuse_change();
ALTER TABLE waarborg.audit ENABLE ALWAYS TRIGGER append_only;

-- Not a lock but a rail: it stops the careless, and evidence verify finds the others.
CREATE FUNCTION waarborg.audit_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF waarborg.told('auditing') = 'yes' AND TG_OP = TG_ARGV[0] THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the audit log is written by waarborg.audit_add alone'
        USING ERRCODE = 'WB015';
END
$$;
CREATE TRIGGER guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON waarborg.audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.audit_guard('UPDATE');
ALTER TABLE waarborg.audit_head ENABLE ALWAYS TRIGGER guard;
CREATE TRIGGER guard BEFORE INSERT ON waarborg.audit
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.audit_guard('INSERT');
ALTER TABLE waarborg.audit ENABLE ALWAYS TRIGGER guard;

-- One line of the log for each row that is written.  TG_ARGV[0]: the column that names the row;
-- TG_ARGV[1]: the column with the number of its breach, if it has one.
CREATE FUNCTION waarborg.audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    is_now jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    entry jsonb := coalesce(is_now, was);
    breach_reference text;
BEGIN
    IF TG_NARGS > 1 THEN
        EXECUTE 'SELECT b.reference FROM waarborg.breach AS b WHERE b.id = $1'
           INTO breach_reference USING (entry ->> TG_ARGV[1])::bigint;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(n.key, w.value), jsonb_object_agg(n.key, n.value)
          INTO was, is_now
          FROM jsonb_each(is_now) AS n JOIN jsonb_each(was) AS w ON w.key = n.key
         WHERE n.value IS DISTINCT FROM w.value;
        IF is_now IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM waarborg.audit_add(lower(TG_OP), TG_TABLE_NAME || ' ' || (entry ->> TG_ARGV[0]),
                               breach_reference, jsonb_strip_nulls(was)::text,
                               CASE WHEN TG_OP = 'INSERT' THEN jsonb_strip_nulls(is_now)
                                    ELSE is_now END::text);
    RETURN NULL;
END
$$;

-- The key of a living customer stays out of the log, which outlives the customer.
CREATE FUNCTION waarborg.audit_hold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM waarborg.audit_add(lower(TG_OP), 'hold ' || coalesce(NEW.id, OLD.id), NULL,
        (to_jsonb(OLD) - 'subject_key')::text, (to_jsonb(NEW) - 'subject_key')::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON waarborg.hold
    FOR EACH ROW EXECUTE FUNCTION waarborg.audit_hold();
ALTER TABLE waarborg.hold ENABLE ALWAYS TRIGGER audit;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON waarborg.approval
    FOR EACH ROW EXECUTE FUNCTION waarborg.audit_row('id');
ALTER TABLE waarborg.approval ENABLE ALWAYS TRIGGER audit;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waarborg.approval
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.refuse_change();
ALTER TABLE waarborg.approval ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON waarborg.hold
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.refuse_change();
ALTER TABLE waarborg.hold ENABLE ALWAYS TRIGGER never_deleted;
