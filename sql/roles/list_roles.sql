-- The roles of waarborg: which are there, and may we create the others?
--
-- No parameters.
-- Returns: one row a role, in their order: name text, there boolean, and the same in all rows:
-- we may create roles (boolean), our name (text, quoted).
SELECT w.name, r.oid IS NOT NULL, u.rolsuper OR u.rolcreaterole, quote_ident(current_user)
  FROM unnest(ARRAY['waarborg_job', 'waarborg_security', 'waarborg_dpo', 'waarborg_auditor'])
       WITH ORDINALITY AS w (name, n)
  LEFT JOIN pg_roles AS r ON r.rolname = w.name
 CROSS JOIN (SELECT * FROM pg_roles WHERE rolname = current_user) AS u
 ORDER BY w.n;
