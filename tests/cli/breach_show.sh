# One screen of a breach, and the list: limits as people read them, nothing empty, who changed what.
. "$(dirname "$0")/../harness/lib.sh"
. "$(dirname "$0")/../harness/breach.sh"
. "$(dirname "$0")/../harness/json.sh"

register_db show

waarborg breach list
expect_status 0
expect_out 'No breach is open'

# Absolute hours through a night on which the clock is moved, no weekend, no holiday, a leap day.
# aware # due as it is shown # other cases have the instant alone
while IFS='#' read -r aware due; do
    new_breach "{\"aware_at\": \"$aware\"}"
    waarborg breach show "$ref"
    expect_status 0
    expect_out "^  AP +due $due "
    waarborg breach list --json
    expect_json overdue '{breaches,0,ap}'
    sql "BEGIN; SELECT waarborg.breach_assess('$ref', '{\"risk\": \"unlikely\", \"notify_ap\": false, \"because\": \"x\"}');
        SELECT waarborg.breach_measure_add('$ref', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"x\"}');
        SELECT waarborg.breach_amend('$ref', 1, '{\"consequences_description\": \"x\"}', 'x');
        SELECT waarborg.breach_close('$ref', 'x'); COMMIT" >/dev/null
done <<'CASES'
2026-03-04T10:15+01:00#Sat 2026-03-07 10:15 \+01:00
2026-03-27T15:00+01:00#Mon 2026-03-30 16:00 \+02:00
2026-10-23T15:00+02:00#Mon 2026-10-26 14:00 \+01:00
2026-10-22T02:30+02:00#Sun 2026-10-25 02:30 \+02:00
2026-10-22T03:30+02:00#Sun 2026-10-25 02:30 \+01:00
2026-04-03T09:00+02:00#Mon 2026-04-06 09:00 \+02:00
2024-02-26T08:00+01:00#Thu 2024-02-29 08:00 \+01:00
2026-10-23T15:00:01+02:00#Mon 2026-10-26 14:00:01 \+01:00
CASES

waarborg breach show
expect_status 2
expect_err 'one reference is needed'
waarborg breach show DL-2026-9999
expect_status 2
expect_err 'there is no breach DL-2026-9999; waarborg breach list --all'
waarborg breach show 4711
expect_err 'a reference looks like DL-2026-0007'

# What is empty is left out, and a short form of the reference will do.
new_breach
short=$(echo "$ref" | sed 's/DL-\([0-9]*\)-0*/dl-\1-/')
waarborg breach show "$short"
expect_status 0
expect_out "^$ref Laptop stolen"
expect_out '^  customers no decision yet: assess the risk   \(waarborg breach assess DL-'
refute_out 'follow-up|processor|NIS2|Processor|Measures|Assessment|Notifications|Affected|Timeline|Unintelligible'
[ "$(wc -l <"$T/out")" -le 30 ] || fail "more than a screen"

# With everything.
new_breach '{"aware_at": "2026-10-23 13:00+02", "processor_name": "Rekencentrum",
    "processor_aware_at": "2026-10-22 15:00+02", "processor_informed_at": "2026-10-23 15:00:01+02",
    "processor_contract_hours": 24, "data_special": ["HEALTH"], "persons_min": 10, "persons_max": 2000,
    "title": "Lijst \u001b[31m\u202e en \u00e9\u00e9n"}'
sql "SET waarborg.os_user = 'jan'; BEGIN;
    SELECT waarborg.breach_amend('$ref', 1, '{\"aware_at\": \"2026-10-23 15:00+02\"}', 'seen on Friday afternoon');
    SELECT waarborg.breach_assess('$ref', '{\"risk\": \"risk\", \"notify_ap\": true, \"because\": \"first look\"}');
    SELECT waarborg.breach_assess('$ref', '{\"risk\": \"high\", \"notify_ap\": true, \"notify_customers\": false,
        \"because\": \"health data\", \"exempt_ground\": \"C\", \"public_at\": \"2026-10-25 10:00+01\",
        \"public_where\": \"the website\",
        \"enisa\": {\"method\": \"ENISA 2013\", \"dpc\": {\"sensitive\": 4}, \"ei\": \"1\", \"c\": \"unknown\",
            \"i\": \"none\", \"a\": \"none\", \"malicious\": false, \"unintelligible\": false, \"individuals\": null,
            \"se_quarters\": 18, \"band\": \"very high\"}, \"enisa_quarters\": 18}');
    SELECT waarborg.breach_notify(ARRAY['$ref'], '{\"recipient\": \"ap\", \"kind\": \"initial\", \"number\": \"123\",
        \"sent_at\": \"2026-10-26 14:00:01+01\", \"delay_reason\": \"nobody was in\", \"snapshot\": \"Geacht college\"}');
    SELECT waarborg.breach_measure_add('$ref', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"link removed\"}');
    SELECT waarborg.breach_timeline_add('$ref', '2026-10-23 16:00+02', 'called the processor');
    SELECT waarborg.breach_attachment_add('$ref', '/srv/lijst.txt', repeat('ab', 32), 12345);
    INSERT INTO waarborg.policy (name, subject_schema, subject_table, key_columns)
        VALUES ('customers', 'klant', 'customer', '{id}');
    INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, added_at)
    SELECT b.id, 'customers', 'klant.customer', '{id}', ARRAY[n::text], now()
      FROM waarborg.breach AS b, generate_series(1, 1200) AS n WHERE b.reference = '$ref';
    INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, reference, state, added_at)
    SELECT b.id, 'customers', 'klant.customer', '{id}', sha256('x'), 'disposed', now()
      FROM waarborg.breach AS b WHERE b.reference = '$ref';
    SELECT waarborg.reminder_claim(b.id, 'ap', '2026-10-26 14:00+01', '4h', '{48h,24h,12h}')
      FROM waarborg.breach AS b WHERE b.reference = '$ref';
    SELECT waarborg.reminder_sent(max(id)) FROM waarborg.reminder WHERE step = '4h'; COMMIT" >/dev/null
waarborg breach show "$ref" --history
expect_status 0
while read -r line; do
    expect_out "$line"
done <<'LINES'
^DL-[0-9]*-[0-9]* Lijst \\x1b\[31m\\u202e en één$
Aware +Fri 2026-10-23 15:00 \+02:00$
moved LATER by 2 h 00 m: first registered as$
AP +met Mon 2026-10-26 14:00:01 \+01:00, 1 s late \(Mon 2026-10-26 14:00 \+01:00\)
customers +not needed, as assessed
processor +met Fri 2026-10-23 15:00:01 \+02:00, 1 s late by contract
follow-up +due Mon 2026-11-09 14:00:01 \+01:00 .*\(own target\)
the AP waits for the rest of the notification
Risk +high
Because +health data
Ground not to tell them +disproportionate effort, made public instead
Made public +Sun 2026-10-25 10:00 \+01:00, the website
ENISA advice +4.5, very high:
^Assessment, an earlier one
Because +first look
Special data +health
Persons, at most +2000
Still to be told +1,200
Disposed of since +1$
by reference +2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
to end the breach +taken: link removed
AP +initial, Mon 2026-10-26 14:00:01 \+01:00
number 123
late because nobody was in
SHA-256$
6d13b9d439238c164212a97e134c484b020e8a91a07a5faccf8be17354dcf5b4
AP +1 sent, the last \(4h\)
Fri 2026-10-23 16:00 \+02:00 +called the processor
/srv/lijst.txt \(12.3 kB\)
jan \([^)]*\)$
assessment [0-9]+ added: risk: high; because: health data$
changed: aware_at: Fri 2026-10-23 13:00 \+02:00 ->$
because: seen on Friday afternoon
notification [0-9]+ \(ap, initial\) added
LINES
waarborg breach show "$ref"
expect_out 'the last 10 lines; --history shows all'
expect_out 'measure .* added: '
refute_out 'breach_clock|assessment_id|: 48h'
waarborg breach show "$ref" --history
expect_out 'breach_clock ap added'
expect_out 'assessment_id: none -> '
refute_out 'forgotten|customers: none'

waarborg breach show "$ref" --json
expect_status 0
expect_json_keys 'affected assessments attachments breach clocks disposed duties history letters measures notifications reminders timeline' '{}'
while read -r path value; do
    expect_json "$value" "$path"
done <<'VALUES'
{breach,aware_at} 2026-10-23T15:00:00+02:00
{breach,first_aware_at} 2026-10-23T13:00:00+02:00
{clocks,0,state} met_late
{clocks,0,due_at} 2026-10-26T14:00:00+01:00
{clocks,1,state} not_needed
{assessments,1,public_at} 2026-10-25T10:00:00+01:00
{assessments,1,enisa,se_quarters} 18
{notifications,0,sent_at} 2026-10-26T14:00:01+01:00
{notifications,0,sha256} 6d13b9d439238c164212a97e134c484b020e8a91a07a5faccf8be17354dcf5b4
{notifications,0,snapshot} absent
{affected,0,state} disposed
{affected,1,n} 1200
{disposed,0} 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
{timeline,0,at} 2026-10-23T16:00:00+02:00
{letters,pending} 0
{reminders,0,sent} 1
{history,9,action} update
{history,10} absent
VALUES

# The list: open ones, the nearest limit that was not met first; then those that were met.
waarborg breach list
expect_status 0
[ "$(wc -l <"$T/out")" -eq 3 ] || fail "two open breaches were expected"
sed -n 2p "$T/out" | grep -q 'Laptop stolen' || fail "the overdue one comes first"
expect_out "$ref +Lijst .* met late +no +1,201 +1,200"
new_breach '{"aware_at": "2026-10-23 14:00+02", "title": "Eerder"}'
waarborg breach list
sed -n 2p "$T/out" | grep -q 'Eerder' || fail "the nearest limit comes first"
waarborg breach list --all
expect_status 0
[ "$(wc -l <"$T/out")" -eq 12 ] || fail "eleven breaches were expected"
expect_out 'not needed +no +0 +0 +[A-Z]'
waarborg breach list --all --json
expect_json_keys 'affected ap ap_due_at ap_met_at aware_at breach closed_at customers title to_tell' '{breaches,0}'
