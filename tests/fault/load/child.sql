-- A payment, a contact and a visit come in for a customer that is still there.
SELECT day FROM load.night \gset
\set c 21 * random(:client_id * :share, :client_id * :share + :share - 1) + (:day + random(0, 3)) % 21 + 1
BEGIN;
SELECT count(*) AS present FROM (SELECT 1 FROM klant.customer WHERE id = :c FOR KEY SHARE) AS locked \gset
\if :present
WITH p AS (INSERT INTO klant.payment SELECT nextval('load.id'), a.id, 9.5 FROM klant.agreement AS a
            WHERE a.customer_id = :c LIMIT 1 RETURNING 1),
     n AS (INSERT INTO klant.contact VALUES (nextval('load.id'), :c, 'gebeld') RETURNING 1),
     v AS (INSERT INTO klant.web_visit VALUES (nextval('load.id'), :c, '192.0.2.8') RETURNING 1)
INSERT INTO load.audit (customer, rows)
SELECT :c, (SELECT count(*) FROM p) + (SELECT count(*) FROM n) + (SELECT count(*) FROM v);
\endif
COMMIT;
