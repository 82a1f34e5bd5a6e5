-- A longer transaction: rows of a customer first, then the customer.
SELECT day FROM load.night \gset
\set c 21 * random(:client_id * :share, :client_id * :share + :share - 1) + (:day + random(0, 1)) % 21 + 1
\set pause random(1, 60)
BEGIN;
UPDATE klant.contact SET note = note || '!' WHERE customer_id = :c;
UPDATE klant.web_visit SET ip = '192.0.2.10' WHERE customer_id = :c;
\sleep :pause ms
UPDATE klant.customer SET iban = NULL WHERE id = :c;
COMMIT;
