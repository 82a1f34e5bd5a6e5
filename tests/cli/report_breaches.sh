# `waarborg report breaches` and `report breach REF`: every figure computed a second way, straight from
# the tables; the same words as `breach due` and `breach list`; periods that begin and end when the clock
# changes; the 72 hours to the second across it; hostile titles; what was known on a day that is over;
# roles; nobody's key.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/json.sh"
. "$ROOT/tests/harness/breach.sh"
. "$ROOT/tests/harness/places.sh"
. "$ROOT/tests/harness/logins.sh"

command -v python3 >/dev/null 2>&1 || skip "python3 is not installed, with which reports are compared"

# open_at REGISTERED AWARE [JSON]: registers one at an instant; its reference in $ref.
open_at() {
    ref=$(sql "SET timezone = 'Europe/Amsterdam'; SET waarborg.at = '$1';
        SELECT waarborg.breach_open('{\"title\": \"Brief verkeerd bezorgd\", \"what_happened\": \"w\",
            \"nature\": [\"CONFIDENTIALITY\"]}'::jsonb || jsonb_build_object('aware_at', '$2')
            || \$json\$${3:-{\}}\$json\$, '{}', 72, 336)") || fail "the breach cannot be registered"
}
# told REF SENT [DELAY REASON [RECIPIENT]]
told() {
    sql "SET waarborg.at = '$2'; SELECT waarborg.breach_notify(ARRAY['$1'], jsonb_strip_nulls(jsonb_build_object(
        'recipient', '${4:-ap}', 'kind', 'initial', 'complete', true, 'sent_at', '$2', 'number', 'Z-1',
        'snapshot', 'what was sent', 'delay_reason', nullif('${3:-}', ''))))" >/dev/null || fail "not notified"
}
# assessed REF AT RISK CUSTOMERS [MORE JSON]
assessed() {
    sql "SET waarborg.at = '$2'; SELECT waarborg.breach_assess('$1', jsonb_build_object('risk', '$3',
        'notify_ap', '$3' <> 'unlikely', 'notify_customers', $4, 'because', 'as seen') || '${5:-{\}}')" \
        >/dev/null || fail "not assessed"
}
report() {
    waarborg --json report "$@"
    expect_status 0
    cp "$T/out" "$T/report.json"
}
figure() { # VALUE KEY
    cp "$T/report.json" "$T/out"
    expect_json "$1" "{sections,figures,$2}"
}
rows() { # COUNT SECTION: so many rows
    cp "$T/report.json" "$T/out"
    actual=$(psql -XAtq -v "document=$(cat "$T/out")" -d "$db" <<SQL
SELECT jsonb_array_length(:'document'::jsonb #> '{sections,$2}');
SQL
    )
    [ "$actual" = "$1" ] || fail "section $2 has $actual rows, expected $1"
}

register_db breaches

echo "case: an empty register"
report breaches
figure 0 registered
figure 0 persons_max
rows 0 timeliness
rows 0 overview
expect_json 2018-05-25 '{period,from}'
for format in text csv html; do
    waarborg report breaches --format $format --lang nl
    expect_status 0
done
waarborg report breach DL-2026-0001
expect_status 2
expect_err 'there is no breach DL-2026-0001'
waarborg report breach nonsense
expect_status 2
waarborg report breach
expect_status 2

echo "case: the register, of the two days of 2026 on which the clock changes and around them"
open_at '2025-12-31 23:59:59+01' '2025-12-31 20:00+01' '{"persons_min": 5}' && y2025=$ref
open_at '2026-01-01 00:00:00+01' '2025-12-31 23:59:59+01' '{"persons_min": 3, "persons_max": 9}' && y2026=$ref
# Across the change of 29 March (72 h = 16:00) and of 25 October (= 14:00): at the limit, and a second later.
open_at '2026-03-28 23:59:59+01' '2026-03-27 15:00+01' && exact=$ref
told "$exact" '2026-03-30 16:00:00+02'
open_at '2026-03-29 00:00:00+01' '2026-03-27 15:00+01' && second=$ref
told "$second" '2026-03-30 16:00:01+02' 'the form was full'
open_at '2026-03-29 23:59:59+02' '2026-03-29 12:00+02' && unlikely=$ref
assessed "$unlikely" '2026-03-29 23:59:59+02' unlikely false '{"ap_because": "encrypted"}'
open_at '2026-03-30 00:00:00+02' '2026-03-29 12:00+02' && told_all=$ref
assessed "$told_all" '2026-03-30 01:00+02' high true '{"enisa": {"band": "high"}, "enisa_quarters": 15}'
told "$told_all" '2026-03-30 02:00+02'
told "$told_all" '2026-04-02 01:00:01+02' '' customers
open_at '2026-10-25 00:00:00+02' '2026-10-23 15:00+02' && autumn=$ref
told "$autumn" '2026-10-26 14:00:00+01'
open_at '2026-10-25 23:59:59+01' '2026-10-23 15:00+02' && autumn_late=$ref
told "$autumn_late" '2026-10-26 14:00:01+01' 'nobody was there'
open_at '2026-10-26 00:00:00+01' '2026-10-25 00:00+02' '{"persons_max": 9223372036854775807}' && huge=$ref
# Moved later, by a reason.
sql "SET waarborg.at = '2026-10-26 01:00+01'; SELECT waarborg.breach_amend('$huge', 1,
    '{\"aware_at\": \"2026-10-25 06:00+01\"}', 'the log was read wrongly')" >/dev/null
# Hostile words.
hostile='<script>alert(\"x\")</script> '"''"'quote'"''"' & \r\n\u202eright to left; tab\t,=1+1'
long=$(printf '%0600d' 0 | tr 0 x)
new_breach "{\"title\": \"$hostile\", \"what_happened\": \"$long\", \"remarks\": \"</textarea>\", \"persons_max\": 9223372036854775807}" && odd=$ref
sql "SELECT waarborg.breach_measure_add('$exact', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"called them\"}');
     SELECT waarborg.breach_timeline_add('$exact', '2026-03-28 10:00+01', 'the phone rang');
     SELECT waarborg.breach_attachment_add('$exact', 'note.pdf', repeat('ab', 32), 100)" >/dev/null
# Fresh ones, in every state that goes.
fresh() { new_breach "{\"aware_at\": \"$(date -u -d "$1" '+%Y-%m-%dT%H:%M:%SZ')\"}"; }
fresh '1 hour ago' && running=$ref
fresh '61 hours ago' && near=$ref
fresh '80 hours ago' && overdue=$ref
sql "SELECT waarborg.breach_assess('$running', '{\"risk\": \"high\", \"notify_ap\": true, \"notify_customers\": true, \"because\": \"x\"}')" >/dev/null

# The same from the tables, without the views of the register.
recount() { # FROM TO: key|value of each figure
    sql "SET timezone = 'Europe/Amsterdam';
    WITH b AS (SELECT b.*, a.risk, a.notify_ap, a.notify_customers, b.aware_at + interval '72 hours' AS due,
                      (SELECT min(n.sent_at) FROM waarborg.notification AS n JOIN waarborg.notification_breach AS x
                           ON x.notification_id = n.id WHERE x.breach_id = b.id AND n.recipient = 'ap'
                          AND n.kind IN ('initial', 'follow_up', 'final')) AS sent,
                      (SELECT min(n.sent_at) FROM waarborg.notification AS n JOIN waarborg.notification_breach AS x
                           ON x.notification_id = n.id WHERE x.breach_id = b.id AND n.recipient = 'customers') AS told,
                      (SELECT min(q.assessed_at) FROM waarborg.assessment AS q
                        WHERE q.breach_id = b.id AND q.notify_customers) AS since
                 FROM waarborg.breach AS b LEFT JOIN waarborg.assessment AS a ON a.id = b.assessment_id
                WHERE to_char(b.registered_at, 'YYYY-MM-DD') BETWEEN '$1' AND '$2')
    SELECT k || '|' || coalesce(v, '0') FROM (SELECT
        count(*) AS registered, count(closed_at) AS closed, count(*) - count(closed_at) AS open,
        sum((risk = 'high')::int) AS risk_high, sum((risk = 'risk')::int) AS risk_risk,
        sum((risk = 'unlikely')::int) AS risk_unlikely, sum((risk IS NULL)::int) AS unassessed,
        sum((sent <= due)::int) AS ap_in_time, sum((sent > due)::int) AS ap_late,
        sum((sent IS NULL AND notify_ap IS NOT FALSE AND due < now())::int) AS ap_missed,
        sum((sent IS NULL AND notify_ap IS NOT FALSE AND due >= now())::int) AS ap_running,
        sum((sent IS NULL AND notify_ap IS FALSE)::int) AS ap_not_needed, 0 AS ap_no_limit,
        sum((told <= since + interval '72 hours')::int) AS customers_in_time,
        sum((told > since + interval '72 hours')::int) AS customers_late,
        sum((notify_customers AND told IS NULL AND since + interval '72 hours' < now())::int) AS customers_overdue,
        sum((notify_customers AND told IS NULL AND since + interval '72 hours' >= now())::int) AS customers_running,
        sum((told IS NULL AND risk IS NOT NULL AND notify_customers IS NOT TRUE)::int) AS customers_not_needed,
        sum((told IS NULL AND risk IS NULL)::int) AS customers_undecided,
        sum((aware_at > first_aware_at)::int) AS aware_moved_later,
        sum((persons_min IS NULL AND persons_max IS NULL)::int) AS persons_unknown,
        least(sum(coalesce(persons_min, 0)), 9223372036854775807) AS persons_min,
        least(sum(coalesce(persons_max, persons_min, 0)), 9223372036854775807) AS persons_max
        FROM b) AS f, jsonb_each_text(to_jsonb(f)) AS e (k, v)"
}
check_figures() { # FROM TO
    recount "$1" "$2" >"$T/recount"
    report breaches --from "$1" --to "$2"
    count=0
    while IFS='|' read -r key value; do
        figure "$value" "$key"
        count=$((count + 1))
        [ "$key" != registered ] || registered=$value
    done <"$T/recount"
    [ "$count" -eq 23 ] || fail "only $count figures were compared"
    rows "$registered" overview
    rows "$registered" facts
    recount_parts "$1" "$2"
}
# Each month, quarter or year of the period, and the fields of each breach, from the tables.
recount_parts() { # FROM TO
    waarborg report breaches --from "$1" --to "$2" --format csv --section timeliness
    tr -d '\r' <"$T/out" | sed 1d >"$T/parts"
    sql "SET timezone = 'Europe/Amsterdam';
        WITH b AS (SELECT to_char(b.registered_at, 'YYYY-MM-DD') AS day, b.aware_at + interval '72 hours' AS due, a.notify_ap,
                          (SELECT min(n.sent_at) FROM waarborg.notification AS n JOIN waarborg.notification_breach AS x
                               ON x.notification_id = n.id WHERE x.breach_id = b.id AND n.recipient = 'ap') AS sent
                     FROM waarborg.breach AS b LEFT JOIN waarborg.assessment AS a ON a.id = b.assessment_id),
             days AS (SELECT to_char(greatest(date '$1', (SELECT min(day) FROM b)::date) + i, 'YYYY-MM-DD') AS day
                        FROM generate_series(0, date '$2' - greatest(date '$1', (SELECT min(day) FROM b)::date)) AS i),
             parts AS (SELECT day, CASE WHEN (SELECT count(*) FROM days) <= 730 THEN left(day, 7)
                                        ELSE left(day, 4) || '-Q' || (substr(day, 6, 2)::int + 2) / 3 END AS part FROM days)
        SELECT part, count(due), count(*) FILTER (WHERE sent <= due), count(*) FILTER (WHERE sent > due),
               count(*) FILTER (WHERE sent IS NULL AND notify_ap IS NOT FALSE AND due < now()),
               count(*) FILTER (WHERE sent IS NULL AND notify_ap IS NOT FALSE AND due >= now()),
               count(*) FILTER (WHERE sent IS NULL AND notify_ap IS FALSE), 0
          FROM parts LEFT JOIN b USING (day) GROUP BY part
        HAVING (SELECT count(*) FROM b JOIN days USING (day)) > 0 ORDER BY part" | tr '|' ',' >"$T/recount.parts"
    diff "$T/recount.parts" "$T/parts" >&2 || fail "the months of $1 to $2 are others"
}

echo "case: each figure from the tables"
today=$(sql "SELECT (now() AT TIME ZONE 'Europe/Amsterdam')::date")
while read -r from to registered_then; do
    [ "$to" != today ] || to=$today
    check_figures "$from" "$to"
    [ "$registered_then" = - ] || [ "$registered" -eq "$registered_then" ] ||
        fail "$from to $to: $registered registered, expected $registered_then"
done <<'TABLE'
2018-05-25 today 13
2025-01-01 2025-12-31 1
2026-01-01 2026-01-01 1
2026-03-28 2026-03-28 1
2026-03-29 2026-03-29 2
2026-03-28 2026-03-30 4
2026-10-25 2026-10-25 2
2026-10-25 2026-10-26 3
TABLE
same_places report breaches
same_places report breaches --from 2026-03-29 --to 2026-10-25
same_places --as-of 2026-03-30 report breaches --from 2026-03-30 --to 2026-03-30
report breaches --from 2024-01-01 --to 2024-12-31
figure 0 registered
figure 0 ap_in_time
rows 0 timeliness

# what a row of a section says, straight from the JSON
cell() { # SECTION MEMBER VALUE FIELD: FIELD of the rows whose MEMBER is VALUE
    psql -XAtq -v "document=$(cat "$T/report.json")" -d "$db" <<SQL
SELECT string_agg(coalesce(r ->> '$4', 'null'), ' ' ORDER BY n)
  FROM jsonb_array_elements(:'document'::jsonb #> '{sections,$1}') WITH ORDINALITY AS e (r, n)
 WHERE r ->> '$2' = '$3';
SQL
}
expect_cell() { # VALUE SECTION MEMBER VALUE FIELD
    actual=$(cell "$2" "$3" "$4" "$5")
    [ "$actual" = "$1" ] || fail "section $2, $3 $4: $5 is '$actual', expected '$1'"
}

echo "case: to the second, with the reasons beside it"
report breaches
expect_cell met overview reference "$exact" ap
expect_cell met_late overview reference "$second" ap
expect_cell met overview reference "$autumn" ap
expect_cell met_late overview reference "$autumn_late" ap
expect_cell 2026-10-26T14:00:00+01:00 overview reference "$autumn" ap_due_at
expect_cell 2026-03-30T16:00:00+02:00 overview reference "$exact" ap_due_at
expect_cell not_needed overview reference "$unlikely" ap
expect_cell encrypted not_notified reference "$unlikely" ap_because
expect_cell 'undecided' overview reference "$second" customers
expect_cell met_late overview reference "$told_all" customers
expect_cell 3.75 decisions reference "$told_all" enisa_score
expect_cell true overview reference "$huge" aware_moved
expect_cell 'the log was read wrongly' facts reference "$huge" aware_moved_because
[ "$(cell clocks reference "$second" late_by | cut -d' ' -f1)" = 1 ] || fail "not late by a second"
cell clocks reference "$second" delay_reason | grep -q 'the form was full' || fail "no reason beside the delay"

echo "case: months add up to the figures; quarters and years of long periods"
sums() {
    psql -XAtq -v "document=$(cat "$T/report.json")" -d "$db" <<'SQL'
SELECT string_agg(s, ' ' ORDER BY s) FROM (
  SELECT f.key || '=' || (:'document'::jsonb #>> ARRAY['sections', 'figures', f.figure]) || '/'
         || coalesce((SELECT sum((r ->> f.key)::bigint) FROM jsonb_array_elements(:'document'::jsonb #> '{sections,timeliness}') AS r), 0) AS s
    FROM (VALUES ('registered', 'registered'), ('in_time', 'ap_in_time'), ('late', 'ap_late'), ('missed', 'ap_missed'),
                 ('running', 'ap_running'), ('not_needed', 'ap_not_needed'), ('no_limit', 'ap_no_limit')) AS f (key, figure)) AS x;
SQL
}
for pair in $(sums); do
    pair=${pair#*=}
    [ "${pair%/*}" = "${pair#*/}" ] || fail "the months do not add up: $(sums)"
done
report breaches --from 2026-01-01 --to 2026-10-31
rows 10 timeliness
expect_cell 4 timeliness month 2026-03 registered

echo "case: the words of breach due and breach list"
waarborg --json breach list --all
cp "$T/out" "$T/list.json"
waarborg --json breach due
cp "$T/out" "$T/due.json"
report breaches
differences=$(psql -XAtq -v "report=$(cat "$T/report.json")" -v "list=$(cat "$T/list.json")" \
    -v "due=$(cat "$T/due.json")" -d "$db" <<'SQL'
SELECT count(*) FROM jsonb_array_elements(:'list'::jsonb -> 'breaches') AS l
  FULL JOIN jsonb_array_elements(:'report'::jsonb #> '{sections,overview}') AS r ON r ->> 'reference' = l ->> 'breach'
 WHERE (l ->> 'ap', l ->> 'affected') IS DISTINCT FROM (r ->> 'ap', r ->> 'affected')
    OR (l ->> 'ap_due_at')::timestamptz IS DISTINCT FROM (r ->> 'ap_due_at')::timestamptz;
SELECT count(*) FROM jsonb_array_elements(:'due'::jsonb -> 'clocks') AS l
  LEFT JOIN jsonb_array_elements(:'report'::jsonb #> '{sections,clocks}') AS r
    ON r ->> 'reference' = l ->> 'breach' AND r ->> 'clock' = l ->> 'clock'
 WHERE (l ->> 'state') IS DISTINCT FROM (r ->> 'state');
SELECT count(*) > 20 FROM jsonb_array_elements(:'due'::jsonb -> 'clocks');
SQL
)
[ "$differences" = "0
0
t" ] || fail "the report differs from breach list or breach due: $differences"
expect_cell running overview reference "$running" ap
expect_cell near overview reference "$near" ap
expect_cell overdue overview reference "$overdue" ap

echo "case: a day that is over"
report --as-of 2026-03-30 breaches --to 2026-03-30
expect_cell met overview reference "$exact" ap
report --as-of 2026-03-29 breaches --to 2026-03-29
expect_cell running overview reference "$exact" ap
figure 5 registered
figure 0 ap_late
rows 0 notifications
rows 0 measures
cp "$T/report.json" "$T/before.json"
report --as-of 2026-03-29 breaches --to 2026-03-29
cmp "$T/before.json" "$T/report.json" || fail "the same input gives other bytes"
waarborg --as-of 2026-01-31 report breach "$exact"
expect_status 2
expect_err 'registered on 2026-03-28, after the day'

echo "case: a dossier"
report breach "$(echo "$exact" | tr D d)"
expect_cell 'the phone rang' timeline event entered what
expect_cell 'called them' timeline event measure_taken what
expect_cell note.pdf attachments bytes 100 path
figure met ap
figure 1 notifications
report breach "$huge"
expect_cell 'the log was read wrongly' changes field aware_at reason
expect_cell '2026-10-25T06:00:00+01:00' changes field aware_at new
expect_cell '2026-10-25T00:00:00+02:00' changes field aware_at old
expect_cell 2026-10-25T00:00:00+02:00 timeline event first_aware at
for of in "$odd" "$exact" "$second" "$told_all" "$huge"; do
    same_places report breach "$of"
done
waarborg report breach "$odd" --format html
refute_out '<script>'
expect_out '&lt;script&gt;'
waarborg report breaches --format html --lang nl
refute_out '<script>'
expect_out '<data value="13">'
expect_out 'vertrouwelijkheid'
waarborg report breaches --format csv --section overview
expect_status 0
[ "$(head -n 1 "$T/out" | cut -d, -f1-2)" = reference,title ] || fail "no CSV of the overview"
waarborg report breaches --format csv
expect_out '^figures,.*registered,13'
waarborg report breaches --lang nl
expect_out 'datalekken geregistreerd +13$'

echo "case: the quarters of a long period"
open_at '2023-07-01 00:00:00+02' '2023-06-30 12:00+02'
told "$ref" '2023-07-03 12:00:00+02'
recount_parts 2018-05-25 "$today"
[ "$(head -n 1 "$T/parts")" = 2023-Q3,1,1,0,0,0,0,0 ] || fail "no quarters: $(cat "$T/parts")"
recount_parts 2023-06-01 2024-12-31
[ "$(head -n 1 "$T/parts")" = 2023-07,1,1,0,0,0,0,0 ] || fail "no months: $(cat "$T/parts")"

echo "case: customers are counted, never named; each role that may"
sql "INSERT INTO waarborg.policy (name, subject_schema, subject_table, key_columns) VALUES ('customers', 'klant', 'customer', '{id}')
         ON CONFLICT DO NOTHING;
     INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, added_at)
     SELECT b.id, 'customers', 'klant.customer', '{id}', ARRAY['secret-key-' || i], now()
       FROM waarborg.breach AS b, generate_series(1, 5) AS i WHERE b.reference = '$running';
     UPDATE waarborg.affected SET state = 'told', told_at = now(), channel = 'telephone'
      WHERE id IN (SELECT id FROM waarborg.affected ORDER BY id LIMIT 2)"
report breach "$running"
figure 5 affected
figure 3 affected_to_tell
expect_cell 2 affected channel telephone customers
! grep -q secret-key "$T/report.json" || fail "a customer is named"
report breaches
figure 5 affected
figure 2 affected_told
figure 3 affected_to_tell
waarborg migrate --roles
if [ "$status" -le 1 ]; then
    cp "$T/waarborg.conf" "$T/owner.conf"
    logins auditor dpo security
    for role in auditor dpo security; do
        sql "GRANT waarborg_$role TO $(login $role)"
        sed "s/user='[^']*'/user='$(login $role)'/" "$T/owner.conf" >"$T/waarborg.conf"
        for what in breaches "breach $running"; do
            # shellcheck disable=SC2086 # words
            waarborg --json report $what
            [ "$status" -eq 0 ] || fail "role $role cannot run report $what"
        done
    done
    cp "$T/owner.conf" "$T/waarborg.conf"
fi
