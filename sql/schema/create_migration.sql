-- Creates the list of applied migrations.
--
-- No parameters, returns nothing.  Not a numbered migration itself: it must be there to record the
-- first one.
CREATE TABLE waarborg.migration (
    number          integer PRIMARY KEY CHECK (number > 0),
    name            text NOT NULL,
    sha256          text NOT NULL,
    applied_at      timestamptz NOT NULL,
    program_version text NOT NULL
);
