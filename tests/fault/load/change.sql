-- Rows are changed, and one is removed, each in a statement of its own.
SELECT day FROM load.night \gset
\set c 21 * random(:client_id * :share, :client_id * :share + :share - 1) + (:day + random(0, 3)) % 21 + 1
UPDATE klant.contact SET note = note || '.' WHERE customer_id = :c;
UPDATE klant.payment SET amount = amount + 1
 WHERE agreement_id IN (SELECT id FROM klant.agreement WHERE customer_id = :c);
UPDATE klant.customer SET name = 'de Vries' WHERE id = :c;
WITH d AS (DELETE FROM klant.contact WHERE id = (SELECT max(id) FROM klant.contact WHERE customer_id = :c)
           RETURNING 1)
INSERT INTO load.audit (customer, rows) SELECT :c, -count(*) FROM d;
