-- Creates the roles that are not there yet; those that are stay as they are.
--
-- No parameters, returns nothing.  Roles belong to the whole cluster: another database may be at it at
-- this moment.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['waarborg_job', 'waarborg_security', 'waarborg_dpo', 'waarborg_auditor'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles AS r WHERE r.rolname = name) THEN
            BEGIN
                EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
    END LOOP;
END
$$;
