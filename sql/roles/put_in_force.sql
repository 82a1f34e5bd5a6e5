-- From now on the roles hold in this database (sql/schema/010_roles.sql).
--
-- $1 timestamptz  now
-- Returns: nothing; the first time stays.
INSERT INTO waarborg.roles_in_force (since, by)
SELECT $1::timestamptz, session_user
 WHERE NOT EXISTS (SELECT 1 FROM waarborg.roles_in_force)
    ON CONFLICT DO NOTHING;
