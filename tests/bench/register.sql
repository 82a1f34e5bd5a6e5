-- A breach register of some size: :breaches breaches, all open, most of them overdue; :affected
-- affected customers, half of them of one breach, and an audit log of at least :lines lines.
--
-- The breaches come through the functions of the register, in short transactions: each version of the
-- one row that ends the audit log is read again by whoever adds to it in the same transaction.  The
-- lines that only fill the log are digested here, many at a time, as waarborg.audit_bytes says.
SET client_min_messages = warning;
SET synchronous_commit = off;
SET TimeZone = 'Europe/Amsterdam';

CREATE SCHEMA klant;
CREATE TABLE klant.customer (id bigint PRIMARY KEY, name text NOT NULL, email text, language text);
INSERT INTO klant.customer
SELECT i, 'Naam ' || i, 'k' || i || '@voorbeeld.example', CASE WHEN i % 10 = 0 THEN 'en' ELSE 'nl' END
  FROM generate_series(1, :affected) AS i;
CREATE TABLE klant.agreement (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES klant.customer, ended_on date);
CREATE INDEX ON klant.agreement (customer_id);
INSERT INTO waarborg.policy VALUES ('customers', 'klant', 'customer', '{id}');

CREATE PROCEDURE klant.fill(breaches integer) LANGUAGE plpgsql AS $$
DECLARE
    reference text;
BEGIN
    FOR i IN 1 .. breaches LOOP
        reference := waarborg.breach_open(jsonb_build_object('title', 'Breach ' || i,
            'what_happened', repeat('Something happened to the data of customers. ', 10),
            'aware_at', date_trunc('second', now()) - make_interval(hours => 1 + i % 2000, mins => i % 60),
            'nature', ARRAY['CONFIDENTIALITY'], 'incident_type', 'SENT_TO_WRONG_RECIPIENT',
            'data_ordinary', ARRAY['NAME', 'CONTACT'], 'people_groups', ARRAY['CUSTOMERS'],
            'persons_min', 1, 'persons_max', 10, 'consequences', ARRAY['CONF_WIDER']), '{}', 72, 336);
        PERFORM waarborg.breach_assess(reference, jsonb_build_object('risk', 'risk', 'notify_ap', true,
            'notify_customers', i % 3 = 0, 'because', 'as decided'));
        IF i % 20 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END
$$;
CALL klant.fill(:breaches);

-- Without looking each of them up by the foreign keys; the triggers of the register fire always.
SET session_replication_role = replica;
INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, added_at)
SELECT b.id, 'customers', 'klant.customer', '{id}', ARRAY[i::text], now()
  FROM generate_series(1, :affected) AS i
  JOIN (SELECT x.id, row_number() OVER (ORDER BY x.id) - 1 AS n, count(*) OVER () AS all_told
          FROM waarborg.breach AS x JOIN waarborg.assessment AS a ON a.id = x.assessment_id
         WHERE a.notify_customers) AS b ON b.n = CASE WHEN i % 2 = 0 THEN 0 ELSE i / 2 % b.all_told END;
RESET session_replication_role;

-- Two in three are done with: told to the AP in time, mended and closed.
CREATE PROCEDURE klant.close_most() LANGUAGE plpgsql AS $$
DECLARE
    b waarborg.breach;
    n integer := 0;
BEGIN
    FOR b IN SELECT x.* FROM waarborg.breach AS x JOIN waarborg.assessment AS a ON a.id = x.assessment_id
              WHERE NOT a.notify_customers AND x.closed_at IS NULL ORDER BY x.id LOOP
        PERFORM waarborg.breach_measure_add(b.reference,
            '{"type": "REPAIR", "status": "taken", "description": "called the recipient"}');
        PERFORM waarborg.breach_notify(ARRAY[b.reference], jsonb_build_object('recipient', 'ap',
            'kind', 'final', 'complete', true, 'sent_at', b.aware_at,
            'snapshot', repeat('What was sent. ', 100)));
        PERFORM waarborg.breach_close(b.reference, 'all done');
        n := n + 1;
        IF n % 20 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END
$$;

-- Every clock has been reminded of, as after some weeks of `breach remind`; by hand, because its first
-- run makes up for all of them with a mail each.
CREATE PROCEDURE klant.remind_all() LANGUAGE plpgsql AS $$
DECLARE
    c record;
    n integer := 0;
BEGIN
    FOR c IN SELECT s.breach_id, s.clock, s.due_at, d.days,
                    (SELECT min(h) FROM unnest(ARRAY[48, 24, 12, 4, 1]) AS h
                      WHERE s.due_at - clock_timestamp() <= make_interval(hours => h)) AS hours_before
               FROM waarborg.breach_clock_state AS s
              CROSS JOIN LATERAL (SELECT floor(date_part('epoch', clock_timestamp() - s.due_at) / 86400)::integer
                                           AS days) AS d
              WHERE s.closed_at IS NULL AND s.needed AND s.met_at IS NULL AND s.due_at IS NOT NULL LOOP
        CONTINUE WHEN c.hours_before IS NULL;
        PERFORM waarborg.reminder_sent(waarborg.reminder_claim(c.breach_id, c.clock, c.due_at,
            CASE WHEN c.days < 0 THEN c.hours_before || 'h' WHEN c.days = 0 THEN '0h'
                 ELSE '+' || c.days || 'd' END, '{}'));
        n := n + 1;
        IF n % 20 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END
$$;
CALL klant.remind_all();

CREATE PROCEDURE klant.write_lines(lines bigint) LANGUAGE plpgsql AS $$
DECLARE
    head waarborg.audit_head;
    line waarborg.audit;
    before text;
    after text;
    digests text[];
BEGIN
    SELECT * INTO STRICT head FROM waarborg.audit_head FOR UPDATE;
    line := ROW(head.seq, clock_timestamp(), NULL, session_user, 'bench', 'update', 'breach DL-2026-0001',
                'DL-2026-0001', 'more is known', '{"title": "What was thought", "persons_max": 10}',
                '{"title": "What is known", "persons_max": 12000}', '', '');
    -- All but the first two fields, which are the digest before and the number, are the same.
    before := waarborg.audit_field('') || waarborg.audit_field(line.seq::text);
    after := substr(waarborg.audit_bytes(line), 1 + length(before));
    PERFORM set_config('waarborg.auditing', 'yes', true);
    WHILE head.seq < lines LOOP
        digests := ARRAY[head.sha256];
        FOR i IN 1 .. least(5000, lines - head.seq) LOOP
            digests := digests || encode(sha256(convert_to('64:' || digests[i] || ','
                || length((head.seq + i)::text) || ':' || (head.seq + i) || ',' || after, 'UTF8')), 'hex');
        END LOOP;
        INSERT INTO waarborg.audit
        SELECT head.seq + d.n - 1, line.recorded_at, line.at, line.db_role, line.os_user, line.action, line.object,
               line.breach, line.reason, line.old, line.new, digests[d.n - 1], d.sha256
          FROM unnest(digests) WITH ORDINALITY AS d (sha256, n) WHERE d.n > 1;
        head.seq := head.seq + cardinality(digests) - 1;
        head.sha256 := digests[cardinality(digests)];
    END LOOP;
    UPDATE waarborg.audit_head SET seq = head.seq, sha256 = head.sha256;
    COMMIT;
END
$$;
CALL klant.write_lines(:lines);
VACUUM ANALYZE;
