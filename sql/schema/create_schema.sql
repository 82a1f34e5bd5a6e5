-- Creates the schema, before the first migration.
--
-- No parameters, returns nothing.  Without IF NOT EXISTS, which asks for CREATE on the database
-- even when the schema is there: an administrator may have made it for us.
CREATE SCHEMA waarborg;
