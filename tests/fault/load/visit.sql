-- A visit comes in without a look at the customer: nothing but a number ties it to one.
SELECT day FROM load.night \gset
\set c 21 * random(:client_id * :share, :client_id * :share + :share - 1) + (:day + random(0, 3)) % 21 + 1
WITH v AS (INSERT INTO klant.web_visit VALUES (nextval('load.id'), :c, '192.0.2.9') RETURNING 1)
INSERT INTO load.audit (customer, rows) SELECT :c, count(*) FROM v;
