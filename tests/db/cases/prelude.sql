-- What most cases start from: 1, 2 and 3 are due on 2026-11-22, 4 left too lately, 5 is still here.
CREATE SCHEMA klant;
CREATE TABLE klant.customer (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE klant.agreement (id bigint PRIMARY KEY,
                              customer_id bigint NOT NULL REFERENCES klant.customer, ended_on date);
CREATE INDEX ON klant.agreement (customer_id);
INSERT INTO klant.customer SELECT i, 'name ' || i FROM generate_series(1, 5) AS i;
INSERT INTO klant.agreement VALUES (10, 1, '2015-03-31'), (20, 2, '2016-02-29'), (30, 3, '2019-11-21'),
                                   (40, 4, '2019-11-22'), (50, 5, NULL);
