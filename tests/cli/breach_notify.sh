# What was sent: in time or late to the second, for one breach or many, beside other regimes.
. "$(dirname "$0")/../harness/lib.sh"
. "$(dirname "$0")/../harness/breach.sh"
. "$(dirname "$0")/../harness/json.sh"

register_db notify 'regimes = [ "nis2", "dora" ];'

recorded() {
    sql "SELECT string_agg(concat_ws(' ', recipient, kind, complete, number), ', ' ORDER BY n.id)
           FROM waarborg.notification AS n JOIN waarborg.notification_breach AS nb ON nb.notification_id = n.id
           JOIN waarborg.breach AS b ON b.id = nb.breach_id WHERE b.reference = '$ref'"
}

# options # what is recorded # a line of the output
while IFS='#' read -r options expected line; do
    echo "recorded: $options"
    new_breach
    eval "waarborg breach notify $ref $options"
    expect_status 0
    expect_out "$line"
    [ "$(recorded)" = "$expected" ] || fail "recorded is '$(recorded)', expected '$expected'"
done <<'CASES'
ap --kind initial --sent '2026-10-26 14:00'#ap initial f#In time: exactly at the limit, Mon 2026-10-26 14:00 \+01:00
ap --kind initial --sent 2026-10-26T13:00:00Z#ap initial f#AP +met Mon 2026-10-26 14:00 \+01:00, in time
ap --kind initial --sent '2026-10-26 13:59:59'#ap initial f#In time: 1 s before the limit
ap --kind initial --sent '2026-10-25 11:10' --number 12345#ap initial f 12345#In time: 26 h 50 m 00 s before the limit
ap --kind initial --sent '2026-10-26 14:00:01' --late-because 'nobody knew'#ap initial f#Late: 1 s after the limit
ap --kind initial --sent '2026-10-26 15:00:01' --late-because 'nobody knew'#ap initial f#Late: 1 h 00 m 01 s after the limit
ap --kind initial --complete --sent '2026-10-25 11:10'#ap initial t#initial and complete
ap --kind initial --sent '2026-10-25 11:10'#ap initial f#follow-up due Sun 2026-11-08 11:10 \+01:00
ap --kind final --sent '2026-10-25 11:10'#ap final t#AP +met
AP --kind follow_up --sent '2026-10-25 11:10'#ap follow_up f#^Warning: no initial notification
ap --kind withdrawal --because 'no breach after all' --sent '2026-10-27 11:10'#ap withdrawal f#AP +due
other --authority 'CSIRT' --kind warning --sent '2026-10-25 11:10'#other warning f#to another authority is recorded
customers --kind initial --sent '2026-10-27 11:10'#customers initial f#to the customers is recorded
nis2 --kind warning --sent '2026-10-24 11:10'#nis2 warning f#has no clocks of NIS2
ap --kind initial --sent '2026-10-22 11:10'#ap initial f#^Warning: it was sent before the organisation was aware
CASES

# options # faults; nothing is recorded
while IFS='#' read -r options count faults; do
    echo "refused: $options"
    new_breach
    eval "waarborg breach notify $ref $options"
    expect_status 2
    [ "$count" -eq 1 ] || expect_err "$count faults; nothing was recorded"
    old_ifs=$IFS
    IFS='~'
    for fault in $faults; do
        expect_err "$fault"
    done
    IFS=$old_ifs
    [ -z "$(recorded)" ] || fail "something was recorded"
done <<'CASES'
ap --kind initial --sent '2026-10-26 14:00:01'#1#sent: .* is 1 s late: the limit of the AP was Mon 2026-10-26 14:00 \+01:00; --late-because
ap --kind initial --sent '2026-10-26 14:00:01' --late-because ' '#1#late-because: is empty
ap --kind final --sent '2026-10-29 14:00'#1#is 72 h 00 m 00 s late
ap --kind initial --sent 2099-01-01T12:00Z --late-because x#1#sent: lies in the future; now it is
ap --kind initial --sent '2026-10-25 02:30'#1#sent: .*02:30
ap --kind initial#1#sent: is needed
ap --sent '2026-10-25 11:10'#1#kind: is needed
ap --kind inital --sent '2026-10-25 11:10'#1#did you mean initial
ap --kind warning --sent '2026-10-25 11:10'#1#warning is the early warning of NIS2
ap --kind withdrawal --sent '2026-10-25 11:10'#1#because: is needed
other --kind initial --sent '2026-10-25 11:10'#1#authority: is needed
ap --authority CSIRT --kind initial --sent '2026-10-25 11:10'#1#authority: is for the recipients
--kind initial --sent '2026-10-25 11:10'#1#recipient: the last word says who was told
app --kind initial --sent '2026-10-25 11:10'#1#did you mean ap
ap --kind initial --sent '2026-10-25 11:10' --snapshot /nowhere/x#1#snapshot:
DL-2026-9999 x ap --kind z --sent z#4#^kind: ~^sent: ~^breach: there is no breach DL-2026-9999~^breach: 'x' names no breach
CASES

# Who was late once and said why may send the rest; who amended the reasons before needs none.
new_breach '{"delay_reason": "found late"}'
waarborg breach notify "$ref" ap --kind initial --sent '2026-10-30 10:00'
expect_status 0
waarborg breach notify "$ref" ap --kind follow-up --complete --sent '2026-11-02 10:00'
expect_status 0
expect_out 'follow-up met Mon 2026-11-02 10:00 \+01:00, in time'
refute_out '^  (Late|In time):'

# The draft that is kept has the reasons that were given with it.
new_breach
waarborg breach notify "$ref" ap --kind initial --sent '2026-10-30 10:00' --late-because 'pas laat ontdekt'
expect_status 0
expect_sql t "SELECT snapshot LIKE '%pas laat ontdekt%' AND snapshot NOT LIKE '%delay_reason=%'
    FROM waarborg.notification ORDER BY id DESC LIMIT 1"

# One notification for many: what is wrong with one of them stops all.
new_breach '{"aware_at": "2026-10-24 15:00+02"}'
second=$ref
new_breach
waarborg breach notify "$ref" "$second" ap --kind initial --sent '2026-10-27 13:00'
expect_status 2
expect_err "sent: $ref is 23 h 00 m 00 s late"
[ -z "$(recorded)" ] || fail "something was recorded"
waarborg breach notify "$ref" "$second" "$ref" ap --kind initial --sent '2026-10-26 13:00' --number 77
expect_status 0
expect_sql 2 "SELECT count(*) FROM waarborg.notification_breach WHERE notification_id =
    (SELECT max(id) FROM waarborg.notification)"
new_breach
waarborg breach notify "$ref" ap --kind initial --sent '2026-10-26 13:00' --number 77 --json
expect_status 0
expect_json "this number was recorded before, for $second; is it another one?" '{warnings,0}'
expect_json false '{breaches,0,late}'
expect_json 3600 '{breaches,0,seconds_left}'
expect_json draft '{snapshot}'
waarborg breach notify "$ref" ap --kind follow-up --sent '2026-10-27 13:00' --number 77
expect_out 'Warning: this number'
new_breach
waarborg breach notify "$ref" ap --kind initial --sent '2026-10-26 13:00' --number 78
waarborg breach notify "$ref" ap --kind follow-up --sent '2026-10-27 13:00' --number 78
expect_status 0
refute_out 'Warning'

# What was sent is kept to the byte: a file, standard input, or else the draft.
printf 'Geachte lezer,\r\n\302\253d\303\251\302\273\n' >"$T/sent.txt"
digest=$(sha256sum <"$T/sent.txt" | cut -d' ' -f1)
waarborg breach notify "$ref" ap --kind follow-up --sent '2026-10-28 13:00' --snapshot "$T/sent.txt"
expect_out "^Kept is what was sent, SHA-256 $digest"
waarborg breach notify "$ref" ap --kind follow-up --sent '2026-10-28 13:00' --snapshot - <"$T/sent.txt"
expect_status 0
expect_sql "2 $digest" "SELECT count(*) || ' ' || sha256 FROM waarborg.notification
    WHERE encode(sha256(convert_to(snapshot, 'UTF8')), 'hex') = '$digest' GROUP BY sha256"
waarborg breach notify "$ref" ap --kind follow-up --sent '2026-10-29 13:00'
expect_out "^Kept is the draft as the register gives it now, SHA-256 $(sql "SELECT sha256
    FROM waarborg.notification ORDER BY id DESC LIMIT 1")"
expect_sql t "SELECT snapshot LIKE '%$ref%' FROM waarborg.notification ORDER BY id DESC LIMIT 1"
printf 'a\377b' >"$T/bytes"
printf 'a\000b' >"$T/nul"
: >"$T/empty"
for file in bytes nul empty; do
    waarborg breach notify "$ref" ap --kind follow-up --sent '2026-10-29 13:00' --snapshot "$T/$file"
    expect_status 2
    expect_err 'snapshot: the file is (no text in UTF-8|empty)'
done

# NIS2 and DORA run beside the GDPR, each with its own limits; the configuration switches them on.
waarborg breach open --set title=Inbraak --set what_happened=x --set nature=availability \
    --set aware_at=2026-10-23T15:00+02:00 --set nis2_aware_at=2026-10-23T16:00+02:00 \
    --set dora_classified_at=2026-10-23T17:00+02:00
expect_status 0
ref=$(sql "SELECT reference FROM waarborg.breach ORDER BY id DESC LIMIT 1")
# recipient kind sent # the lines that follow
while IFS='#' read -r options lines; do
    echo "regimes: $options"
    eval "waarborg breach notify $ref $options"
    expect_status 0
    old_ifs=$IFS
    IFS='~'
    for line in $lines; do
        expect_out "^ +$line"
    done
    IFS=$old_ifs
done <<'CASES'
nis2 --kind warning --sent '2026-10-24 16:00'#NIS2 warning +met .*, in time~NIS2 notification +due Mon 2026-10-26 15:00 \+01:00~DORA initial +due Fri 2026-10-23 21:00 \+02:00~AP +due Mon 2026-10-26 14:00
dora --kind initial --sent '2026-10-23 21:00:01'#DORA initial +met .*, 1 s late~DORA intermediate +due Mon 2026-10-26 20:00:01 \+01:00
nis2 --kind initial --sent '2026-10-26 15:00'#NIS2 notification +met .*, in time~NIS2 final report +due Thu 2026-11-26 15:00 \+01:00
dora --kind follow-up --sent '2026-10-26 20:00'#DORA intermediate +met~DORA final report +due Thu 2026-11-26 20:00 \+01:00
ap --kind final --sent '2026-10-26 14:00'#AP +met .*, in time~NIS2 warning +met
CASES

# A closed breach takes nothing more.
sql "BEGIN; SELECT waarborg.breach_assess('$ref', '{\"risk\": \"unlikely\", \"notify_ap\": false, \"because\": \"x\"}');
    SELECT waarborg.breach_notify(ARRAY['$ref'], '{\"recipient\": \"nis2\", \"kind\": \"final\", \"sent_at\": \"2026-11-20 10:00+01\"}');
    SELECT waarborg.breach_notify(ARRAY['$ref'], '{\"recipient\": \"dora\", \"kind\": \"final\", \"sent_at\": \"2026-11-20 10:00+01\"}');
    SELECT waarborg.breach_measure_add('$ref', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"x\"}');
    SELECT waarborg.breach_amend('$ref', 1, '{\"consequences_description\": \"x\"}', 'x');
    SELECT waarborg.breach_close('$ref', 'x'); COMMIT" >/dev/null
waarborg breach notify "$ref" ap --kind initial --sent '2026-10-25 11:10'
expect_status 2
expect_err "breach: $ref is closed; waarborg breach amend $ref --reopen"

# A changed limit is for new breaches: who was aware before keeps the old one, whenever registered.
new_breach
old=$ref
sql "INSERT INTO waarborg.clock_limit (clock, regime, starts, hours, source, valid_from)
    VALUES ('ap', 'gdpr', 'aware', 96, 'GDPR art. 33(1) as amended', '2026-10-23 15:00+02')"
new_breach '{"aware_at": "2026-10-23 14:59:59+02"}'
before=$ref
new_breach
new=$ref
waarborg breach notify "$old" ap --kind initial --sent '2026-10-26 14:00:01'
expect_err "sent: $old is 1 s late"
waarborg breach notify "$before" ap --kind initial --sent '2026-10-26 14:00:00'
expect_err "sent: $before is 1 s late"
waarborg breach notify "$new" ap --kind initial --sent '2026-10-27 14:00:01'
expect_err "sent: $new is 1 s late: the limit of the AP was Tue 2026-10-27 14:00 \+01:00"
waarborg breach notify "$new" ap --kind initial --sent '2026-10-27 14:00'
expect_status 0
refute_log 'Laptop|Inbraak|Geachte|found late'
