# The rules of the breach register hold whoever connects: here the owner, with statements on the tables
# and through the functions.  Nothing is overwritten or deleted.  Tables of cases.
. "$(dirname "$0")/../harness/lib.sh"

new_db rules
write_conf unsealed <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years"; clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } ); }
CONF
sql "CREATE SCHEMA klant; CREATE TABLE klant.customer (id bigint PRIMARY KEY);
     INSERT INTO klant.customer SELECT generate_series(1, 50)"
waarborg migrate
expect_status 0

# Every session below: the clock of the tests, a reason, and helpers that are no part of the product.
sql "INSERT INTO waarborg.policy VALUES ('customers', 'klant', 'customer', '{id}');
     CREATE SCHEMA t;
     CREATE FUNCTION t.clock(p text) RETURNS void LANGUAGE sql AS
         \$\$ SELECT set_config('waarborg.at', p, false), set_config('waarborg.reason', 'test', false) \$\$;
     -- A breach of which we became aware at p_aware, its fields changed by p_more.
     CREATE FUNCTION t.open(p_aware text, p_more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS
         \$\$ SELECT waarborg.breach_open(jsonb_build_object('title', 't', 'what_happened', 'w', 'aware_at', p_aware,
             'nature', '[\"CONFIDENTIALITY\"]'::jsonb) || p_more, '{}', 72, 336) \$\$;
     CREATE FUNCTION t.sent(p_at text, p_more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS
         \$\$ SELECT jsonb_build_object('recipient', 'ap', 'kind', 'initial', 'complete', true, 'sent_at', p_at) || p_more \$\$;
     CREATE FUNCTION t.assess(p text) RETURNS jsonb LANGUAGE sql AS
         \$\$ SELECT '{\"risk\": \"risk\", \"notify_ap\": true, \"because\": \"b\"}'::jsonb || p::jsonb \$\$;"
clock="SET search_path = pg_catalog; SET client_min_messages = error; SELECT t.clock('2026-11-01 12:00+01')"

# The state every case starts from; each case is one transaction that is rolled back.
sql "$clock;
     SELECT t.open('2026-10-23 15:00+02');                                    -- 1: bare
     SELECT t.open('2026-10-23 15:00+02');                                    -- 2: assessed, notified at the limit
     SELECT waarborg.breach_assess('DL-2026-0002', t.assess('{}'));
     SELECT waarborg.breach_notify('{DL-2026-0002}', t.sent('2026-10-26 14:00+01'));
     SELECT waarborg.breach_measure_add('DL-2026-0002', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"d\"}');
     SELECT waarborg.breach_timeline_add('DL-2026-0002', '2026-10-24 10:00+02', 'gezien');
     SELECT waarborg.breach_attachment_add('DL-2026-0002', '/x', repeat('0', 64), 1);
     SELECT waarborg.reminder_claim(2, 'ap', '2026-10-26 14:00+01', '24', '{}');
     SELECT t.open('2026-10-23 15:00+02', '{\"consequences_description\": \"c\"}'); -- 3: closed
     SELECT waarborg.breach_assess('DL-2026-0003', '{\"risk\": \"unlikely\", \"notify_ap\": false, \"because\": \"b\"}');
     SELECT waarborg.breach_measure_add('DL-2026-0003', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"d\"}');
     SELECT waarborg.breach_close('DL-2026-0003', 'klaar');
     SELECT t.open('2026-10-23 15:00+02');                                    -- 4: with affected customers
     SELECT waarborg.affected_add('DL-2026-0004', 'customers', '{\"{1}\",\"{2}\",\"{3}\",\"{4}\"}');
     SELECT waarborg.affected_told('DL-2026-0004', 'customers', '{\"{2}\"}', '2026-10-30 10:00+01', 'brief');
     SELECT waarborg.affected_exempt('DL-2026-0004', 'customers', '{\"{3}\"}', 'eigen medewerker');
     SELECT waarborg.letters_prepare('DL-2026-0004')" >/dev/null

cases=0 faults=0
# A case is ok, or the SQLSTATE or constraint it must run into, | , the statements.  A case that begins with
# REPLICA runs with session_replication_role = replica, in which only triggers marked ALWAYS fire.
run_cases() {
    grep -vE '^(#|$)' >"$T/cases"
    {
        echo '\set VERBOSITY verbose'
        n=0
        while IFS='|' read -r expected statement; do
            n=$((n + 1))
            role=origin
            case $expected in REPLICA*) role=replica ;; esac
            printf '%s;\nSET session_replication_role = %s;\n\\warn case %s\nBEGIN;\n%s;\nSET CONSTRAINTS ALL IMMEDIATE;\nROLLBACK;\n' \
                "$clock" $role $n "$statement"
        done <"$T/cases"
    } | psql -XAtq -d "$db" >/dev/null 2>"$T/err" || fail "psql failed"
    # Of each case the first error: its number, SQLSTATE, and constraint when it has one.
    awk '/^case / { n = $2 }
         /ERROR:  [0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]:/ && !(n in state) {
             state[n] = substr($0, index($0, "ERROR:  ") + 8, 5) }
         /^CONSTRAINT NAME:  / && !(n in name) { name[n] = $3 }
         END { for (i = 1; i <= n; i++) print (i in state ? state[i] : "ok") "|" name[i] }' "$T/err" >"$T/found"
    [ "$(wc -l <"$T/found")" = "$(wc -l <"$T/cases")" ] || fail "not every case was run"
    cases=$((cases + $(wc -l <"$T/cases")))
    while IFS='|' read -r expected statement <&3 && IFS='|' read -r state constraint <&4; do
        expected=${expected#REPLICA }
        [ "$state" = "$expected" ] || { [ -n "$constraint" ] && [ "$constraint" = "$expected" ]; } || {
            echo "expected $expected, got $state $constraint: $statement" >&2
            faults=$((faults + 1))
        }
    done 3<"$T/cases" 4<"$T/found"
}

# ---- The tables, as the owner --------------------------------------------------------------------

# The row of breach 1 once more, with some columns changed: t.again('{...}').
sql "CREATE FUNCTION t.again(p jsonb) RETURNS void LANGUAGE plpgsql AS \$\$
     DECLARE r waarborg.breach;
     BEGIN
         SELECT * INTO r FROM waarborg.breach WHERE id = 1;
         UPDATE waarborg.breach_number SET last = last + 1 WHERE year = 2026;
         r := jsonb_populate_record(r, '{\"id\": 900, \"reference\": \"DL-2026-0005\"}'::jsonb || p);
         INSERT INTO waarborg.breach OVERRIDING SYSTEM VALUE SELECT r.*;
     END \$\$;
     CREATE FUNCTION t.judge(p jsonb) RETURNS void LANGUAGE plpgsql AS \$\$
     DECLARE r waarborg.assessment;
     BEGIN
         r := jsonb_populate_record(NULL::waarborg.assessment, '{\"breach_id\": 1, \"assessed_at\": \"2026-10-30 10:00+01\",
             \"recorded_at\": \"2026-10-30 10:00+01\", \"assessed_by\": \"x\", \"risk\": \"risk\", \"notify_ap\": true, \"because\": \"b\"}'::jsonb || p);
         INSERT INTO waarborg.assessment (breach_id, assessed_at, recorded_at, assessed_by, risk, notify_ap, notify_customers, because,
             exempt_ground, public_at, public_where, enisa, enisa_quarters)
         VALUES (r.breach_id, r.assessed_at, r.recorded_at, r.assessed_by, r.risk, r.notify_ap, r.notify_customers, r.because,
             r.exempt_ground, r.public_at, r.public_where, r.enisa, r.enisa_quarters);
     END \$\$"

run_cases <<'CASES'
# what a breach is
ok|SELECT t.again('{}')
WB015|SELECT t.again('{"reference": "DL-2026-0001"}')
WB015|SELECT t.again('{"reference": "DL-2026-0007"}')
WB015|SELECT t.again('{"reference": "DL-26-1"}')
23502|SELECT t.again('{"title": null}')
breach_title_check|SELECT t.again('{"title": " "}')
23502|SELECT t.again('{"aware_at": null}')
23502|SELECT t.again('{"nature": null}')
breach_nature_check|SELECT t.again('{"nature": []}')
WB012|SELECT t.again('{"nature": ["SECRECY"]}')
lists_without_null|SELECT t.again('{"nature": [null]}')
lists_without_null|SELECT t.again('{"nature": ["CONFIDENTIALITY", null]}')
lists_without_null|SELECT t.again('{"countries": ["BE", null]}')
lists_without_null|SELECT t.again('{"harm": [null]}')
ok|SELECT t.again('{"nature": ["CONFIDENTIALITY", "INTEGRITY", "AVAILABILITY"]}')
breach_aware_at_check|SELECT t.again('{"aware_at": "1969-12-31 23:59:59+00", "first_aware_at": "1969-12-31 23:59:59+00"}')
ok|SELECT t.again('{"aware_at": "1970-01-01 00:00:00+00", "first_aware_at": "1970-01-01 00:00:00+00"}')
ok|SELECT t.again('{"aware_at": "2026-11-01 12:00:00+01", "first_aware_at": "2026-11-01 12:00:00+01"}')
WB012|SELECT t.again('{"aware_at": "2026-11-01 12:00:01+01", "first_aware_at": "2026-11-01 12:00:01+01"}')
WB012|SELECT t.again('{"aware_at": "infinity", "first_aware_at": "infinity"}')
WB012|SELECT t.again('{"first_aware_at": "2026-10-23 14:00+02"}')
WB012|SELECT t.again('{"discovered_at": "2026-11-01 12:00:01+01"}')
ok|SELECT t.again('{"occurred_from": "2026-10-24 15:00+02"}')
occurred_order|SELECT t.again('{"occurred_from": "2026-10-20 15:00+02", "occurred_to": "2026-10-20 14:59:59+02"}')
occurred_or_unknown|SELECT t.again('{"occurred_unknown": true, "occurred_to": "2026-10-20 15:00+02"}')
ok|SELECT t.again('{"persons_min": 5, "persons_max": 5}')
persons_min_max|SELECT t.again('{"persons_min": 6, "persons_max": 5}')
breach_persons_min_check|SELECT t.again('{"persons_min": -1}')
ok|SELECT t.again('{"persons_min": 5, "persons_max": null}')
ok|SELECT t.again('{"persons_min": null, "persons_max": 5}')
persons_min_max|SELECT t.again('{"persons_min": null, "persons_max": -5}')
records_min_max|SELECT t.again('{"records_min": null, "records_max": -5}')
records_min_max|SELECT t.again('{"records_min": 6, "records_max": 5}')
23514|SELECT t.again('{"processor_contract_hours": 0}')
breach_delay_reason_check|SELECT t.again('{"delay_reason": ""}')
closed_with_reason|UPDATE waarborg.breach SET closed_because = 'x' WHERE id = 1
closed_with_reason|SELECT t.again('{"closed_because": "x"}')
WB012|SELECT t.again('{"closed_at": "2026-10-30 15:00+01", "closed_because": "x"}')
WB012|SELECT t.again('{"incident_type": "HACKED"}')
WB012|SELECT t.again('{"data_ordinary": ["NAME", "SHOE_SIZE"]}')
WB012|SELECT t.again('{"data_special": ["NAME"]}')
WB012|SELECT t.again('{"ongoing": "PERHAPS"}')
WB012|SELECT t.again('{"severity": "HUGE"}')
WB012|SELECT t.again('{"legal_basis": "X"}')
WB012|SELECT t.again('{"assessment_id": 1}')
# how it changes
ok|UPDATE waarborg.breach SET title = 'u' WHERE id = 1
WB012|SELECT set_config('waarborg.reason', '', true); UPDATE waarborg.breach SET title = 'u' WHERE id = 1
WB012|SELECT set_config('waarborg.reason', '  ', true); UPDATE waarborg.breach SET title = 'u' WHERE id = 1
WB015|UPDATE waarborg.breach SET reference = 'DL-2026-0901' WHERE id = 1
WB015|UPDATE waarborg.breach SET first_aware_at = first_aware_at + interval '1 hour' WHERE id = 1
WB015|UPDATE waarborg.breach SET registered_at = '2020-01-01' WHERE id = 1
WB015|UPDATE waarborg.breach SET registered_by = 'x' WHERE id = 1
WB011|UPDATE waarborg.breach SET title = 'u' WHERE id = 3
ok|UPDATE waarborg.breach SET closed_at = NULL, closed_because = NULL WHERE id = 3
WB014|UPDATE waarborg.breach SET closed_at = now(), closed_because = 'x' WHERE id = 1
WB012|UPDATE waarborg.breach SET assessment_id = NULL WHERE id = 2
WB012|UPDATE waarborg.breach SET assessment_id = 2 WHERE id = 2
ok|UPDATE waarborg.breach SET version = 900 WHERE id = 1; SELECT 1 / (version = 1)::int FROM waarborg.breach WHERE id = 1
ok|UPDATE waarborg.breach SET title = 'u', version = 900 WHERE id = 1; SELECT 1 / (version = 2)::int FROM waarborg.breach WHERE id = 1
# what makes the notification of breach 2, sent at the limit, late
ok|UPDATE waarborg.breach SET aware_at = aware_at + interval '1 second' WHERE id = 2
WB012|UPDATE waarborg.breach SET aware_at = aware_at - interval '1 second' WHERE id = 2
ok|UPDATE waarborg.breach SET aware_at = aware_at - interval '1 second', delay_reason = 'systeem lag plat' WHERE id = 2
WB012|UPDATE waarborg.breach SET aware_at = aware_at - interval '1 second', delay_reason = 'x' WHERE id = 2; UPDATE waarborg.breach SET delay_reason = NULL WHERE id = 2
# nothing goes
WB015|DELETE FROM waarborg.breach
WB015|TRUNCATE waarborg.breach CASCADE
WB015|DELETE FROM waarborg.assessment
WB015|UPDATE waarborg.assessment SET because = 'x'
WB015|TRUNCATE waarborg.assessment CASCADE
WB015|UPDATE waarborg.breach_clock SET hours = 96
WB015|DELETE FROM waarborg.breach_clock
WB015|UPDATE waarborg.notification SET sent_at = sent_at - interval '1 day'
WB015|DELETE FROM waarborg.notification
WB015|UPDATE waarborg.notification_breach SET breach_id = 1
WB015|DELETE FROM waarborg.notification_breach
WB015|UPDATE waarborg.measure SET description = 'x'
WB015|DELETE FROM waarborg.measure
WB015|UPDATE waarborg.timeline SET what = 'x'
WB015|DELETE FROM waarborg.timeline
WB015|UPDATE waarborg.attachment SET sha256 = repeat('1', 64)
WB015|DELETE FROM waarborg.attachment
WB015|DELETE FROM waarborg.affected
WB015|TRUNCATE waarborg.affected CASCADE
WB015|DELETE FROM waarborg.letter
WB015|DELETE FROM waarborg.reminder
WB015|DELETE FROM waarborg.breach_number
WB015|DELETE FROM waarborg.affected_count
WB015|TRUNCATE waarborg.audit
WB015|UPDATE waarborg.audit SET reason = 'x'
WB015|DELETE FROM waarborg.audit
WB015|UPDATE waarborg.audit_head SET seq = 0
WB015|UPDATE waarborg.clock_limit SET hours = 96
WB015|DELETE FROM waarborg.clock_limit
WB015|UPDATE waarborg.form_question SET label_en = 'x'
WB015|UPDATE waarborg.code SET label_en = 'x' WHERE code = 'NAME'
WB015|DELETE FROM waarborg.code WHERE code = 'NAME'
ok|UPDATE waarborg.code SET valid_until = '2027-01-01' WHERE code = 'NAME'
WB015|UPDATE waarborg.code SET code = 'NAMES' WHERE code = 'NAME'
# numbers are given once, one after the other
WB015|UPDATE waarborg.breach_number SET last = last - 1
WB015|UPDATE waarborg.breach_number SET last = last + 1
WB015|UPDATE waarborg.breach_number SET last = last + 2
WB015|INSERT INTO waarborg.breach_number VALUES (2031, 5)
WB015|UPDATE waarborg.breach_number SET year = 2030
# reminders: claimed, then one end
ok|UPDATE waarborg.reminder SET sent_at = now()
reminder_one_end|UPDATE waarborg.reminder SET sent_at = now(), covered_by = '4'
23514|UPDATE waarborg.reminder SET dropped_because = 'x'
WB015|UPDATE waarborg.reminder SET step = '12'
WB015|UPDATE waarborg.reminder SET sent_at = now(); UPDATE waarborg.reminder SET sent_at = NULL
# what was decided
ok|SELECT t.judge('{}')
23514|SELECT t.judge('{"risk": "none"}')
23502|SELECT t.judge('{"risk": null}')
23502|SELECT t.judge('{"notify_ap": null}')
ap_duty_met|SELECT t.judge('{"notify_ap": false}')
ap_duty_met|SELECT t.judge('{"risk": "high", "notify_customers": true, "notify_ap": false}')
ok|SELECT t.judge('{"risk": "unlikely", "notify_ap": false}')
ok|SELECT t.judge('{"risk": "unlikely", "notify_ap": true}')
high_risk_decided|SELECT t.judge('{"risk": "high"}')
high_risk_exempt|SELECT t.judge('{"risk": "high", "notify_customers": false}')
ok|SELECT t.judge('{"risk": "high", "notify_customers": true}')
ok|SELECT t.judge('{"risk": "high", "notify_customers": false, "exempt_ground": "A"}')
exempt_only_when_not_told|SELECT t.judge('{"risk": "high", "notify_customers": true, "exempt_ground": "A"}')
23514|SELECT t.judge('{"risk": "risk", "notify_customers": null, "exempt_ground": "A"}')
effort_made_public|SELECT t.judge('{"risk": "high", "notify_customers": false, "exempt_ground": "C"}')
effort_made_public|SELECT t.judge('{"risk": "high", "notify_customers": false, "exempt_ground": "C", "public_at": "2026-10-30 10:00+01"}')
effort_made_public|SELECT t.judge('{"risk": "high", "notify_customers": false, "exempt_ground": "C", "public_where": "krant"}')
23514|SELECT t.judge('{"risk": "high", "notify_customers": false, "exempt_ground": "C", "public_at": "2026-10-30 10:00+01", "public_where": " "}')
ok|SELECT t.judge('{"risk": "high", "notify_customers": false, "exempt_ground": "C", "public_at": "2026-10-30 10:00+01", "public_where": "krant"}')
WB012|SELECT t.judge('{"risk": "high", "notify_customers": false, "exempt_ground": "D"}')
WB012|SELECT t.judge('{"risk": "high", "notify_customers": false, "exempt_ground": "WFT"}')
ok|SELECT waarborg.wft_switch(true); SELECT t.judge('{"risk": "high", "notify_customers": false, "exempt_ground": "WFT"}')
WB012|SELECT waarborg.wft_switch(true), waarborg.wft_switch(false); SELECT t.judge('{"risk": "high", "notify_customers": false, "exempt_ground": "WFT"}')
WB012|SELECT t.judge('{"assessed_at": "2026-11-01 12:00:01+01"}')
23514|SELECT t.judge('{"because": " "}')
enisa_whole|SELECT t.judge('{"enisa_quarters": 4}')
enisa_whole|SELECT t.judge('{"enisa": {}}')
23514|SELECT t.judge('{"enisa": {}, "enisa_quarters": 25}')
23514|SELECT t.judge('{"enisa": {}, "enisa_quarters": 0}')
WB011|SELECT t.judge('{"breach_id": 3}')
ok|SELECT t.judge('{"notify_customers": true}'); SELECT 1 / (b.assessment_id = (SELECT max(id) FROM waarborg.assessment))::int FROM waarborg.breach AS b WHERE id = 1
# what was sent
23514|INSERT INTO waarborg.notification (recipient, kind, complete, sent_at, recorded_at, recorded_by) VALUES ('dpa', 'initial', true, now(), now(), 'x')
23514|INSERT INTO waarborg.notification (recipient, kind, complete, sent_at, recorded_at, recorded_by) VALUES ('ap', 'second', true, now(), now(), 'x')
withdrawal_with_reason|INSERT INTO waarborg.notification (recipient, kind, complete, sent_at, recorded_at, recorded_by) VALUES ('ap', 'withdrawal', true, now(), now(), 'x')
other_is_named|INSERT INTO waarborg.notification (recipient, kind, complete, sent_at, recorded_at, recorded_by) VALUES ('other', 'initial', true, now(), now(), 'x')
23502|INSERT INTO waarborg.notification (recipient, kind, complete, sent_at, recorded_at, recorded_by) VALUES ('ap', 'initial', null, now(), now(), 'x')
ok|INSERT INTO waarborg.notification (recipient, kind, complete, sent_at, snapshot, sha256, recorded_at, recorded_by) VALUES ('ap', 'initial', true, '2026-10-24', 'é', 'not this', now(), 'x'); SELECT 1 / (sha256 = encode(sha256(convert_to('é', 'UTF8')), 'hex'))::int FROM waarborg.notification WHERE snapshot = 'é'
WB012|WITH n AS (INSERT INTO waarborg.notification (recipient, kind, complete, sent_at, recorded_at, recorded_by) VALUES ('ap', 'initial', true, '2026-10-26 14:00:01+01', now(), 'x') RETURNING id) INSERT INTO waarborg.notification_breach SELECT id, 1 FROM n
WB012|WITH n AS (INSERT INTO waarborg.notification (recipient, kind, complete, sent_at, recorded_at, recorded_by) VALUES ('ap', 'initial', true, '2026-11-01 12:00:01+01', now(), 'x') RETURNING id) INSERT INTO waarborg.notification_breach SELECT id, 1 FROM n
WB011|INSERT INTO waarborg.notification_breach VALUES (1, 3)
23503|INSERT INTO waarborg.notification_breach VALUES (900, 1)
# the others that hang on a breach
WB011|INSERT INTO waarborg.measure (breach_id, type, status, description, added_at, added_by) VALUES (3, 'REPAIR', 'taken', 'd', now(), 'x')
WB012|INSERT INTO waarborg.measure (breach_id, type, status, description, added_at, added_by) VALUES (1, 'HOPE', 'taken', 'd', now(), 'x')
23514|INSERT INTO waarborg.measure (breach_id, type, status, description, added_at, added_by) VALUES (1, 'REPAIR', 'hoped', 'd', now(), 'x')
WB011|INSERT INTO waarborg.timeline (breach_id, at, what, added_at, added_by) VALUES (3, now(), 'd', now(), 'x')
23514|INSERT INTO waarborg.timeline (breach_id, at, what, added_at, added_by) VALUES (1, now(), ' ', now(), 'x')
23514|INSERT INTO waarborg.attachment (breach_id, path, sha256, bytes, added_at, added_by) VALUES (1, '/x', 'ABC', 1, now(), 'x')
# affected customers
WB011|INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, added_at) VALUES (3, 'customers', 'klant.customer', '{id}', '{9}', now())
23505|INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, added_at) VALUES (4, 'customers', 'klant.customer', '{id}', '{1}', now())
key_or_reference|INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, added_at) VALUES (4, 'customers', 'klant.customer', '{id}', now())
key_or_reference|INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, reference, added_at) VALUES (4, 'customers', 'klant.customer', '{id}', '{9}', '\x00', now())
WB015|UPDATE waarborg.affected SET state = 'forgotten' WHERE subject_key = '{1}'
23514|INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, added_at, state) VALUES (4, 'customers', 'klant.customer', '{id}', '{9}', now(), 'forgotten')
told_when_and_how|UPDATE waarborg.affected SET state = 'told' WHERE subject_key = '{1}'
told_when_and_how|UPDATE waarborg.affected SET state = 'told', told_at = now() WHERE subject_key = '{1}'
returned_when|UPDATE waarborg.affected SET state = 'returned', returned_at = now() WHERE subject_key = '{1}'
returned_when|UPDATE waarborg.affected SET state = 'returned' WHERE subject_key = '{2}'
ok|UPDATE waarborg.affected SET state = 'returned', returned_at = now() WHERE subject_key = '{2}'
exempt_why|UPDATE waarborg.affected SET state = 'exempt' WHERE subject_key = '{1}'
disposed_by_reference|UPDATE waarborg.affected SET state = 'disposed' WHERE subject_key = '{1}'
ok|UPDATE waarborg.affected SET state = 'told', told_at = now(), channel = 'brief' WHERE subject_key = '{1}'
WB015|UPDATE waarborg.affected SET subject_key = '{9}' WHERE subject_key = '{1}'
WB015|UPDATE waarborg.affected SET breach_id = 1 WHERE subject_key = '{1}'
WB015|UPDATE waarborg.affected SET subject_table = 'klant.agreement' WHERE subject_key = '{1}'
WB015|UPDATE waarborg.affected SET policy = 'x' WHERE subject_key = '{1}'
WB015|UPDATE waarborg.affected SET state = 'to_tell' WHERE subject_key = '{2}'
WB015|UPDATE waarborg.affected SET state = 'to_tell', exempt_because = NULL WHERE subject_key = '{3}'
WB015|UPDATE waarborg.affected SET told_at = NULL, channel = NULL, state = 'to_tell' WHERE subject_key = '{2}'
WB015|UPDATE waarborg.affected SET told_at = told_at - interval '1 day' WHERE subject_key = '{2}'
WB015|UPDATE waarborg.affected SET subject_key = NULL, reference = '\x01', state = 'disposed' WHERE subject_key = '{1}'; UPDATE waarborg.affected SET subject_key = '{1}', reference = NULL, state = 'to_tell' WHERE reference = '\x01'
# the counts follow
ok|SELECT 1 / (string_agg(state || n, ' ' ORDER BY state) = 'exempt1 to_tell2 told1')::int FROM waarborg.affected_count WHERE breach_id = 4 AND n > 0
WB015|UPDATE waarborg.affected_count SET n = 0
# letters
WB015|UPDATE waarborg.letter SET affected_id = 2 WHERE affected_id = 1
23514|UPDATE waarborg.letter SET done_at = now()
23505|INSERT INTO waarborg.letter (affected_id, breach_id, created_at) VALUES (1, 4, now())
# limits
23514|INSERT INTO waarborg.clock_limit VALUES ('ap', 'gdpr', 'aware', 96, 1, NULL, 's', '2027-01-01')
23514|INSERT INTO waarborg.clock_limit VALUES ('ap', 'gdpr', 'aware', NULL, NULL, NULL, 's', '2027-01-01')
23514|INSERT INTO waarborg.clock_limit VALUES ('ap', 'gdpr', 'aware', 0, NULL, NULL, 's', '2027-01-01')
ok|INSERT INTO waarborg.clock_limit VALUES ('ap', 'gdpr', 'aware', 96, NULL, NULL, 's', '2026-10-23 15:00+02'); SELECT 1 / (sum(hours) = 288)::int FROM waarborg.breach_clock WHERE clock = 'ap'; SELECT t.open('2026-10-23 14:59:59+02'), t.open('2026-10-23 15:00+02'); SELECT 1 / (string_agg(hours::text, ' ' ORDER BY breach_id) LIKE '% 72 96')::int FROM waarborg.breach_clock WHERE clock = 'ap'
# replication
REPLICA WB015|DELETE FROM waarborg.breach
REPLICA WB015|UPDATE waarborg.assessment SET because = 'x'
REPLICA WB015|DELETE FROM waarborg.notification
REPLICA WB015|UPDATE waarborg.audit SET reason = 'x'
REPLICA WB015|DELETE FROM waarborg.affected
REPLICA WB015|UPDATE waarborg.clock_limit SET hours = 1
REPLICA WB011|UPDATE waarborg.breach SET title = 'u' WHERE id = 3
REPLICA WB012|UPDATE waarborg.breach SET aware_at = aware_at - interval '1 second' WHERE id = 2
REPLICA WB015|UPDATE waarborg.letter SET affected_id = 2 WHERE affected_id = 1
REPLICA WB015|UPDATE waarborg.reminder SET step = '12'
REPLICA WB015|UPDATE waarborg.affected_count SET n = 0
REPLICA WB012|INSERT INTO waarborg.measure (breach_id, type, status, description, added_at, added_by) VALUES (1, 'HOPE', 'taken', 'd', now(), 'x')
REPLICA WB012|SELECT t.judge('{"risk": "high", "notify_customers": false, "exempt_ground": "WFT"}')
REPLICA WB014|UPDATE waarborg.breach SET closed_at = now(), closed_because = 'x' WHERE id = 1
REPLICA WB015|UPDATE waarborg.breach_number SET last = 0
REPLICA WB015|UPDATE waarborg.affected SET subject_key = '{9}' WHERE subject_key = '{1}'
REPLICA WB015|UPDATE waarborg.code SET label_en = 'x' WHERE code = 'NAME'
CASES

# ---- Through the functions -----------------------------------------------------------------------

run_cases <<'CASES'
WB012|SELECT waarborg.breach_open('{}')
WB012|SELECT waarborg.breach_open(NULL)
# an instant that no calendar shows would keep the register from being read
WB012|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"nis2_aware_at": "infinity"}', 'x')
WB012|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"nis2_aware_at": "2026-11-01 12:00:01+01"}', 'x')
WB012|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"processor_informed_at": "2026-11-01 12:00:01+01"}', 'x')
WB012|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"occurred_from": "2026-11-01 12:00:01+01"}', 'x')
ok|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"processor_informed_at": "2026-11-01 12:00:00+01"}', 'x')
instants_of_a_calendar|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"occurred_from": "-infinity"}', 'x')
instants_of_a_calendar|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"dora_classified_at": "-infinity"}', 'x')
instants_of_a_calendar|SELECT waarborg.breach_timeline_add('DL-2026-0001', 'infinity', 'x')
instants_of_a_calendar|SELECT waarborg.breach_assess('DL-2026-0001', t.assess('{"assessed_at": "-infinity"}'))
instants_of_a_calendar|SELECT waarborg.affected_told('DL-2026-0004', 'customers', NULL, '-infinity', 'x')
instants_of_a_calendar|SELECT set_config('waarborg.at', 'infinity', true), waarborg.breach_timeline_add('DL-2026-0001', '2026-10-24', 'x')
WB012|SELECT waarborg.breach_open('[]')
WB012|SELECT t.open('2026-10-23 15:00+02', '{"titel": "x"}')
WB012|SELECT t.open('2026-10-23 15:00+02', '{"id": 7}')
WB012|SELECT t.open('2026-10-23 15:00+02', '{"reference": "DL-2026-0007"}')
WB012|SELECT t.open('2026-10-23 15:00+02', '{"closed_at": "2026-10-24"}')
WB012|SELECT t.open('2026-11-01 12:00:01+01')
WB012|SELECT t.open('2026-10-23 15:00+02', '{"nature": []}')
WB012|SELECT t.open('2026-10-23 15:00+02', '{"persons_min": 3, "persons_max": 2}')
WB012|SELECT t.open('2026-10-23 15:00+02', '{"persons_max": -2}')
WB012|SELECT t.open('2026-10-23 15:00+02', '{"persons_min": -2}')
WB010|SELECT waarborg.breach_amend('DL-2026-0900', 1, '{}', 'x')
WB010|SELECT waarborg.breach_amend(NULL, 1, '{}', 'x')
WB011|SELECT waarborg.breach_amend('DL-2026-0003', 1, '{"title": "u"}', 'x')
WB013|SELECT waarborg.breach_amend('DL-2026-0001', 2, '{"title": "u"}', 'x')
WB013|SELECT waarborg.breach_amend('DL-2026-0001', NULL, '{"title": "u"}', 'x')
WB012|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"title": "u"}', ' ')
WB012|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"title": "u"}', NULL)
WB012|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"title": null}', 'x')
WB012|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"version": 9}', 'x')
WB012|SELECT waarborg.breach_amend('DL-2026-0002', 1, '{"aware_at": "2026-10-23 14:59:59+02"}', 'x')
ok|SELECT waarborg.breach_amend('DL-2026-0002', 1, '{"aware_at": "2026-10-23 14:59:59+02", "delay_reason": "d"}', 'x'); SELECT 1 / (first_aware_at = '2026-10-23 15:00+02')::int FROM waarborg.breach WHERE id = 2
ok|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"harm": null, "ongoing": null}', 'x'), waarborg.breach_amend('DL-2026-0001', 1, '{}', 'x')
WB010|SELECT waarborg.breach_assess('DL-2026-0900', t.assess('{}'))
WB011|SELECT waarborg.breach_assess('DL-2026-0003', t.assess('{}'))
WB012|SELECT waarborg.breach_assess('DL-2026-0001', '{}')
WB012|SELECT waarborg.breach_assess('DL-2026-0001', t.assess('{"risk": "high"}'))
WB012|SELECT waarborg.breach_assess('DL-2026-0001', t.assess('{"risk": "high", "notify_customers": false}'))
WB012|SELECT waarborg.breach_assess('DL-2026-0001', t.assess('{"risk": "high", "notify_customers": false, "exempt_ground": "C"}'))
WB012|SELECT waarborg.breach_assess('DL-2026-0001', t.assess('{"risk": "high", "notify_customers": false, "exempt_ground": "C", "public_at": "2026-10-30", "public_where": " "}'))
WB012|SELECT waarborg.breach_assess('DL-2026-0001', t.assess('{"notify_ap": false}'))
WB012|SELECT waarborg.breach_assess('DL-2026-0001', t.assess('{"notify_ap": null}'))
WB012|SELECT waarborg.breach_assess('DL-2026-0001', t.assess('{"exempt_ground": "A"}'))
WB012|SELECT waarborg.breach_assess('DL-2026-0001', t.assess('{"because": ""}'))
WB010|SELECT waarborg.breach_notify('{DL-2026-0900}', t.sent('2026-10-24'))
WB011|SELECT waarborg.breach_notify('{DL-2026-0001,DL-2026-0003}', t.sent('2026-10-24'))
WB012|SELECT waarborg.breach_notify('{}', t.sent('2026-10-24'))
WB012|SELECT waarborg.breach_notify(NULL, t.sent('2026-10-24'))
WB012|SELECT waarborg.breach_notify('{DL-2026-0001}', '{}')
ok|SELECT waarborg.breach_notify('{DL-2026-0001,DL-2026-0004,DL-2026-0001}', t.sent('2026-10-26 14:00:00+01'))
WB012|SELECT waarborg.breach_notify('{DL-2026-0001}', t.sent('2026-10-26 14:00:01+01'))
WB012|SELECT waarborg.breach_notify('{DL-2026-0001}', t.sent('2026-10-26 14:00:01+01', '{"delay_reason": " "}'))
ok|SELECT waarborg.breach_notify('{DL-2026-0001}', t.sent('2026-10-26 14:00:01+01', '{"delay_reason": "d"}'))
ok|SELECT waarborg.breach_notify('{DL-2026-0001}', t.sent('2026-10-26 13:00:00+01', '{"complete": false}')), waarborg.breach_notify('{DL-2026-0001}', t.sent('2026-10-31', '{"kind": "final"}'))
WB012|SELECT waarborg.breach_notify('{DL-2026-0001}', t.sent('2026-11-01 12:00:01+01', '{"delay_reason": "d"}'))
WB012|SELECT waarborg.breach_notify('{DL-2026-0002}', t.sent('2026-10-26', '{"kind": "withdrawal"}'))
WB012|SELECT waarborg.breach_notify('{DL-2026-0002}', t.sent('2026-10-26', '{"recipient": "other"}'))
WB012|SELECT waarborg.breach_measure_add('DL-2026-0001', '{}')
WB011|SELECT waarborg.breach_measure_add('DL-2026-0003', '{"type": "REPAIR", "status": "taken", "description": "d"}')
WB012|SELECT waarborg.breach_timeline_add('DL-2026-0001', now(), ' ')
WB011|SELECT waarborg.breach_attachment_add('DL-2026-0003', '/x', repeat('0', 64), 1)
WB014|SELECT waarborg.breach_close('DL-2026-0001', 'x')
WB014|SELECT waarborg.breach_close('DL-2026-0002', 'x')
ok|SELECT waarborg.breach_amend('DL-2026-0002', 1, '{"consequences": ["CONF_WIDER"]}', 'x'); SELECT waarborg.breach_close('DL-2026-0002', 'x')
WB012|SELECT waarborg.breach_close('DL-2026-0002', ' ')
WB011|SELECT waarborg.breach_close('DL-2026-0003', 'x')
ok|SELECT waarborg.breach_reopen('DL-2026-0003', 'x')
WB010|SELECT waarborg.breach_reopen('DL-2026-0001', 'x')
WB012|SELECT waarborg.breach_reopen('DL-2026-0003', '')
WB011|SELECT waarborg.affected_add('DL-2026-0003', 'customers', '{"{9}"}')
WB012|SELECT waarborg.affected_told('DL-2026-0004', 'customers', '{"{1}"}', '2026-11-01 12:00:01+01', 'brief')
WB012|SELECT waarborg.affected_told('DL-2026-0004', 'customers', '{"{1}"}', NULL, ' ')
WB012|SELECT waarborg.affected_exempt('DL-2026-0004', 'customers', '{"{1}"}', ' ')
WB011|SELECT waarborg.affected_told('DL-2026-0003', 'customers', NULL, NULL, 'brief')
# a high risk whose customers were not all told stays open
WB014|SELECT waarborg.breach_amend('DL-2026-0004', 1, '{"consequences": ["CONF_WIDER"]}', 'x'), waarborg.breach_measure_add('DL-2026-0004', '{"type": "REPAIR", "status": "taken", "description": "d"}'), waarborg.breach_assess('DL-2026-0004', t.assess('{"risk": "high", "notify_customers": true}')), waarborg.breach_notify('{DL-2026-0004}', t.sent('2026-10-24')); SELECT waarborg.breach_close('DL-2026-0004', 'x')
ok|SELECT waarborg.breach_amend('DL-2026-0004', 1, '{"consequences": ["CONF_WIDER"]}', 'x'), waarborg.breach_measure_add('DL-2026-0004', '{"type": "REPAIR", "status": "taken", "description": "d"}'), waarborg.breach_assess('DL-2026-0004', t.assess('{"risk": "high", "notify_customers": true}')), waarborg.breach_notify('{DL-2026-0004}', t.sent('2026-10-24')), waarborg.affected_told('DL-2026-0004', 'customers', NULL, NULL, 'brief'); SELECT waarborg.breach_close('DL-2026-0004', 'x')
# with customers to be told and nobody on the list, the duty stands until somebody says they were told
WB014|SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"consequences": ["CONF_WIDER"]}', 'x'), waarborg.breach_measure_add('DL-2026-0001', '{"type": "REPAIR", "status": "taken", "description": "d"}'), waarborg.breach_assess('DL-2026-0001', t.assess('{"risk": "high", "notify_customers": true}')), waarborg.breach_notify('{DL-2026-0001}', t.sent('2026-10-24')); SELECT waarborg.breach_close('DL-2026-0001', 'x')
CASES
[ "$faults" = 0 ] || fail "$faults of $cases cases are not as they should be"

# ---- Numbers without gaps -------------------------------------------------------------------------

# Eight writers at once, every third breach rolled back.
writers=''
for writer in 1 2 3 4 5 6 7 8; do
    for turn in 1 2 3 4 5 6 7 8 9; do
        end=COMMIT
        [ $((turn % 3)) -ne 0 ] || end=ROLLBACK
        printf "BEGIN; SELECT t.open('2026-10-23 15:00+02'); %s;\n" $end
    done | (printf '%s;\n' "$clock" && cat) >"$T/writer.$writer"
    psql -XAtq -v ON_ERROR_STOP=1 -d "$db" -f "$T/writer.$writer" >/dev/null 2>"$T/writer.$writer.err" &
    writers="$writers $!"
done
for writer in $writers; do
    wait "$writer" || fail "a writer failed: $(cat "$T"/writer.*.err)"
done
expect_sql '52 52 DL-2026-0052' "SELECT count(*) || ' ' || count(DISTINCT reference) || ' ' || max(reference) FROM waarborg.breach"
# The year is the one of the registration, by the clock of the program; each begins at 1.
expect_sql 'DL-2027-0001 DL-2026-0053' "SET TimeZone = 'Europe/Amsterdam'; SET client_min_messages = error;
    DO \$\$ BEGIN PERFORM t.clock('2027-01-01 00:00+01'); CREATE TEMP TABLE a AS SELECT t.open('2026-12-31 23:00+01') AS r;
        PERFORM t.clock('2026-12-31 23:59:59+01'); INSERT INTO a SELECT t.open('2026-12-31 23:00+01'); END \$\$;
    SELECT string_agg(r, ' ') FROM a"
# More than four digits: the ten thousandth.  Nobody can set the number, but for who takes the rule away.
expect_sql 'DL-2028-10000' "SET TimeZone = 'Europe/Amsterdam'; SET client_min_messages = error;
    ALTER TABLE waarborg.breach_number DISABLE TRIGGER rules;
    INSERT INTO waarborg.breach_number VALUES (2028, 9999);
    ALTER TABLE waarborg.breach_number ENABLE ALWAYS TRIGGER rules;
    DO \$\$ BEGIN PERFORM t.clock('2028-06-01 00:00+02'); END \$\$; SELECT t.open('2028-05-31 23:00+02')"
# The chain of the audit log held through all of it.
expect_sql 0 "SELECT count(*) FROM (SELECT a.*, lag(a.sha256, 1, repeat('0', 64)) OVER (ORDER BY a.seq) AS want, row_number() OVER (ORDER BY a.seq) AS n
                FROM waarborg.audit AS a) AS a
              WHERE a.previous <> a.want OR a.seq <> a.n"
waarborg evidence verify
expect_status 0
