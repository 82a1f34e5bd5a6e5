# `waarborg report summary`: every figure once more, straight from the tables and by other means (local
# days as text, the customers themselves), in periods that begin or end where the clock is changed, in
# one without a run; each of its answers turned by one fact and by nothing else, to the day and to the
# second; exit code 1 when one of them needs attention.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/places.sh"

command -v python3 >/dev/null 2>&1 || skip "python3 is not installed, with which reports are compared"

today=$(sql_in postgres "SELECT to_char(now() AT TIME ZONE 'Europe/Amsterdam', 'YYYY-MM-DD')")
AS_OF=$today

two_policies() {
    small_policy
    echo ', { name = "leads"; version = "1"; legal_basis = "test"; subject = { table = "klant.lead"; key = [ "id" ]; };
      rules = ( { name = "gone"; window = "1 year"; clocks = ( { table = "klant.lead"; ends = "left_on"; } ); } ); }'
}
# open_at REGISTERED AWARE: its reference in $ref.  Own targets: customers 72 hours, follow-up 336.
open_at() {
    ref=$(sql "SET timezone = 'Europe/Amsterdam'; SET waarborg.at = '$1';
        SELECT waarborg.breach_open('{\"title\": \"Brief verkeerd bezorgd\", \"what_happened\": \"w\",
            \"nature\": [\"CONFIDENTIALITY\"], \"consequences_description\": \"none\"}'::jsonb
            || jsonb_build_object('aware_at', '$2'), '{}', 72, 336)") || fail "the breach cannot be registered"
}
# told REF SENT [RECIPIENT [COMPLETE]]
told() {
    sql "SET waarborg.at = '$2'; SELECT waarborg.breach_notify(ARRAY['$1'], jsonb_build_object(
        'recipient', '${3:-ap}', 'kind', 'initial', 'complete', ${4:-true}, 'sent_at', '$2', 'number', 'Z-1',
        'snapshot', 'what was sent', 'delay_reason', 'nobody was there'))" >/dev/null || fail "not notified"
}
assessed() { # REF AT RISK CUSTOMERS
    sql "SET waarborg.at = '$2'; SELECT waarborg.breach_assess('$1', jsonb_build_object('risk', '$3',
        'notify_ap', '$3' <> 'unlikely', 'ap_because', 'encrypted', 'notify_customers', $4, 'because', 'as seen'))" \
        >/dev/null || fail "not assessed"
}
closed() { # REF AT
    sql "SET waarborg.at = '$2';
         SELECT waarborg.breach_measure_add('$1', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"called\"}');
         SELECT waarborg.breach_close('$1', 'all is done')" >/dev/null || fail "not closed"
}
both() { # a night of both policies
    waarborg --as-of "$today" retention run
}
# The past is made by hand: what the register and the ledger refuse is switched off.
unlock() {
    for table in run run_left segment verification approval breach; do
        sql "ALTER TABLE waarborg.$table DISABLE TRIGGER USER"
    done
}

# ---- A year and its nights -----------------------------------------------------------------------

small_db summary 34
# 34: due in years; 33: no rule; 1: due longest, but held; 5 and 6 cannot go, 6 not before today; 7 not before tomorrow.
sql "CREATE TABLE klant.lead (id bigint PRIMARY KEY, left_on date);
     UPDATE klant.agreement SET ended_on = '2024-05-05' WHERE id = 34;
     UPDATE klant.agreement SET ended_on = '2012-01-01' WHERE id = 1;
     DELETE FROM klant.payment WHERE agreement_id = 33; DELETE FROM klant.agreement WHERE id = 33;
     UPDATE klant.agreement SET ended_on = (date '$today' - 1 - interval '7 years')::date WHERE id = 6;
     UPDATE klant.agreement SET ended_on = (date '$today' - interval '7 years')::date WHERE id = 7;
     CREATE FUNCTION test.keep() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RAISE foreign_key_violation; END \$\$;
     CREATE TRIGGER keep BEFORE DELETE ON klant.contact FOR EACH ROW WHEN (OLD.id IN (5, 6)) EXECUTE FUNCTION test.keep()"
two_policies | write_conf unsealed 'max_share = 1.0; batch = 4; chunk = 4;'
start_policy

echo "case: before the first run"
same_places --as-of "$today" report summary
expect_status 0
[ "$(python3 -c 'import json, sys
print(*[c["answer"] for c in json.load(open(sys.argv[1]))["sections"]["checks"]])' "$T/json")" = \
    'none none none none none yes yes none none yes yes none none none' ] || fail "wrong answers: $(cat "$T/json")"

for key in 1 2 3; do
    waarborg --as-of "$today" hold add $key --policy customers --kind claim --reason brief
    expect_status 0
done
both
expect_status 1
waarborg --as-of "$today" hold release 2 --reason opgelost
both
waarborg --as-of "$today" archive restore "$(sql "SELECT id FROM waarborg.segment ORDER BY chain_no LIMIT 1")" --reason vergissing
expect_status 0
waarborg --as-of "$today" hold add 20 --policy customers --kind request --reason 'vraagt inzage'
both
waarborg --as-of "$today" archive verify
expect_status 0
unlock
sql "SET timezone = 'Europe/Amsterdam';
     UPDATE waarborg.segment AS s SET created_at = t.at
       FROM unnest('{2026-03-28 23:59:59,2026-03-29 00:00:00,2026-03-29 23:59:59,2026-10-25 00:00:00,
                     2026-10-25 23:59:59,2026-10-26 00:00:00,
                     2026-10-31 23:59:59,2026-11-01 00:00:00}'::timestamptz[]) WITH ORDINALITY AS t (at, n) WHERE n = chain_no;
     UPDATE waarborg.segment SET destroyed_at = '2026-10-25 23:59:59' WHERE chain_no = 2;
     UPDATE waarborg.segment SET destroyed_at = '2026-10-26 00:00:00' WHERE chain_no = 4;
     UPDATE waarborg.disposal SET restored_at = '2026-10-26 00:00:00' WHERE restored_at IS NOT NULL;
     UPDATE waarborg.run AS r SET started_at = t.at, finished_at = t.ended, as_of = t.at::date, outcome = coalesce(t.outcome, r.outcome)
       FROM (VALUES (1, timestamptz '2026-03-28 23:59:58', timestamptz '2026-03-28 23:59:59', 'attention'),
                    (2, '2026-03-28 23:59:59', '2026-03-29 00:00:00', 'done'), (3, '2026-03-29 00:00:00', '2026-03-29 00:00:01', 'failed'),
                    (4, '2026-10-25 23:59:59', '2026-10-26 00:00:01', NULL)) AS t (n, at, ended, outcome) WHERE t.n = r.id;
     INSERT INTO waarborg.verification (kind, verified_at, verified_by, os_user, program_version, segments, destroyed, opened, bytes, faults)
     VALUES ('archive', '2026-03-28 23:59:59', 'x', 'x', 'x', 1, 0, 0, 1, 2), ('evidence', '2026-03-29 00:00:00', 'x', 'x', 'x', 1, 0, 0, 1, 0),
            ('archive', '2026-10-25 23:59:59', 'x', 'x', 'x', 1, 0, 0, 1, 0), ('evidence', '2026-10-26 00:00:00', 'x', 'x', 'x', 1, 0, 0, 1, 1);
     INSERT INTO waarborg.returned (reference, segment_id, policy, subject_table, key_columns, rule, due_on, wanted, noted_at, settled_at, outcome)
     SELECT sha256(n::text::bytea), (SELECT min(id) FROM waarborg.segment), 'customers', 'klant.customer', '{id}', 'former', '2020-01-01',
            'erased', noted, settled, CASE WHEN settled IS NOT NULL THEN 'absent' END
       FROM (VALUES (1, timestamptz '2026-03-28 23:59:59', timestamptz '2026-10-25 23:59:59'),
                    (2, '2026-03-29 00:00:00', '2026-10-26 00:00:00'), (3, '2026-10-26 00:00:00', NULL)) AS t (n, noted, settled);
     UPDATE waarborg.hold SET placed_at = '2026-03-28 23:59:59', review_on = '2026-03-29' WHERE id = 1;
     UPDATE waarborg.hold SET placed_at = '2026-03-29 00:00:00', released_at = '2026-10-26 00:00:00', review_on = '2026-10-26' WHERE id = 2;
     UPDATE waarborg.hold SET placed_at = '2026-10-25 23:59:59', review_on = date '$today' + 1 WHERE id = 3;
     UPDATE waarborg.hold SET placed_at = '2026-10-26 00:00:00', released_at = '2026-11-22 00:00:00', review_on = '2026-11-21',
            reference = (SELECT min(reference::text)::bytea FROM waarborg.disposal WHERE segment_id = (SELECT id FROM waarborg.segment WHERE chain_no = 3)),
            released_by = 'x', release_reason = 'x'
      WHERE kind = 'request'"
expect_sql 1 "SELECT count(reference) FROM waarborg.hold WHERE kind = 'request'"

# Across the change of March 72 hours from 15:00 are 16:00; of October, 14:00.
open_at '2025-12-31 23:59:59+01' '2025-12-31 20:00+01' # never told
open_at '2026-03-28 23:59:59+01' '2026-03-27 15:00+01' && told "$ref" '2026-03-30 16:00:00+02'
assessed "$ref" '2026-03-30 00:00:00+02' risk false
open_at '2026-03-29 00:00:00+01' '2026-03-27 15:00+01' && told "$ref" '2026-03-30 16:00:01+02'
open_at '2026-03-29 23:59:59+02' '2026-03-29 12:00+02' && assessed "$ref" '2026-03-29 23:59:59+02' unlikely false
closed "$ref" '2026-10-25 23:59:59+01'
open_at '2026-03-30 00:00:00+02' '2026-03-29 12:00+02' && assessed "$ref" '2026-03-30 01:00+02' high true
told "$ref" '2026-03-30 02:00+02'
told "$ref" '2026-04-02 01:00:00+02' customers # 72 hours after the decision
closed "$ref" '2026-10-26 00:00:00+01'
open_at '2026-03-30 00:00:01+02' '2026-03-29 12:00+02' && assessed "$ref" '2026-03-30 01:00+02' high true
told "$ref" '2026-03-30 02:00+02' ap false # the rest was never sent
told "$ref" '2026-04-02 01:00:01+02' customers
open_at '2026-10-25 00:00:00+02' '2026-10-22 23:59:59+02' # its limit: the last second of the 25th, an hour less
open_at '2026-10-25 23:59:59+01' '2026-10-23 00:59:59+02' # and the last second of it
open_at '2026-10-26 00:00:00+01' '2026-10-23 15:00+02' && told "$ref" '2026-10-26 14:00:00+01'
assessed "$ref" '2026-10-26 15:00+01' high true # nobody told them
open_at "$(date -u -d '1 hour ago' '+%Y-%m-%dT%H:%M:%SZ')" "$(date -u -d '2 hours ago' '+%Y-%m-%dT%H:%M:%SZ')"

# ---- Every figure a second way ---------------------------------------------------------------------

# recount FROM TO AS-OF: SECTION.KEY|VALUE of each.  Days are compared as text; who is left is told by
# the customers and not by the worklist.
recount() {
    psql -XAtq -v ON_ERROR_STOP=1 -v "from=$1" -v "to=$2" -v "as_of=$3" -v "today=$today" -d "$db" <<'SQL' >"$T/recount"
SET timezone = 'Europe/Amsterdam';
CREATE FUNCTION pg_temp.day(timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT to_char($1, 'YYYY-MM-DD') $$;
CREATE FUNCTION pg_temp.iso(timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT to_json($1) #>> '{}' $$;
CREATE TEMP TABLE judged AS SELECT CASE WHEN :'as_of' = :'today' THEN now() ELSE (:'as_of' || ' 23:59:59')::timestamptz END AS at;
CREATE TEMP TABLE seg AS SELECT * FROM waarborg.segment WHERE pg_temp.day(created_at) <= :'as_of';
CREATE TEMP TABLE gone AS SELECT * FROM seg WHERE pg_temp.day(created_at) BETWEEN :'from' AND :'to';
CREATE TEMP TABLE here AS SELECT s.*, EXISTS (SELECT FROM waarborg.disposal AS d JOIN waarborg.hold AS h USING (reference)
        WHERE d.segment_id = s.id AND pg_temp.day(h.placed_at) <= :'as_of' AND (h.released_at IS NULL OR pg_temp.day(h.released_at) > :'as_of')) AS kept
    FROM seg AS s WHERE destroyed_at IS NULL OR pg_temp.day(destroyed_at) > :'as_of';
CREATE TEMP TABLE run AS SELECT *, CASE WHEN pg_temp.day(finished_at) > :'as_of' OR outcome IS NULL THEN 'unfinished' ELSE outcome END AS ended
    FROM waarborg.run WHERE pg_temp.day(started_at) <= :'as_of';
CREATE TEMP TABLE night AS SELECT * FROM run WHERE pg_temp.day(started_at) BETWEEN :'from' AND :'to';
CREATE TEMP TABLE worst AS SELECT r.* FROM run AS r WHERE as_of <= :'as_of'
    AND id = (SELECT max(id) FROM run AS x WHERE x.policy = r.policy AND x.as_of <= :'as_of')
    ORDER BY ended IN ('unfinished', 'failed', 'stopped') DESC, as_of, id LIMIT 1;
-- Due the day after seven years since the last end of all; who has no agreement falls under no rule.
CREATE TEMP TABLE customer AS
SELECT c.id, (greatest(max(a.ended_on), max(k.closed_on)) + interval '7 years')::date + 1 AS due_on, count(a.id) > 0 AS covered,
       EXISTS (SELECT FROM waarborg.hold AS h WHERE h.subject_key = ARRAY[c.id::text] AND h.released_at IS NULL) AS held
  FROM klant.customer AS c LEFT JOIN klant.agreement AS a ON a.customer_id = c.id
  LEFT JOIN klant.complaint AS k ON k.customer_id = c.id GROUP BY c.id;
CREATE TEMP TABLE late AS SELECT * FROM customer WHERE covered AND NOT held AND due_on <= :'today';
CREATE TEMP TABLE hold AS SELECT * FROM waarborg.hold
    WHERE pg_temp.day(placed_at) <= :'as_of' AND (released_at IS NULL OR pg_temp.day(released_at) > :'as_of');
CREATE TEMP TABLE verified AS SELECT v.* FROM waarborg.verification AS v WHERE pg_temp.day(verified_at) <= :'as_of'
    AND NOT EXISTS (SELECT FROM waarborg.verification AS x WHERE x.kind = v.kind AND x.id <> v.id AND pg_temp.day(x.verified_at) <= :'as_of'
                     AND x.verified_at > v.verified_at);
CREATE TEMP TABLE sent AS SELECT x.breach_id, n.* FROM waarborg.notification AS n JOIN waarborg.notification_breach AS x ON x.notification_id = n.id
    WHERE pg_temp.day(n.sent_at) <= :'as_of';
CREATE TEMP TABLE breach AS
SELECT b.*, b.aware_at + interval '72 hours' AS ap_due, a.risk, a.notify_ap, a.notify_customers, q.since + interval '72 hours' AS told_due,
       (SELECT min(sent_at) FROM sent AS n WHERE n.breach_id = b.id AND recipient = 'ap') AS ap,
       (SELECT min(sent_at) FROM sent AS n WHERE n.breach_id = b.id AND recipient = 'customers') AS told,
       (SELECT min(sent_at) + interval '336 hours' FROM sent AS n WHERE n.breach_id = b.id AND recipient = 'ap' AND NOT complete
           AND NOT EXISTS (SELECT FROM sent AS m WHERE m.breach_id = b.id AND m.recipient = 'ap' AND m.complete)) AS rest_due,
       closed_at IS NULL OR pg_temp.day(closed_at) > :'as_of' AS open
  FROM waarborg.breach AS b
  LEFT JOIN LATERAL (SELECT * FROM waarborg.assessment AS x WHERE x.breach_id = b.id AND pg_temp.day(x.assessed_at) <= :'as_of' ORDER BY x.id DESC LIMIT 1) AS a ON true
  LEFT JOIN LATERAL (SELECT min(x.assessed_at) AS since FROM waarborg.assessment AS x
                      WHERE x.breach_id = b.id AND x.notify_customers AND pg_temp.day(x.assessed_at) <= :'as_of') AS q ON true
 WHERE pg_temp.day(registered_at) <= :'as_of';
CREATE TEMP TABLE reg AS SELECT * FROM breach WHERE pg_temp.day(registered_at) BETWEEN :'from' AND :'to';
CREATE TEMP TABLE passed AS SELECT due FROM breach CROSS JOIN judged CROSS JOIN LATERAL (VALUES
        (CASE WHEN ap IS NULL AND notify_ap IS NOT FALSE THEN ap_due END), (CASE WHEN told IS NULL AND notify_customers THEN told_due END),
        (rest_due)) AS t (due) WHERE open AND due < at;
CREATE TEMP TABLE away AS SELECT d.*, r.as_of - d.due_on AS days, (SELECT count(*) FROM waarborg.returned AS b WHERE b.reference = d.reference
        AND b.outcome = 'disposed' AND pg_temp.day(b.settled_at) <= :'as_of' AND b.noted_at <= s.created_at) AS again
    FROM waarborg.disposal AS d, gone AS s, waarborg.run AS r WHERE s.id = d.segment_id AND r.id = s.run_id;
CREATE TEMP TABLE taken AS SELECT g.created_at, t.rows FROM gone AS g, waarborg.segment_table AS t WHERE t.segment_id = g.id AND t.kind = 'rows';
SELECT 'totals.' || t.f FROM (SELECT unnest(ARRAY['subjects', 'bytes', 'segments']) || '|' ||
        unnest(ARRAY[coalesce(sum(subjects), 0), coalesce(sum(bytes), 0), count(*)]) FROM gone) AS t (f);
SELECT 'totals.rows|' || coalesce(sum(rows), 0) FROM taken;
SELECT 'totals.' || f FROM (SELECT unnest(ARRAY['people|' || count(DISTINCT reference), 'late|' || count(*) FILTER (WHERE days > 0 AND again = 0),
       'latest_days|' || coalesce((max(days) FILTER (WHERE days > 0 AND again = 0))::text, 'None')]) FROM away) AS t (f);
SELECT 'totals.again|' || count(*) FROM waarborg.returned WHERE outcome = 'disposed' AND pg_temp.day(settled_at) BETWEEN :'from' AND :'to';
SELECT 'nights.missed|' || count(*) FROM (SELECT (:'from'::date + i)::text AS d FROM generate_series(0, :'to'::date - :'from'::date) AS i) AS n
 WHERE d < :'as_of' AND d > (SELECT pg_temp.day(min(started_at)) FROM run) AND d NOT IN (SELECT as_of::text FROM run);
SELECT 'holds.without_review|' || count(*) FROM hold WHERE review_on IS NULL;
SELECT 'clocks.next_breach|' || coalesce(min(n.reference), 'None') || E'\nclocks.next_due_at|' || coalesce(pg_temp.iso(min(n.due)), 'None')
  FROM (SELECT reference, due FROM breach CROSS JOIN judged CROSS JOIN LATERAL (VALUES
        (CASE WHEN ap IS NULL AND notify_ap IS NOT FALSE THEN ap_due END), (CASE WHEN told IS NULL AND notify_customers THEN told_due END),
        (rest_due)) AS t (due) WHERE open AND due >= at ORDER BY due, reference LIMIT 1) AS n;
SELECT 'totals.restored|' || count(*) FROM waarborg.disposal WHERE pg_temp.day(restored_at) <= :'as_of' AND segment_id IN (SELECT id FROM gone);
SELECT 'disposed.' || m || '|' || (SELECT coalesce(sum(subjects), 0) FROM gone WHERE left(pg_temp.day(created_at), 7) = m)
       || ' ' || (SELECT coalesce(sum(rows), 0) FROM taken WHERE left(pg_temp.day(created_at), 7) = m)
       || ' ' || (SELECT count(*) FROM night WHERE left(pg_temp.day(started_at), 7) = m)
  FROM (SELECT DISTINCT left((:'from'::date + i)::text, 7) AS m FROM generate_series(0, :'to'::date - :'from'::date) AS i) AS months;
SELECT 'standing.' || f FROM (SELECT unnest(ARRAY['due|' || (SELECT count(*) FROM late), 'overdue|' || (SELECT count(*) FROM late WHERE due_on < :'as_of'),
       'oldest_overdue_on|' || coalesce((SELECT min(due_on) FROM late WHERE due_on < :'as_of')::text, 'None'), 'blocked|' || (SELECT count(*) FROM late),
       'held|' || (SELECT count(*) FROM customer WHERE held AND covered AND due_on <= :'today'), 'uncovered|' || (SELECT count(*) FROM customer WHERE NOT covered)])) AS t (f);
SELECT 'nights.' || f FROM (SELECT unnest(ARRAY['runs|' || count(*), 'failed|' || count(*) FILTER (WHERE ended IN ('unfinished', 'failed', 'stopped')),
       'last_started_at|' || coalesce((SELECT pg_temp.iso(started_at) FROM worst), 'None'), 'last_outcome|' || coalesce((SELECT ended FROM worst), 'None'),
       'last_as_of|' || coalesce((SELECT as_of FROM worst)::text, 'None')]) FROM night) AS t (f);
SELECT 'archives.' || f FROM (SELECT unnest(ARRAY['present|' || count(*), 'bytes|' || coalesce(sum(bytes), 0), 'held|' || count(*) FILTER (WHERE kept),
       'past_term|' || count(*) FILTER (WHERE NOT kept AND :'as_of' > (created_at::date + 90)::text), 'destroyed|' || (SELECT count(*) FROM waarborg.segment
       WHERE pg_temp.day(destroyed_at) BETWEEN :'from' AND :'to')]) FROM here) AS t (f);
SELECT 'evidence.verified_at|' || coalesce(pg_temp.iso(max(verified_at)), 'None') FROM verified;
SELECT 'evidence.verified_faults|' || coalesce(sum(faults)::text, 'None') FROM verified;
SELECT 'evidence.returned|' || count(*) FROM waarborg.returned WHERE pg_temp.day(noted_at) <= :'as_of' AND coalesce(pg_temp.day(settled_at) > :'as_of', true);
SELECT 'holds.active|' || count(*) FROM hold;
SELECT 'holds.review_due|' || count(*) FROM hold WHERE NOT review_on > :'as_of';
SELECT 'breaches.' || f FROM (SELECT unnest(ARRAY['registered|' || count(id), 'ap_in_time|' || count(*) FILTER (WHERE ap <= ap_due),
       'ap_late|' || count(*) FILTER (WHERE ap > ap_due), 'ap_missed|' || count(*) FILTER (WHERE ap IS NULL AND notify_ap IS NOT FALSE AND ap_due < at),
       'customers_in_time|' || count(*) FILTER (WHERE told <= told_due), 'customers_late|' || count(*) FILTER (WHERE told > told_due),
       'customers_overdue|' || count(*) FILTER (WHERE told IS NULL AND notify_customers AND told_due < at),
       'ap_running|' || count(*) FILTER (WHERE ap IS NULL AND notify_ap IS NOT FALSE AND ap_due >= at),
       'aware_moved_later|' || count(*) FILTER (WHERE aware_at > first_aware_at),
       'incomplete|' || count(*) FILTER (WHERE id IS NOT NULL AND (what_happened IS NULL OR consequences = '{}' AND consequences_description IS NULL
           OR id NOT IN (SELECT breach_id FROM waarborg.measure WHERE pg_temp.day(added_at) <= :'as_of')))]) FROM judged LEFT JOIN reg ON true) AS t (f);
SELECT 'clocks.' || f FROM (SELECT unnest(ARRAY['open|' || count(*), 'unassessed|' || count(*) FILTER (WHERE risk IS NULL),
       'overdue|' || (SELECT count(*) FROM passed), 'overdue_since|' || coalesce((SELECT pg_temp.day(min(due)) FROM passed), 'None')]) FROM breach WHERE open) AS t (f);
SQL
}

cat >"$T/compare.py" <<'PYTHON'
import json, sys
sections = json.load(open(sys.argv[1]))["sections"]
months = sections.pop("disposed")
figures = {f"{s}.{k}": v for s, row in sections.items() if isinstance(row, dict) for k, v in row.items()}
figures.update({f"disposed.{m['month']}": f"{m['subjects']} {m['rows']} {m['runs']}" for m in months})
lines = dict(line.rstrip("\n").split("|", 1) for line in open(sys.argv[2]))
wrong = [f"{k}: {figures.get(k)}, the tables say {v}" for k, v in lines.items() if str(figures.get(k)) != v]
wrong += [f"{k} was not compared" for k in figures if k.startswith("disposed.") and k not in lines]
assert len(lines) >= 46, f"only {len(lines)} figures"
# Every figure that the page shows has been compared.
shown = {f"{s}.{c}" for s, _, c, _ in (line.split(",", 3) for line in open(sys.argv[3]))} & set(figures)
wrong += [f"{k} was not compared" for k in shown - set(lines)]
print("\n".join(wrong))
sys.exit(len(wrong) > 0)
PYTHON
waarborg --as-of "$today" report summary --format csv
cp "$T/out" "$T/fields"
while read -r from to as_of; do
    echo "case: $from to $to, as of $as_of"
    waarborg --as-of "$as_of" --json report summary --from "$from" --to "$to"
    cp "$T/out" "$T/json"
    recount "$from" "$to" "$as_of"
    python3 "$T/compare.py" "$T/json" "$T/recount" "$T/fields" >"$T/out" || fail "other figures than the tables have"
done <<PERIODS
2018-01-01 2026-11-22 2026-11-22
2025-01-01 2025-12-31 2026-11-22
2026-03-28 2026-03-28 2026-03-28
2026-03-29 2026-03-29 2026-03-29
2026-03-01 2026-03-29 2026-10-25
2026-03-30 2026-10-24 2026-10-24
2026-03-29 2026-10-25 2026-10-25
2026-10-25 2026-10-25 2026-10-26
2026-10-26 2026-10-26 2026-10-26
2026-04-01 2026-04-30 2026-11-21
2026-01-01 $today $today
PERIODS
same_places --as-of 2026-10-25 report summary --from 2026-03-29
expect_status 1
same_places --as-of "$today" report summary
expect_status 1

# ---- Each answer, turned by one fact ------------------------------------------------------------------

small_db answers 12
sql "CREATE TABLE klant.lead (id bigint PRIMARY KEY, left_on date); INSERT INTO klant.lead VALUES (1, '2015-01-01')"
rm -rf "$T/archive" "$T/journal.jsonl"
two_policies | write_conf unsealed 'max_share = 1.0; batch = 6; chunk = 6;'
start_policy
both
expect_status 0
for job in archive evidence; do
    waarborg --as-of "$today" $job verify
    expect_status 0
done
from=$(sql "SELECT date '$today' - 30")
# One told exactly at its limits, and one of an earlier period that was never told but is closed.
aware=$(sql "SELECT date_trunc('second', now()) - interval '216 hours'")
after() { sql "SELECT timestamptz '$aware' + interval '$1 hours'"; }
open_at "$(after 1)" "$aware" && told "$ref" "$(after 72)"
assessed "$ref" "$(after 48)" high true
told "$ref" "$(after 120)" customers
open_at "$(sql "SELECT date '$from' - 1")" "$(sql "SELECT date '$from' - 4 + time '12:00'")"
unlock
for table in notification hold disposal measure; do
    sql "ALTER TABLE waarborg.$table DISABLE TRIGGER USER"
done
sql "UPDATE waarborg.disposal SET due_on = '$today'"
sql "SELECT waarborg.breach_measure_add(reference, '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"called\"}') FROM waarborg.breach" >/dev/null
sql "UPDATE waarborg.verification SET verified_at = date_trunc('second', now()) - interval '1 second' * (3 - id);
     UPDATE waarborg.breach SET closed_at = now(), closed_because = 'x' WHERE reference = '$ref'"

answers() { # what every check says: CHECK=ANSWER/COUNT/SINCE
    waarborg --json report summary --from "$from" "$@"
    python3 -c 'import json, sys
for c in json.load(open(sys.argv[1]))["sections"]["checks"]:
    print("%s=%s/%s/%s" % (c["check"], c["answer"], c["count"] or "", c["since"] or ""))' "$T/out" >"$T/answers"
    : >"$T/out"
}
answers
expect_status 0
cp "$T/answers" "$T/base"
[ "$(sed 's/.*=//' "$T/base" | sort -u)" = 'yes//' ] || fail "not all is well to begin with: $(cat "$T/base")"
day() { sql "SELECT date '$today' + $1"; }
listed() { echo "INSERT INTO waarborg.worklist (policy, subject_key, state, rule, due_on, since, scan) VALUES ('customers', '{x}', '$1', 'former', '$2', now(), 1)"; }
unlisted="DELETE FROM waarborg.worklist WHERE subject_key = '{x}'"
last() { echo "UPDATE waarborg.run SET $2 WHERE policy = '$1'"; }
placed() { echo "INSERT INTO waarborg.hold (subject_table, key_columns, subject_key, kind, reason, review_on, placed_at, placed_by, released_at, released_by, release_reason) VALUES ('klant.customer', '{id}', '{99}', 'claim', 'x', '$(day "$1")', now(), 'x', $2)"; }
sent() { echo "UPDATE waarborg.notification SET sent_at = sent_at $2 interval '1 second' WHERE recipient = '$1'"; }
checked() { echo "UPDATE waarborg.verification SET verified_at = verified_at $1 interval '1 day' * $2"; }
one=$(sql "SELECT min(reference::text) FROM waarborg.disposal")
back="INSERT INTO waarborg.returned SELECT '$one', min(id), 'customers', 'klant.customer', '{id}', 'former', '2020-01-01', 'erased', min(created_at), now(), now(), 'disposed' FROM waarborg.segment"
earlier="INSERT INTO waarborg.run (id, policy, as_of, started_at, finished_at, outcome, fingerprint, program_version, due, held) OVERRIDING SYSTEM VALUE SELECT 0, policy, as_of - 4, started_at - interval '3 days', finished_at, 'done', fingerprint, '', 0, 0 FROM waarborg.run WHERE policy = 'customers'"
cat >"$T/cases" <<CASES
due since yesterday|$(listed due "$(day -1)")|$unlisted|overdue=no/1/$(day -1)
due today|$(listed due "$today")|$unlisted|
held since yesterday|$(listed held "$(day -1)")|$unlisted|
blocked, due today|$(listed blocked "$today")|$unlisted|blocked=look/1/
blocked since yesterday|$(listed blocked "$(day -1)")|$unlisted|blocked=look/1/ overdue=no/1/$(day -1)
no rule|$(listed uncovered "$today")|$unlisted|uncovered=no/1/
deleted a day late|UPDATE waarborg.disposal SET due_on = due_on - 1 WHERE reference = '$one'|UPDATE waarborg.disposal SET due_on = due_on + 1 WHERE reference = '$one'|late=look/1/
the same, as the database was restored|UPDATE waarborg.disposal SET due_on = due_on - 1 WHERE reference = '$one'; $back|UPDATE waarborg.disposal SET due_on = due_on + 1 WHERE reference = '$one'; DELETE FROM waarborg.returned|
no night for two days|$earlier|DELETE FROM waarborg.run WHERE id = 0|night=look/2/
the last night was yesterday|$(last customers 'as_of = as_of - 1')|$(last customers 'as_of = as_of + 1')|
the last night was the day before|$(last customers 'as_of = as_of - 2')|$(last customers 'as_of = as_of + 2')|night=no//$(day -2)
the last night of the other policy|$(last leads 'as_of = as_of - 2')|$(last leads 'as_of = as_of + 2')|night=no//$(day -2)
a night with some set aside|$(last customers "outcome = 'attention'")|$(last customers "outcome = 'done'")|
a night that failed|$(last customers "outcome = 'failed'")|$(last customers "outcome = 'done'")|night=no//$today
one of two policies failed|$(last leads "outcome = 'failed'")|$(last leads "outcome = 'done'")|night=no//$today
one failed, the other was yesterday|$(last leads "outcome = 'failed'"); $(last customers 'as_of = as_of - 1')|$(last leads "outcome = 'done'"); $(last customers 'as_of = as_of + 1')|night=no//$today
a night that was stopped|$(last customers "outcome = 'stopped'")|$(last customers "outcome = 'done'")|night=no//$today
a night that was cut off|$(last customers 'outcome = NULL')|$(last customers "outcome = 'done'")|night=no//$today
a column more than was approved|ALTER TABLE klant.contact ADD extra int|ALTER TABLE klant.contact DROP extra|approved=no/1/
somebody is back|INSERT INTO waarborg.returned SELECT sha256('x'), id, 'customers', 'klant.customer', '{id}', 'former', '2020-01-01', 'erased', now() FROM waarborg.segment LIMIT 1|DELETE FROM waarborg.returned|returned=no/1/
somebody was back|INSERT INTO waarborg.returned SELECT sha256('x'), id, 'customers', 'klant.customer', '{id}', 'former', '2020-01-01', 'erased', now(), now(), now(), 'disposed' FROM waarborg.segment LIMIT 1|DELETE FROM waarborg.returned|
an archive on its last day|UPDATE waarborg.segment SET created_at = created_at - interval '90 days' WHERE chain_no = 1|UPDATE waarborg.segment SET created_at = created_at + interval '90 days' WHERE chain_no = 1|
an archive a day longer|UPDATE waarborg.segment SET created_at = created_at - interval '91 days' WHERE chain_no = 1|UPDATE waarborg.segment SET created_at = created_at + interval '91 days' WHERE chain_no = 1|archives=no/1/
an archive that was destroyed|UPDATE waarborg.segment SET created_at = created_at - interval '91 days', destroyed_at = now() WHERE chain_no = 1|UPDATE waarborg.segment SET created_at = created_at + interval '91 days', destroyed_at = NULL WHERE chain_no = 1|
verified eight days ago|$(checked - 8)|$(checked + 8)|
verified nine days ago|$(checked - 9)|$(checked + 9)|verified=look//
faults, and the other kind holds since|UPDATE waarborg.verification SET faults = 3 WHERE kind = 'archive'|UPDATE waarborg.verification SET faults = 0|verified=no/3/
faults in the last one|UPDATE waarborg.verification SET faults = 1 WHERE kind = 'evidence'|UPDATE waarborg.verification SET faults = 0|verified=no/1/
a review today|$(placed 0 'NULL, NULL, NULL')|DELETE FROM waarborg.hold|holds=look/1/
a review tomorrow|$(placed 1 'NULL, NULL, NULL')|DELETE FROM waarborg.hold|
no day of review|$(placed 1 'NULL, NULL, NULL'); UPDATE waarborg.hold SET review_on = NULL|DELETE FROM waarborg.hold|holds=look/1/
no measure yet|UPDATE waarborg.measure SET added_at = added_at + interval '1 hour'|UPDATE waarborg.measure SET added_at = added_at - interval '1 hour'|complete=look/1/
a review yesterday of what was released|$(placed -1 "now(), 'x', 'x'")|DELETE FROM waarborg.hold|
open since before the period, never told|UPDATE waarborg.breach SET closed_at = NULL, closed_because = NULL WHERE reference = '$ref'|UPDATE waarborg.breach SET closed_at = now(), closed_because = 'x' WHERE reference = '$ref'|clocks=no/1/$(sql "SELECT date '$from' - 1")
the AP was told a second late|$(sent ap +)|$(sent ap -)|ap=no/1/
customers were told a second late|$(sent customers +)|$(sent customers -)|customers=no/1/
CASES
while IFS='|' read -r name fact undo changes; do
    sql "SET timezone = 'Europe/Amsterdam'; $fact" >/dev/null
    answers
    sql "SET timezone = 'Europe/Amsterdam'; $undo" >/dev/null
    expect_status "$([ -z "$changes" ] && echo 0 || echo 1)"
    actual=$(grep -vxFf "$T/base" "$T/answers" | sort | paste -sd ' ')
    [ "$actual" = "$changes" ] || fail "$name: '$actual', expected '$changes'"
    cases=$((${cases:-0} + 1))
done <"$T/cases"
[ "$cases" -eq "$(wc -l <"$T/cases")" ] || fail "only $cases cases were tried"
answers
expect_status 0
cmp -s "$T/base" "$T/answers" || fail "a case was not undone"

echo "case: the limit of an open breach is the last second of yesterday, and the one before"
while read -r limit expected; do
    sql "SET timezone = 'Europe/Amsterdam'; UPDATE waarborg.breach SET closed_at = NULL, closed_because = NULL,
         aware_at = timestamptz '$(day -1) $limit' - interval '72 hours' WHERE reference = '$ref'"
    answers --as-of "$(day -1)"
    grep -qxF "clocks=$expected" "$T/answers" || fail "limit at $limit: $(grep clocks= "$T/answers")"
done <<LIMITS
23:59:59 yes//
23:59:58 no/1/$(day -1)
LIMITS
