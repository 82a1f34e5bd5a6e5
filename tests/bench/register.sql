-- A breach register of some size: :breaches breaches, :affected affected customers, and an audit log of
-- at least :lines lines.  Two in three breaches are closed; of the open ones most are overdue.
--
-- Through the functions of the register as far as they are quick enough; the affected customers are
-- inserted by one statement, as waarborg.affected_add does.
SET client_min_messages = warning;
SET synchronous_commit = off;
SET TimeZone = 'Europe/Amsterdam';

CREATE SCHEMA klant;
CREATE TABLE klant.customer (id bigint PRIMARY KEY, name text NOT NULL, email text, language text);
INSERT INTO klant.customer
SELECT i, 'Naam ' || i, 'k' || i || '@voorbeeld.example', CASE WHEN i % 10 = 0 THEN 'en' ELSE 'nl' END
  FROM generate_series(1, :affected) AS i;
CREATE TABLE klant.agreement (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES klant.customer, ended_on date);
INSERT INTO klant.agreement SELECT id, id, NULL FROM klant.customer;
CREATE INDEX ON klant.agreement (customer_id);
INSERT INTO waarborg.policy VALUES ('customers', 'klant', 'customer', '{id}');

CREATE PROCEDURE klant.fill(breaches integer) LANGUAGE plpgsql AS $$
DECLARE
    reference text;
    aware timestamptz;
BEGIN
    FOR i IN 1 .. breaches LOOP
        aware := now() - make_interval(hours => i % 2000, mins => i % 60);
        reference := waarborg.breach_open(jsonb_build_object('title', 'Breach ' || i,
            'what_happened', repeat('Something happened to the data of customers. ', 10), 'aware_at', aware,
            'nature', ARRAY['CONFIDENTIALITY'], 'incident_type', 'SENT_TO_WRONG_RECIPIENT',
            'data_ordinary', ARRAY['NAME', 'CONTACT'], 'people_groups', ARRAY['CUSTOMERS'],
            'persons_min', 1, 'persons_max', 10, 'consequences', ARRAY['CONF_WIDER']), '{}', 72, 336);
        PERFORM waarborg.breach_assess(reference, jsonb_build_object('risk', 'risk', 'notify_ap', true,
            'notify_customers', i % 3 = 0, 'because', 'as decided'));
        IF i % 3 <> 0 THEN
            PERFORM waarborg.breach_measure_add(reference,
                '{"type": "REPAIR", "status": "taken", "description": "called the recipient"}');
            PERFORM waarborg.breach_notify(ARRAY[reference], jsonb_build_object('recipient', 'ap',
                'kind', 'final', 'sent_at', aware, 'snapshot', repeat('What was sent. ', 100)));
            PERFORM waarborg.breach_close(reference, 'all done');
        END IF;
        IF i % 100 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END
$$;
CALL klant.fill(:breaches);

INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, added_at)
SELECT b.id, 'customers', 'klant.customer', '{id}', ARRAY[i::text], now()
  FROM generate_series(1, :affected) AS i
  JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS all_open
          FROM waarborg.breach WHERE closed_at IS NULL) AS b ON b.n = 1 + i % b.all_open;

CREATE PROCEDURE klant.write_lines(lines bigint) LANGUAGE plpgsql AS $$
BEGIN
    WHILE (SELECT seq FROM waarborg.audit_head) < lines LOOP
        FOR i IN 1 .. 500 LOOP
            PERFORM waarborg.audit_add('update', 'breach DL-2026-0001', 'DL-2026-0001', '{"title": "before"}',
                                       '{"title": "after"}');
        END LOOP;
        COMMIT;
    END LOOP;
END
$$;
CALL klant.write_lines(:lines);
VACUUM ANALYZE;
