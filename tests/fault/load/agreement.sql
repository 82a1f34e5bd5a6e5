-- An agreement is reopened, or a new one made, or all of a customer end again.
SELECT day FROM load.night \gset
\set c 21 * random(:client_id * :share, :client_id * :share + :share - 1) + (:day + random(0, 3)) % 21 + 1
\set what random(1, 4)
\if :what = 1
WITH u AS (UPDATE klant.agreement SET ended_on = NULL WHERE customer_id = :c RETURNING 1)
INSERT INTO load.audit (customer, kind, opens) SELECT :c, 'agreement', true FROM u LIMIT 1;
\elif :what = 2
BEGIN;
SELECT count(*) AS present FROM (SELECT 1 FROM klant.customer WHERE id = :c FOR UPDATE) AS locked \gset
\if :present
INSERT INTO klant.agreement VALUES (nextval('load.id'), :c, NULL);
INSERT INTO load.audit (customer, rows, kind, opens) VALUES (:c, 1, 'agreement', true);
\endif
COMMIT;
\else
WITH u AS (UPDATE klant.agreement SET ended_on = date '2015-11-01' + ((:c - 1) % 21)::int
            WHERE customer_id = :c RETURNING 1)
INSERT INTO load.audit (customer, kind, opens) SELECT :c, 'agreement', false FROM u LIMIT 1;
\endif
