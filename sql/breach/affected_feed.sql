-- Raises the number of persons in the register to the customers who are known to be affected.
--
-- $1 text  reference of the breach
-- Returns nothing that matters.
SELECT waarborg.affected_feed($1::text);
