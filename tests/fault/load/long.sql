-- A transaction of a second over three customers, which others wait for: the row of the month is
-- shared by all sessions.
SELECT day FROM load.night \gset
\set c 21 * random(:client_id * :share, :client_id * :share + :share - 1) + (:day + random(0, 1)) % 21 + 1
\set e 21 * random(:client_id * :share, :client_id * :share + :share - 1) + (:day + random(0, 1)) % 21 + 1
\set f 21 * random(:client_id * :share, :client_id * :share + :share - 1) + (:day + random(0, 1)) % 21 + 1
\set pause random(100, 500)
BEGIN;
UPDATE klant.payment SET amount = 1 WHERE agreement_id = :c;
UPDATE klant.contact SET note = note || '+' WHERE customer_id = :e;
\sleep :pause ms
UPDATE load.month SET changes = changes + 1;
UPDATE klant.customer SET name = 'Bakker' WHERE id = :c;
UPDATE klant.customer SET name = 'Bakker' WHERE id = :f;
\sleep 10 ms
UPDATE klant.complaint SET closed_on = closed_on WHERE customer_id = :e;
COMMIT;
