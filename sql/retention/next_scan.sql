-- A number for this scan.
SELECT nextval('waarborg.scan') AS scan;
