-- Was migrate --roles run for this database?
--
-- Returns: one row, boolean.
SELECT EXISTS (SELECT 1 FROM waarborg.roles_in_force);
