-- Which rights of waarborg_job (sql/roles/grant_schema.sql) do we lack, that a run would miss?
--
-- No parameters.
-- Returns: one row: "INSERT on waarborg.run, ..." (text, NULL when none is missing).
SELECT string_agg(m.right_on, ', ' ORDER BY m.right_on)
  FROM (SELECT w.needed || ' on waarborg.' || w.name
          FROM (VALUES ('approval', 'SELECT'), ('standing_hold', 'SELECT'), ('audit_head', 'SELECT'),
                       ('run', 'SELECT'), ('run', 'INSERT'), ('run', 'UPDATE'), ('hold', 'SELECT'),
                       ('worklist', 'SELECT'), ('worklist', 'INSERT'), ('worklist', 'UPDATE'),
                       ('worklist', 'DELETE'), ('segment', 'SELECT'), ('segment', 'INSERT'),
                       ('segment', 'UPDATE'), ('segment_table', 'SELECT'), ('segment_table', 'INSERT'),
                       ('chain', 'SELECT'), ('chain', 'UPDATE'), ('disposal', 'SELECT'),
                       ('disposal', 'INSERT'), ('returned', 'SELECT'), ('returned', 'UPDATE'),
                       ('restore', 'SELECT')) AS w (name, needed)
         WHERE NOT CASE w.needed
                   WHEN 'DELETE' THEN has_table_privilege('waarborg.' || w.name, w.needed)
                   ELSE has_any_column_privilege('waarborg.' || w.name, w.needed) END
        UNION ALL
        SELECT 'USAGE on sequence waarborg.scan'
         WHERE NOT has_sequence_privilege('waarborg.scan', 'USAGE')
        UNION ALL
        SELECT 'EXECUTE on waarborg.affected_forget'
         WHERE NOT has_function_privilege('waarborg.affected_forget(text, text[], bytea[])', 'EXECUTE'))
       AS m (right_on);
