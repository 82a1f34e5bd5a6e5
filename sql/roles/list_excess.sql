-- Tables outside the schema waarborg on which waarborg_job has rights of its own, though no policy needs them.
--
-- $1 regclass[]  tables that a policy needs
-- Returns: one row a table: its name (text, quoted), its rights (text).
SELECT t.oid::regclass::text, string_agg(DISTINCT a.privilege_type, ', ' ORDER BY a.privilege_type)
  FROM pg_class AS t
  JOIN pg_namespace AS n ON n.oid = t.relnamespace
  JOIN pg_roles AS r ON r.rolname = 'waarborg_job'
  LEFT JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attacl IS NOT NULL
 CROSS JOIN LATERAL (SELECT * FROM aclexplode(t.relacl) UNION SELECT * FROM aclexplode(c.attacl)) AS a
 WHERE n.nspname <> 'waarborg' AND t.relkind IN ('r', 'p', 'f', 'v', 'm')
   AND a.grantee = r.oid AND t.oid <> ALL ($1::regclass[]::oid[])
 GROUP BY t.oid
 ORDER BY 1;
