-- The customers of the bench: schema bench, about 46 rows each over six tables.
--
--   psql -v customers=300000 -f tests/bench/schema.sql
--
-- One in ten (every number that ends in 0) ended their last agreement before October 2019, and so
-- was due under "seven years" on 2026-11-22; the others are running or ended later.  A customer
-- has 2 agreements, 20 payments (through the agreement), 1 complaint, 10 contacts and 12 web visits
-- (without foreign key).  Rows of a customer lie together, as they do not in a grown database: the
-- same for everything that is measured.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
CREATE SCHEMA bench;

-- Scattered over 32 bits: without it the values repeat and compress far better than people's do.
CREATE FUNCTION pg_temp.scatter(id bigint) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$
    SELECT (id * 2654435761 % 4294967296 # (id * 40503 % 65536)) * 69069 % 4294967296
$$;

CREATE TABLE bench.customer AS
SELECT id, 'Klant ' || id || ' van der Meetbank' AS name,
       'Proefstraat ' || pg_temp.scatter(id) % 250 AS address,
       'NL00TEST' || lpad((pg_temp.scatter(id) % 10000000000)::text, 10, '0') AS iban,
       date '2012-01-01' + (id % 1000)::integer AS created_on
  FROM generate_series(1, :customers::bigint) AS id;

CREATE TABLE bench.agreement AS
SELECT customer.id * 2 + turn - 2 AS id, customer.id AS customer_id,
       (ARRAY['CV-onderhoud', 'glasvezel 500', 'schoonmaak kantoor'])[1 + customer.id % 3] AS service,
       created_on + turn * 300 AS begun_on,
       CASE WHEN turn = 1 THEN created_on + 500
            WHEN customer.id % 10 = 0 THEN date '2015-06-01' + (customer.id % 1500)::integer
            WHEN customer.id % 10 < 5 THEN date '2020-03-01' + (customer.id % 2000)::integer
       END AS ended_on
  FROM bench.customer, generate_series(1, 2) AS turn;

CREATE TABLE bench.payment AS
SELECT agreement.id * 10 + turn - 10 AS id, agreement.id AS agreement_id,
       (pg_temp.scatter(agreement.id * 10 + turn) % 50000 / 100.0)::numeric(10, 2) AS amount,
       begun_on + (turn * 30 + pg_temp.scatter(agreement.id + turn) % 20)::integer AS paid_on,
       'NL00TEST' || lpad((pg_temp.scatter(customer_id) % 10000000000)::text, 10, '0') AS iban
  FROM bench.agreement, generate_series(1, 10) AS turn;

CREATE TABLE bench.complaint AS
SELECT id, id AS customer_id, 'Onterechte incasso' AS subject,
       'De afspraak is twee keer verzet zonder bericht; zie dossier ' || pg_temp.scatter(id) AS body,
       created_on + 100 AS opened_on, created_on + 130 AS closed_on
  FROM bench.customer;

CREATE TABLE bench.contact AS
SELECT id * 10 + turn - 10 AS id, id AS customer_id,
       (ARRAY['telefoon', 'e-mail', 'chat', 'brief'])[1 + mixed % 4] AS channel,
       (ARRAY['Vraag over de factuur beantwoord', 'Verhuizing doorgegeven', 'Nieuwe afspraak gemaakt',
              'Uitleg over opzegging gegeven', 'Teruggebeld, geen gehoor'])[1 + mixed / 7 % 5]
           || ', kenmerk ' || to_hex(mixed) AS note,
       created_on + turn * 40 + mixed % 86400 * interval '1 second' AS contacted_at
  FROM bench.customer, generate_series(1, 10) AS turn,
       LATERAL (SELECT pg_temp.scatter(id * 10 + turn) AS mixed) AS m;

CREATE TABLE bench.web_visit AS
SELECT id * 12 + turn - 12 AS id, id AS customer_id,
       (ARRAY['/', '/diensten', '/tarieven', '/storing', '/mijn/facturen'])[1 + mixed / 11 % 5] AS page,
       inet '198.18.0.0' + mixed / 3 % 131072 AS ip,
       created_on + turn * 35 + mixed % 86400 * interval '1 second' AS visited_at
  FROM bench.customer, generate_series(1, 12) AS turn,
       LATERAL (SELECT pg_temp.scatter(id * 12 + turn) AS mixed) AS m;

ALTER TABLE bench.customer ADD PRIMARY KEY (id);
ALTER TABLE bench.agreement ADD PRIMARY KEY (id), ALTER customer_id SET NOT NULL;
ALTER TABLE bench.payment ADD PRIMARY KEY (id), ALTER agreement_id SET NOT NULL;
ALTER TABLE bench.complaint ADD PRIMARY KEY (id), ALTER customer_id SET NOT NULL;
ALTER TABLE bench.contact ADD PRIMARY KEY (id), ALTER customer_id SET NOT NULL;
ALTER TABLE bench.web_visit ADD PRIMARY KEY (id);
CREATE INDEX ON bench.agreement (customer_id);
CREATE INDEX ON bench.payment (agreement_id);
CREATE INDEX ON bench.complaint (customer_id);
CREATE INDEX ON bench.contact (customer_id);
CREATE INDEX ON bench.web_visit (customer_id);
ALTER TABLE bench.agreement ADD FOREIGN KEY (customer_id) REFERENCES bench.customer;
ALTER TABLE bench.payment ADD FOREIGN KEY (agreement_id) REFERENCES bench.agreement;
ALTER TABLE bench.complaint ADD FOREIGN KEY (customer_id) REFERENCES bench.customer;
ALTER TABLE bench.contact ADD FOREIGN KEY (customer_id) REFERENCES bench.customer;
VACUUM (FREEZE, ANALYZE);
