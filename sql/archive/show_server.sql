-- Which database is this?
--
-- Returns one row: database name, system identifier (NULL when we may not read it), server version,
-- database user.
SELECT current_database(),
       CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE')
            THEN (SELECT c.system_identifier::text FROM pg_control_system() AS c) END,
       current_setting('server_version'),
       session_user;
