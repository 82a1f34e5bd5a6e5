-- A customer administration after some years of nights, for the reports:
--
--   psql -v customers=1000000 -v worklist=100000 -v runs=1000 -v breaches=10000 -f tests/bench/report.sql
--
-- :customers customers, of whom the first :worklist are on the worklist: of twenty about 13 due, 3 blocked,
-- 1 held by a hold or a breach, 3 uncovered.  :runs nights, the last one today, each of two segments of 500
-- subjects; the archives of the last 90 nights are still there.  :breaches breaches, as evenly over the
-- last thousand days: three in ten with a risk, one with a high one and 100 affected customers, five unlikely,
-- one not assessed; notified in time or late, closed or open.
--
-- The ledger is written by hand, the register through its functions, with the clock of the program set back
-- (waarborg.at).  Numbers are taken modulo something, so that every database made so is the same but for the day.
SET client_min_messages = warning;
SET synchronous_commit = off;
SET TimeZone = 'Europe/Amsterdam';

-- ---- The administration -----------------------------------------------------------------------

CREATE SCHEMA klant;
CREATE TABLE klant.customer AS
SELECT i AS id, 'Naam ' || i AS name, 'k' || i || '@voorbeeld.example' AS email
  FROM generate_series(1, :customers::bigint) AS i;
-- Nobody's agreement: uncovered.
CREATE TABLE klant.agreement AS
SELECT i AS id, i AS customer_id, 'glasvezel 500' AS service,
       CASE WHEN i <= :worklist THEN (current_date - interval '7 years')::date - 1 - (i % 60)::integer
            WHEN i % 10 < 5 THEN NULL
            ELSE current_date - (i % 2500)::integer END AS ended_on
  FROM generate_series(1, :customers::bigint) AS i
 WHERE i > :worklist OR i % 20 < 17;
CREATE TABLE klant.payment AS
SELECT a.id * 3 + turn - 3 AS id, a.id AS agreement_id, (a.id % 5000 / 100.0)::numeric(10, 2) AS amount,
       current_date - (turn * 30)::integer AS paid_on
  FROM klant.agreement AS a, generate_series(1, 3) AS turn;
CREATE TABLE klant.complaint AS
SELECT i AS id, i AS customer_id, 'Onterechte incasso' AS subject, date '2015-03-01' AS closed_on
  FROM generate_series(1, :customers::bigint, 10) AS i;
ALTER TABLE klant.customer ADD PRIMARY KEY (id);
ALTER TABLE klant.agreement ADD PRIMARY KEY (id), ALTER customer_id SET NOT NULL;
ALTER TABLE klant.payment ADD PRIMARY KEY (id), ALTER agreement_id SET NOT NULL;
ALTER TABLE klant.complaint ADD PRIMARY KEY (id), ALTER customer_id SET NOT NULL;
CREATE INDEX ON klant.agreement (customer_id);
CREATE INDEX ON klant.payment (agreement_id);
CREATE INDEX ON klant.complaint (customer_id);
ALTER TABLE klant.agreement ADD FOREIGN KEY (customer_id) REFERENCES klant.customer;
ALTER TABLE klant.payment ADD FOREIGN KEY (agreement_id) REFERENCES klant.agreement;
ALTER TABLE klant.complaint ADD FOREIGN KEY (customer_id) REFERENCES klant.customer;

-- ---- The ledger -------------------------------------------------------------------------------

INSERT INTO waarborg.policy VALUES ('customers', 'klant', 'customer', '{id}');
INSERT INTO waarborg.approval (policy, fingerprint, definition, approved_at, approved_by, os_user)
SELECT 'customers', encode(sha256(i::text::bytea), 'hex'), 'what was approved before',
       now() - make_interval(days => :runs + 20 - i), 'fg', 'fg'
  FROM generate_series(1, 20) AS i;

-- One in 40 failed or was stopped and disposed of nobody.
INSERT INTO waarborg.run (policy, as_of, started_at, finished_at, outcome, fingerprint, program_version, due,
                          held, uncovered, disposed, blocked, rows, bytes, subjects, scan_ms, work_ms)
SELECT 'customers', night, night + interval '10 minutes', night + interval '11 minutes',
       CASE WHEN i % 40 = 39 THEN 'failed' WHEN i % 3 = 0 THEN 'attention' ELSE 'done' END,
       encode(sha256('20'), 'hex'), 'waarborg 1.0', 1000, 5000, 15000, CASE WHEN i % 40 = 39 THEN 0 ELSE 1000 END, 15000,
       CASE WHEN i % 40 = 39 THEN 0 ELSE 5000 + i % 7 * 100 END, CASE WHEN i % 40 = 39 THEN 0 ELSE 300000 END,
       :customers, 2000 + i % 13, 700 + i % 7 * 10
  FROM generate_series(1, :runs) AS i,
       LATERAL (SELECT (current_date - (:runs - i)::integer)::timestamptz AS night) AS n;
INSERT INTO waarborg.run_left (run_id, state, rule, reason, subjects, oldest_due_on)
SELECT r.id, l.state, l.rule, l.reason, l.subjects, r.as_of - 40
  FROM waarborg.run AS r,
       (VALUES ('due', 'former', NULL, 60000), ('blocked', 'former', 'shares rows with somebody who stays', 10000),
               ('blocked', 'former', 'a foreign key protects them', 5000), ('held', 'former', 'hold: claim', 5000),
               ('held', 'former', 'breach', 5000), ('uncovered', NULL, 'no rule', 15000))
           AS l (state, rule, reason, subjects);

INSERT INTO waarborg.segment (id, run_id, policy, chain_no, file, created_at, subjects, rows, bytes, sha256,
                              manifest_sha256, previous_sha256, destroyed_at)
SELECT substr(s.digest, 1, 16), s.id, 'customers', s.n, to_char(s.started_at, 'YYYY-MM/') || substr(s.digest, 1, 16),
       s.started_at + interval '1 minute', 500, s.rows / 2, 150000, s.digest, s.digest,
       lag(s.digest, 1, repeat('0', 64)) OVER (ORDER BY s.n),
       CASE WHEN s.started_at < now() - interval '91 days' THEN s.started_at + interval '91 days' END
  FROM (SELECT r.*, 2 * r.id + part AS n, encode(sha256((2 * r.id + part)::text::bytea), 'hex') AS digest
          FROM waarborg.run AS r, generate_series(0, 1) AS part
         WHERE r.disposed > 0) AS s;
UPDATE waarborg.chain SET (head_no, manifest_sha256) =
    (SELECT s.chain_no, s.manifest_sha256 FROM waarborg.segment AS s ORDER BY s.chain_no DESC LIMIT 1);
INSERT INTO waarborg.segment_table (segment_id, member, table_name, kind, rows, bytes, sha256)
SELECT s.id, t.member, t.name, 'rows', s.rows / 4, 40000, s.sha256
  FROM waarborg.segment AS s,
       (VALUES (1, 'klant.payment'), (2, 'klant.agreement'), (3, 'klant.complaint'), (4, 'klant.customer'))
           AS t (member, name);
INSERT INTO waarborg.disposal (segment_id, reference, policy, rule, due_on, restored_at)
SELECT s.id, sha256((s.chain_no * 500 + i)::text::bytea), 'customers', CASE WHEN i % 5 = 0 THEN 'prospect' ELSE 'former' END,
       s.created_at::date - 1, CASE WHEN s.chain_no % 100 = 0 AND i = 1 THEN s.created_at + interval '2 days' END
  FROM waarborg.segment AS s, generate_series(1, 500) AS i
 WHERE s.chain_no % 100 <> 0 OR s.created_at < now() - interval '3 days' OR i > 1;
INSERT INTO waarborg.restore (segment_id, reference, subjects, rows, reason, restored_at, restored_by, os_user)
SELECT d.segment_id, d.reference, 1, 5, 'asked for it', d.restored_at, 'fg', 'fg'
  FROM waarborg.disposal AS d WHERE d.restored_at IS NOT NULL;
INSERT INTO waarborg.verification (kind, verified_at, verified_by, os_user, program_version, segments,
                                   destroyed, opened, bytes, faults)
SELECT CASE WHEN i % 2 = 0 THEN 'archive' ELSE 'evidence' END, date_trunc('second', now()) - make_interval(days => i * 7), 'fg', 'fg',
       'waarborg 1.0', 2 * (:runs - i * 7), 0, 0, 1000000, 0
  FROM generate_series(0, :runs / 7 - 1) AS i;

-- ---- The worklist, and who is held ------------------------------------------------------------

INSERT INTO waarborg.hold (subject_table, key_columns, subject_key, kind, reason, review_on, placed_at, placed_by,
                           released_at, released_by, release_reason)
SELECT 'klant.customer', '{id}', ARRAY[i::text], (ARRAY['complaint', 'claim', 'restriction', 'request'])[1 + i / 20 % 4],
       'letter of ' || i, CASE WHEN i % 60 = 15 THEN NULL ELSE current_date + (i % 400)::integer END,
       now() - make_interval(days => (i / 20 % least(900, :runs))::integer), 'fg',
       CASE WHEN i > :worklist THEN now() END, CASE WHEN i > :worklist THEN 'fg' END, CASE WHEN i > :worklist THEN 'settled' END
  FROM generate_series(15, :worklist * 11 / 10, 20) AS i;
INSERT INTO waarborg.hold (subject_table, key_columns, reference, kind, reason, review_on, placed_at, placed_by)
SELECT 'klant.customer', '{id}', d.reference, 'request', 'asks what we kept', current_date + 30, s.created_at + interval '1 hour', 'fg'
  FROM waarborg.segment AS s
 CROSS JOIN LATERAL (SELECT x.reference FROM waarborg.disposal AS x WHERE x.segment_id = s.id LIMIT 1) AS d
 WHERE s.chain_no % 20 = 0 AND s.created_at < now() - interval '2 hours';

CREATE PROCEDURE klant.fill_worklist(worklist bigint) LANGUAGE sql AS $$
    INSERT INTO waarborg.worklist (policy, subject_key, state, rule, due_on, ordinal, reason, since, last_tried, scan)
    SELECT 'customers', ARRAY[i::text], s.state, CASE WHEN s.state <> 'uncovered' THEN 'former' END,
           CASE WHEN s.state <> 'uncovered' THEN current_date - (i % 60)::integer END, i,
           CASE s.state WHEN 'held' THEN h.reason
                        WHEN 'blocked' THEN (ARRAY['a foreign key protects them', 'shares rows with somebody who stays',
                                                   'a trigger keeps a row'])[1 + i % 3]
                        WHEN 'uncovered' THEN (ARRAY['no rule', 'no end date'])[1 + i % 2] END,
           now() - make_interval(days => (i % 60)::integer), CASE WHEN s.state = 'blocked' THEN now() END, 1
      FROM generate_series(1, worklist) AS i
      LEFT JOIN (SELECT x.subject_key, min(x.reason) AS reason FROM waarborg.standing_hold AS x GROUP BY 1) AS h
        ON h.subject_key = ARRAY[i::text]
     CROSS JOIN LATERAL (SELECT CASE WHEN i % 20 >= 17 THEN 'uncovered' WHEN h.reason IS NOT NULL THEN 'held'
                                     WHEN i % 20 BETWEEN 12 AND 14 THEN 'blocked' ELSE 'due' END AS state) AS s;
$$;

-- ---- The breach register ----------------------------------------------------------------------

-- Sets the clock of the program, and says whether that time has come.
CREATE FUNCTION klant.is_past(p_at timestamptz) RETURNS boolean LANGUAGE sql AS $$
    SELECT set_config('waarborg.at', least(p_at, now())::text, false) IS NOT NULL AND p_at <= now();
$$;

CREATE TABLE klant.dossier (i integer PRIMARY KEY, reference text NOT NULL, at timestamptz NOT NULL);

CREATE PROCEDURE klant.open_breaches(breaches integer) LANGUAGE plpgsql AS $$
DECLARE
    fresh klant.dossier;
BEGIN
    FOR n IN 1 .. breaches LOOP
        fresh.i := n;
        fresh.at := date_trunc('second', now()) - (breaches - n) * (interval '1000 days' / breaches) - interval '10 minutes';
        PERFORM klant.is_past(fresh.at);
        fresh.reference := waarborg.breach_open(jsonb_build_object('title', 'Breach ' || n,
            'what_happened', repeat('Something happened to the data of customers. ', 10),
            'aware_at', fresh.at - interval '5 hours',
            'nature', ARRAY['CONFIDENTIALITY'], 'incident_type', 'SENT_TO_WRONG_RECIPIENT',
            'data_ordinary', ARRAY['NAME', 'CONTACT'], 'people_groups', ARRAY['CUSTOMERS'],
            'persons_min', 1, 'persons_max', 10, 'consequences', ARRAY['CONF_WIDER']), '{}', 72, 336);
        INSERT INTO klant.dossier SELECT fresh.*;
        IF n % 10 <> 9 AND klant.is_past(fresh.at + interval '20 hours') THEN
            PERFORM waarborg.breach_assess(fresh.reference, CASE
                WHEN n % 10 = 0 THEN '{"risk": "high", "notify_ap": true, "notify_customers": true, "because": "as decided"}'
                WHEN n % 10 <= 3 THEN '{"risk": "risk", "notify_ap": true, "because": "as decided"}'
                ELSE '{"risk": "unlikely", "notify_ap": false, "because": "as decided", "ap_because": "encrypted"}' END::jsonb);
        END IF;
        IF n % 20 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END
$$;

-- Of one in thirty with a high risk nobody was told yet: they keep the customers on the worklist.
CREATE PROCEDURE klant.affect(breaches integer, worklist bigint, customers bigint) LANGUAGE sql AS $$
    INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, state, added_at, told_at, channel)
    SELECT b.id, 'customers', 'klant.customer', '{id}', ARRAY[c.id::text],
           CASE WHEN t.told THEN 'told' ELSE 'to_tell' END, d.at, CASE WHEN t.told THEN d.at + interval '60 hours' END,
           CASE WHEN t.told THEN 'mail' END
      FROM klant.dossier AS d
      JOIN waarborg.breach AS b ON b.reference = d.reference
     CROSS JOIN LATERAL (SELECT d.i % 300 <> 0 AND d.at < now() - interval '60 hours' AS told) AS t
     CROSS JOIN generate_series(1, 100) AS n
     CROSS JOIN LATERAL (SELECT CASE WHEN t.told THEN (d.i * 977::bigint + n * 31) % customers + 1
                                     ELSE (d.i / 10 * 100 + n) * 20 % worklist + 16 END AS id) AS c
     WHERE d.i % 10 = 0
        ON CONFLICT DO NOTHING;
$$;

CREATE PROCEDURE klant.handle_breaches() LANGUAGE plpgsql AS $$
DECLARE
    d klant.dossier;
    notify boolean;
    late interval;
BEGIN
    FOR d IN SELECT x.* FROM klant.dossier AS x ORDER BY x.i LOOP
        notify := d.i % 10 <= 3;
        late := CASE WHEN d.i % 25 = 1 THEN interval '60 hours' ELSE interval '0' END;
        PERFORM klant.is_past(d.at + interval '1 hour');
        PERFORM waarborg.breach_timeline_add(d.reference, d.at - interval '5 hours', 'a customer called'),
                waarborg.breach_measure_add(d.reference,
                    '{"type": "REPAIR", "status": "taken", "description": "called the recipient"}');
        IF notify AND d.i % 50 <> 2 AND klant.is_past(d.at + late + interval '40 hours') THEN
            PERFORM waarborg.breach_notify(ARRAY[d.reference], jsonb_build_object('recipient', 'ap',
                'kind', 'initial', 'complete', d.i % 4 <> 0, 'sent_at', d.at + late + interval '40 hours',
                'number', 'AP' || d.i, 'delay_reason', CASE WHEN late > interval '0' THEN 'the weekend' END,
                'snapshot', repeat('What was sent. ', 100)));
        END IF;
        IF notify AND d.i % 4 = 0 AND d.i % 50 <> 2 AND klant.is_past(d.at + interval '200 hours') THEN
            PERFORM waarborg.breach_notify(ARRAY[d.reference], jsonb_build_object('recipient', 'ap',
                'kind', 'final', 'complete', true, 'sent_at', d.at + interval '200 hours'));
        END IF;
        IF d.i % 10 <> 9 AND d.i % 50 <> 2 AND d.i % 300 <> 0 AND klant.is_past(d.at + interval '400 hours') THEN
            PERFORM waarborg.breach_close(d.reference, 'all done');
        END IF;
        IF d.i % 20 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END
$$;

CALL klant.open_breaches(:breaches);
-- Without looking each of them up by the foreign keys; the triggers of the register fire always.
SET session_replication_role = replica;
CALL klant.affect(:breaches, :worklist, :customers);
RESET session_replication_role;
CALL klant.handle_breaches();
RESET waarborg.at;
CALL klant.fill_worklist(:worklist);
DROP TABLE klant.dossier;
VACUUM ANALYZE;
