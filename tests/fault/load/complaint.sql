-- A complaint is made, or all of a customer are closed.
SELECT day FROM load.night \gset
\set c 21 * random(:client_id * :share, :client_id * :share + :share - 1) + (:day + random(0, 3)) % 21 + 1
\set what random(1, 3)
\if :what = 1
BEGIN;
SELECT count(*) AS present FROM (SELECT 1 FROM klant.customer WHERE id = :c FOR KEY SHARE) AS locked \gset
\if :present
INSERT INTO klant.complaint VALUES (nextval('load.id'), :c, NULL);
INSERT INTO load.audit (customer, rows, kind, opens) VALUES (:c, 1, 'complaint', true);
\endif
COMMIT;
\else
WITH u AS (UPDATE klant.complaint SET closed_on = '2014-06-01' WHERE customer_id = :c RETURNING 1)
INSERT INTO load.audit (customer, kind, opens) SELECT :c, 'complaint', false FROM u LIMIT 1;
\endif
