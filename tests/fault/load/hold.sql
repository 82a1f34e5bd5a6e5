-- A hold is placed as the program does it, or all of a customer are released.
SELECT day FROM load.night \gset
\set c 21 * random(:client_id * :share, :client_id * :share + :share - 1) + (:day + random(0, 3)) % 21 + 1
\set what random(1, 3)
\if :what = 1
BEGIN;
SELECT count(*) AS present FROM (SELECT 1 FROM klant.customer WHERE id = :c FOR KEY SHARE) AS locked \gset
\if :present
SELECT waarborg.hold_add('customers', ARRAY[:c::text], 'claim', 'load', NULL, now(), 'load') AS hold \gset
INSERT INTO load.audit (customer, kind, opens) VALUES (:c, 'hold', true);
\endif
COMMIT;
\else
WITH u AS (UPDATE waarborg.hold SET released_at = now(), released_by = 'load', release_reason = 'load'
            WHERE subject_key = ARRAY[:c::text] AND released_at IS NULL RETURNING 1)
INSERT INTO load.audit (customer, kind, opens) SELECT :c, 'hold', false FROM u LIMIT 1;
\endif
