-- The demo administration: schema klant of a Dutch service company, for psql.
--
--   psql -v customers=20000 -v as_of=2026-11-22 -f sql/demo/load.sql
--
-- customers  how many, at least 100 (20000)
-- as_of      the day the data is about (2026-11-22); every date lies at a fixed distance from it
--
-- The same parameters give the same rows on every server: no random(), no clock, and arithmetic
-- instead of PostgreSQL's hash functions, which may change between versions.  About 20 rows a
-- customer; of the customers about 10 % are due under "seven years after the last agreement and
-- complaint", 3 % never had an agreement.  The lowest numbers are fixed cases:
--
--   id | the case                                                       | on as_of
--   ---+----------------------------------------------------------------+---------------------------
--    1 | agreement still running                                        | stays
--    2 | agreement ended ten years ago, complaint still open            | stays
--    3 | two agreements, one ended nine years ago, one running          | stays
--    4 | ended on 29 February 2020                                      | stays until 2027-03-01
--    5 | ended on 29 February 2016                                      | due since 2023-03-01
--    6 | ended so that today is the first day it may go                 | due today
--    7 | ended a day later than 6                                       | stays, due tomorrow
--    8 | ended eight years ago; brought in 9 and 10                     | due
--    9 | still running, brought in by 8                                 | stays, without referred_by
--   10 | ended eight years ago, brought in by 8                         | due, together with 8
--   11 | prospect: never had an agreement                               | stays, no rule speaks of it
--   12 | prospect with an open complaint                                | stays, no rule speaks of it
--   13 | ended nine years ago, complaint closed six years ago           | stays, for the complaint
--   14 | ended eight years ago, complaint closed like 6                 | due today
--   15 | ended eight years ago; no rows but customer and agreement      | due
--   16 | ended eight years ago; tab, newline, backslash and quotes      | due
--   17 | ended eight years ago; a complaint of 144 kB                   | due
--   18 | ended eight years ago; brought in by itself                    | due
--   19 | ended eight years ago; consents and disclosures only           | due
--   20 | ended on 31 December 2018                                      | due since 2026-01-01, both ways
--   21 | ended on 1 January 2019                                        | due since 2026-01-02; counted
--      |                                                                | from the year's end: 2027-01-01
--   22 | ended eight years ago, brought in by 23                        | due
--   23 | ended eight years ago, brought in by 22                        | due
--   24 | two agreements, ended nine and eight years ago                 | due
--
-- Web visits need not have a customer, and have no foreign key: half as many as customers have none.
\set ON_ERROR_STOP on
\if :{?customers} \else \set customers 20000 \endif
\if :{?as_of} \else \set as_of 2026-11-22 \endif
\set QUIET on
SET client_min_messages = warning;
SET search_path = pg_catalog;
SET datestyle = 'ISO, YMD';
SET timezone = 'Europe/Amsterdam';

BEGIN;
\ir tables.sql
\ir words.sql
\ir people.sql
\ir history.sql
-- Keys and indexes last: the rows load three times as fast without them.
\ir keys.sql
COMMIT;
-- Statistics are what `check` and `plan` estimate sizes from.
ANALYZE klant.customer, klant.agreement, klant.payment, klant.complaint, klant.contact,
    klant.web_visit, klant.consent, klant.disclosure;
