-- Which migrations has this database had?
--
-- No parameters.
-- Returns: number integer, name text, sha256 text, program_version text; the highest number last.
SELECT m.number, m.name, m.sha256, m.program_version
  FROM waarborg.migration AS m
 ORDER BY m.number;
