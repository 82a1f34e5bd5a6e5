-- Who may decide and who may run, in a database for which `migrate --roles` was run; and what the roles
-- need beyond grants.

CREATE TABLE waarborg.roles_in_force (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    since    timestamptz NOT NULL,
    by       text NOT NULL
);
COMMENT ON TABLE waarborg.roles_in_force IS
    'A row: migrate --roles was run for this database.  Roles belong to the whole cluster, so that they exist says nothing';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON waarborg.roles_in_force
    FOR EACH STATEMENT EXECUTE FUNCTION waarborg.refuse_change();
ALTER TABLE waarborg.roles_in_force ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON waarborg.roles_in_force
    FOR EACH ROW EXECUTE FUNCTION waarborg.audit_row('only_row');
ALTER TABLE waarborg.roles_in_force ENABLE ALWAYS TRIGGER audit;

-- Is p_role this role, or a member of it, through others or not?  Not pg_has_role: to that a superuser
-- is a member of everything.
CREATE FUNCTION waarborg.is_member(p_role name, p_of name) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH RECURSIVE up (roleid) AS (
        SELECT r.oid FROM pg_roles AS r WHERE r.rolname = p_role
        UNION
        SELECT m.roleid FROM pg_auth_members AS m JOIN up ON m.member = up.roleid)
    SELECT EXISTS (SELECT 1 FROM up JOIN pg_roles AS r ON r.oid = up.roleid WHERE r.rolname = p_of);
END;

-- A superuser, or the owner of the schema: whoever could take the rules away.
CREATE FUNCTION waarborg.is_owner(p_role name) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.rolsuper OR waarborg.is_member(p_role, o.rolname)
      FROM pg_roles AS r, pg_namespace AS n JOIN pg_roles AS o ON o.oid = n.nspowner
     WHERE r.rolname = p_role AND n.nspname = 'waarborg';
END;

-- Why this role may not decide (approve a policy, end a hold), or NULL.  Membership of waarborg_job
-- outweighs everything else: who carries out does not decide.
CREATE FUNCTION waarborg.may_not_decide(p_role name) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM waarborg.roles_in_force) THEN NULL
        WHEN waarborg.is_member(p_role, 'waarborg_job')
            THEN format('%I is a member of waarborg_job, which carries it out', p_role)
        WHEN NOT (waarborg.is_member(p_role, 'waarborg_dpo') OR waarborg.is_owner(p_role))
            THEN format('%I is no member of waarborg_dpo', p_role)
    END;
END;

CREATE FUNCTION waarborg.approval_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    why text := waarborg.may_not_decide(session_user);
BEGIN
    IF why IS NOT NULL THEN
        RAISE EXCEPTION 'a policy is approved by a member of waarborg_dpo, not by the role that runs it: %', why
            USING ERRCODE = 'WB016';
    END IF;
    IF NEW.approved_by <> session_user AND EXISTS (SELECT 1 FROM waarborg.roles_in_force) THEN
        RAISE EXCEPTION 'an approval is in the name of who gives it' USING ERRCODE = 'WB016';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rules BEFORE INSERT ON waarborg.approval
    FOR EACH ROW EXECUTE FUNCTION waarborg.approval_rules();
ALTER TABLE waarborg.approval ENABLE ALWAYS TRIGGER rules;

-- The nightly job writes releases that only the journal knows, after a restore of the database: those
-- stand in the name of the journal, in the audit log under the job's.
CREATE FUNCTION waarborg.hold_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    why text := waarborg.may_not_decide(session_user);
BEGIN
    IF NEW.released_at IS NOT NULL AND why IS NOT NULL
        AND NOT (NEW.released_by = 'journal' AND NEW.reference IS NOT NULL
                 AND waarborg.is_member(session_user, 'waarborg_job')) THEN
        RAISE EXCEPTION 'a hold is released by a member of waarborg_dpo: %', why USING ERRCODE = 'WB016';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rules BEFORE INSERT OR UPDATE ON waarborg.hold
    FOR EACH ROW EXECUTE FUNCTION waarborg.hold_rules();
ALTER TABLE waarborg.hold ENABLE ALWAYS TRIGGER rules;

-- Registers what the subject of a policy is; writes only what differs, with the caller's own rights, so
-- that whoever may not write can still ask for what is there.
CREATE FUNCTION waarborg.policy_register(p_name text, p_schema text, p_table text, p_key text[])
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM waarborg.policy AS p
                WHERE p.name = p_name AND p.subject_schema = p_schema AND p.subject_table = p_table
                  AND p.key_columns = p_key) THEN
        RETURN;
    END IF;
    INSERT INTO waarborg.policy (name, subject_schema, subject_table, key_columns)
    VALUES (p_name, p_schema, p_table, p_key)
        ON CONFLICT (name) DO UPDATE
       SET subject_schema = EXCLUDED.subject_schema, subject_table = EXCLUDED.subject_table,
           key_columns = EXCLUDED.key_columns;
END
$$;

-- Functions with the owner's rights read the subject table of a policy and cast to the types of its key.
-- Somebody else's table there would lend them those rights: a domain runs code of its own.
CREATE FUNCTION waarborg.policy_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM waarborg.roles_in_force) OR waarborg.is_owner(session_user) THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_class AS t
                    WHERE t.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = NEW.subject_schema)
                      AND t.relname = NEW.subject_table AND t.relkind IN ('r', 'p') AND t.relpersistence <> 't'
                      AND NOT pg_has_role(session_user, t.relowner, 'MEMBER')
                      AND NOT EXISTS (SELECT 1 FROM pg_attribute AS a JOIN pg_type AS y ON y.oid = a.atttypid
                                       WHERE a.attrelid = t.oid AND a.attname = ANY (NEW.key_columns)
                                         AND pg_has_role(session_user, y.typowner, 'MEMBER'))) THEN
        RAISE EXCEPTION 'the subject of policy % is not there, or belongs to % itself: its first approval is for the owner of the schema waarborg',
            NEW.name, session_user USING ERRCODE = 'WB016';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rules BEFORE INSERT OR UPDATE ON waarborg.policy
    FOR EACH ROW EXECUTE FUNCTION waarborg.policy_rules();
ALTER TABLE waarborg.policy ENABLE ALWAYS TRIGGER rules;

-- Whoever may place a hold need not be able to write the customer, or to read them.
ALTER FUNCTION waarborg.hold_add(text, text[], text, text, date, timestamptz, text) SECURITY DEFINER;
ALTER FUNCTION waarborg.archive_hold_add(text, bytea, text, text, date, timestamptz, text) SECURITY DEFINER;

-- What the configuration says, from whoever works with the register; who only reads it changes nothing.
CREATE FUNCTION waarborg.wft_told(p_on boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_on IS DISTINCT FROM coalesce((SELECT w.switched_on FROM waarborg.wft_undertaking AS w
                                        ORDER BY w.id DESC LIMIT 1), false)
        AND has_function_privilege('waarborg.wft_switch(boolean)', 'EXECUTE') THEN
        PERFORM waarborg.wft_switch(p_on);
    END IF;
END
$$;
