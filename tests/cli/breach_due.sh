# `waarborg breach due`: what stands in the list, in which order, with which exit code; the line of a
# monitoring plugin with its thresholds, also when nothing is known; the metrics, read by a strict parser.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/json.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/reminders.sh"
. "$ROOT/tests/harness/metrics.sh"

# One line by the guidelines of the monitoring plugins, and the exit code of its word.
plugin() { # CODE REGEX ARGUMENTS
    code=$1 pattern=$2
    shift 2
    waarborg breach due --nagios "$@"
    expect_status "$code"
    [ "$(wc -l <"$T/out")" -eq 1 ] || fail "not one line"
    case $code in 0) word=OK ;; 1) word=WARNING ;; 2) word=CRITICAL ;; *) word=UNKNOWN ;; esac
    expect_out "^BREACH $word - [^|]+( \\|( [a-z_]+=(U|-?[0-9]+s?)(;[0-9]*:?){0,4})+)?\$"
    expect_out "$pattern"
}

metrics() { # ARGUMENTS
    waarborg breach due --metrics "$T/waarborg.prom" "$@"
}

# notify REF HOURS AGO [REASON]: the AP has been told.
notify() {
    sql "SELECT waarborg.breach_notify(ARRAY['$1'], jsonb_strip_nulls(jsonb_build_object('recipient', 'ap',
        'kind', 'initial', 'complete', true, 'sent_at', now() - interval '$2 hours',
        'delay_reason', nullif('${3:-}', ''))))" >/dev/null
}

echo "case: nothing is known"
new_db empty
register_conf
plugin 3 'UNKNOWN - .*waarborg migrate'
register_db due
plugin 0 '^BREACH OK - no clock is open \| overdue=0;;0;0 near=0;0;;0 open=0;;;0 unassessed=0;;;0 next_seconds=U$'
plugin 3 "UNKNOWN - .*--warning" --warning many
plugin 3 "UNKNOWN - --critical 13 is more than --warning 12" --critical 13
plugin 3 "UNKNOWN - .*--nonsense" --nonsense
waarborg breach due --warning 3
expect_status 2
expect_err '--warning and --critical go with --nagios'
cp "$T/waarborg.conf" "$T/good.conf"
sed -i "s/dbname='[^']*'/dbname='no|where'/" "$T/waarborg.conf"
plugin 3 'UNKNOWN - .*no where'
echo 'nonsense = 1;' >>"$T/waarborg.conf"
plugin 3 'UNKNOWN - configuration .* has 1 fault'
waarborg breach due
expect_status 2
mv "$T/good.conf" "$T/waarborg.conf"
waarborg breach due
expect_status 0
expect_out '^No breach is open\.$'

echo "case: the list, in its order"
breach '60 hours' running && running=$ref
plugin 0 "OK - 1 open, next: $running AP, (60 h 00|59 h 59) m left; 1 not assessed \\| .* next_seconds=21[56][0-9][0-9][0-9]s;43200:;0:"
waarborg breach due
expect_status 0
breach '30 hours' met && met=$ref
notify "$met" 1
breach '-8 hours' 'met late' && late=$ref
notify "$late" 7 'nobody looked'
breach '5 hours' near && near=$ref
breach '-185 minutes' overdue && overdue=$ref
sql "SELECT waarborg.breach_assess('$overdue', jsonb_build_object('risk', 'high', 'notify_ap', true,
        'notify_customers', true, 'because', 'x', 'assessed_at', now() - interval '2 hours'));
     SELECT waarborg.breach_amend('$met', 1, jsonb_build_object('processor_name', 'Drukkerij',
        'processor_aware_at', now() - interval '50 hours'), 'x');
     SELECT waarborg.breach_assess('$met', jsonb_build_object('risk', 'risk', 'notify_ap', true,
        'notify_customers', false, 'because', 'x'));
     SELECT waarborg.breach_assess('$late', jsonb_build_object('risk', 'risk', 'notify_ap', true,
        'notify_customers', false, 'because', 'x'))" >/dev/null
breach '1 hour' closed
sql "ALTER TABLE waarborg.breach DISABLE TRIGGER may_close; SET waarborg.reason = 'x';
     UPDATE waarborg.breach SET closed_at = now(), closed_because = 'x' WHERE reference = '$ref';
     ALTER TABLE waarborg.breach ENABLE ALWAYS TRIGGER may_close"
waarborg breach due
expect_status 1
sed 's/[A-Z][a-z][a-z] 20..-..-.. ..:..[0-9:]* +0[12]:00/INSTANT/;s/ \( *\)[0-9d hm]* \(left\|late\|before\)/ \1\2/
     s/  */ /g' "$T/out" >"$T/list"
cat >"$T/list.expected" <<LIST
breach clock due left state title
$overdue AP INSTANT late overdue overdue
$near AP INSTANT left near near
$running AP INSTANT left running running
$overdue customers INSTANT left running, own target overdue
$met processor - - no limit met
$running customers - - no decision yet running
$near customers - - no decision yet near
$late AP INSTANT late met late met late
$met AP INSTANT before met met

5 open breaches, 5 clocks running: 1 overdue, 1 near (12 h or less).
2 not assessed yet: waarborg breach assess REF
LIST
diff "$T/list.expected" "$T/list" >&2 || fail "the list is another"
expect_out "^$overdue  AP +.* 3 h 05 m late +overdue"
expect_out "^$late  AP +.* 1 h 00 m late +met late"
expect_out "^$met  AP +.* (31 h 00|30 h 59) m before +met"
waarborg --json breach due
expect_status 1
expect_json overdue '{clocks,0,state}'
expect_json "$overdue" '{clocks,0,breach}'
expect_json undecided '{clocks,5,state}'
expect_json met_late '{clocks,7,state}'
for figure in breaches=5 open=5 overdue=1 near=1 unassessed=2; do
    expect_json "${figure#*=}" "{${figure%%=*}}"
done
expect_json_keys 'breach clock due_at met_at name own_target regime seconds_left source started_at state title' '{clocks,0}'

echo "case: the thresholds of the plugin: CODE|REGEX|ARGUMENTS"
plugin 2 "CRITICAL - 1 overdue, 1 near, next: $overdue AP, 3 h 0[56] m late; 2 not assessed \\| overdue=1;;0;0 near=1;0;;0 open=5;;;0 unassessed=2;;;0 next_seconds=-11[0-9]+s;43200:;0:\$"
plugin 2 'overdue=1;;0;0 near=2;0;;0' --warning 61
sql "SELECT waarborg.breach_notify(ARRAY['$overdue'], jsonb_build_object('recipient', 'ap', 'kind', 'initial',
     'complete', true, 'sent_at', now(), 'delay_reason', 'x'))" >/dev/null
while IFS='|' read -r code pattern arguments <&3; do
    # shellcheck disable=SC2086 # words
    plugin "$code" "$pattern" $arguments
done 3<<'TABLE'
1|WARNING - 0 overdue, 1 near, next: .* AP, [45] h [50][90] m left|
0|OK - 4 open, next: .* AP, [45] h [50][90] m left|--warning 4
1|near=1;0;;0 .*s;18000:;0:|--warning 5
1|near=2;0;;0|--warning 60 --critical 4
2|CRITICAL - 0 overdue, 1 near|--critical 5
2|;43200:;36000:|--critical 10
0|near=0|--warning 0
TABLE

echo "case: metrics"
sql "INSERT INTO waarborg.breach_clock (breach_id, clock, regime, starts, hours, own_target, source)
     SELECT id, E'a\"b\\\\c\nd', 'own', 'aware', 1000, true, 'x' FROM waarborg.breach WHERE reference = '$near'"
echo old >"$T/waarborg.prom"
metrics
expect_status 0
[ ! -s "$T/out" ] || fail "cron would mail something"
for figure in open=5 unassessed=2 clocks_open=5 overdue=0 near=1; do
    expect_sample "$T/waarborg.prom" "${figure#*=}" "waarborg_breach_${figure%%=*}"
done
expect_sample "$T/waarborg.prom" "$(sql "SELECT extract(epoch FROM due_at)::bigint FROM waarborg.breach_clock_state
    WHERE reference = '$near' AND clock = 'ap'")" \
    "waarborg_breach_clock_limit_timestamp_seconds{breach=\"$near\",clock=\"ap\"}"
grep -qF 'clock="a\"b\\c\nd"' "$T/waarborg.prom" || fail "a label is not escaped"
expect_now "$T/waarborg.prom" waarborg_breach_scrape_timestamp_seconds
! grep -vE '^#| -?[0-9]+$' "$T/waarborg.prom" >&2 || fail "a figure is no whole number"
if command -v python3 >/dev/null 2>&1; then
    expect_prometheus "$T/waarborg.prom"
else
    echo "not run: python3 is not installed (the strict parser)"
fi
metrics --nagios
expect_status 1
expect_out '^BREACH WARNING'
cp "$T/waarborg.prom" "$T/before.prom"
waarborg breach due --metrics "$T/none/waarborg.prom"
expect_status 2
expect_err '--metrics: the directory of .*/none/waarborg.prom: No such file'
waarborg breach due --metrics "$T/"
expect_status 2
waarborg breach due --metrics "$T/waarborg.prom" --json
expect_status 2
mkfifo "$T/pipe"
ln -s /proc/self/fd/1 "$T/stdout"
ln -s pipe "$T/link"
for file in pipe stdout link; do # root would replace /dev/null and /dev/stdout for everybody
    was=$(stat -c %F "$T/$file")
    waarborg breach due --metrics "$T/$file"
    expect_status 2
    expect_err "--metrics: $file is no file and is not replaced by one"
    [ "$(stat -c %F "$T/$file")" = "$was" ] || fail "$file was replaced"
done
sed -i "s/dbname='[^']*'/dbname='nowhere'/" "$T/waarborg.conf"
metrics
expect_status 3
cmp "$T/waarborg.prom" "$T/before.prom" >&2 || fail "the file was touched while nothing is known"
