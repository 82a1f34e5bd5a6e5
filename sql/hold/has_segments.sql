-- Was anybody ever disposed of?
--
-- Returns: one row, boolean.
SELECT EXISTS (SELECT 1 FROM waarborg.segment);
