# waarborg breach open: every fault at once, the clock vectors, the editor, and no text that gets lost.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/json.sh"

small_db breach_open 1
small_policy | write_conf unsealed ''
cat >>"$T/waarborg.conf" <<'CONF'
breach = { regimes = [ "nis2" ]; customers_target_hours = 48; };
CONF
sed -i 's/registration = "KvK 12345678";/& dpo = { name = "F. Gerritsen"; email = "fg@example.nl"; };/' \
    "$T/waarborg.conf"
waarborg migrate
expect_status 0
export XDG_STATE_HOME="$T/state" HOME="$T"
unset VISUAL EDITOR || :
drafts=$T/state/waarborg

registered() {
    sql "SELECT count(*) FROM waarborg.breach"
}

draft_count() {
    find "$drafts" -type f 2>/dev/null | wc -l
}

expect_registered() {
    [ "$(registered)" -eq "$1" ] || fail "$(registered) breaches are registered, expected $1"
}

expect_drafts() {
    [ "$(draft_count)" -eq "$1" ] || fail "$(draft_count) drafts are kept, expected $1"
}

cat >"$T/good.conf" <<'FORM'
title = Laptop stolen
aware_at = 2026-03-04T10:15+01:00
what_happened = From a car.
nature = confidentiality
occurred_from = 2026-03-03T10:15+01:00
FORM

# ---- The table is the database's ----------------------------------------------------------------

echo "case: the template has every field of the register, and each of the codes"
EDITOR="cp \"\$1\" $T/template; :" waarborg breach open
expect_status 2
expect_err 'nothing was registered: the text was left as it was'
expect_drafts 0
grep -oE '^[a-z_0-9]+ =' "$T/template" | tr -d ' =' | sort >"$T/names"
sql "SELECT f FROM unnest(waarborg.breach_fields()) AS f ORDER BY f COLLATE \"C\"" | sort >"$T/columns"
cmp "$T/names" "$T/columns" || fail "the fields are not the columns: $(diff "$T/names" "$T/columns")"
sql "SELECT lower(code) || '|' || label_en FROM waarborg.code WHERE list IN ('nature', 'incident_type',
     'cause', 'data_ordinary', 'data_special', 'people_groups', 'protection', 'consequences', 'harm',
     'severity', 'ongoing', 'legal_basis')" >"$T/codes"
while IFS='|' read -r code label; do
    grep -qE "^#   $code  *$(printf %s "$label" | sed 's/[()]/\\&/g')\$" "$T/template" ||
        fail "the template lacks code $code"
done <"$T/codes"
grep -qx 'contact_name = F. Gerritsen' "$T/template" || fail "the officer is not proposed as contact"

# ---- Faults -------------------------------------------------------------------------------------

# FIELD=VALUE | WHAT IS SAID OF IT
while IFS='|' read -r set said; do
    waarborg breach open -f "$T/good.conf" --set "$set"
    expect_status 2
    grep -qE -e "^--set: ${set%%=*}: $said" "$T/err" || fail "'$set' is not refused by: $said"
    expect_err 'message="the input has 1 fault; nothing was registered"'
done <<'TABLE'
aware_at=2099-01-01 10:00|lies in the future; now it is
aware_at=2099-01-01T10:00+01:00|lies in the future
aware_at=1969-12-31T10:00+01:00|lies before 1970
aware_at=yesterday|is not a time
aware_at=2026-03-04|2026-03-04 lacks the time of day
aware_at=2025-10-26 02:30|2025-10-26 02:30 exists twice: write 2025-10-26T02:30\+02:00 or 2025-10-26T02:30\+01:00
aware_at=2026-03-29 02:30|2026-03-29 02:30 does not exist: .* write 2026-03-29T01:30\+01:00 or 2026-03-29T03:30\+02:00
aware_at=|is needed
title=|is needed
what_happened=|is needed
nature=|is needed: at least one of confidentiality, integrity, availability
nature=,|is needed: at least one
nature=confidental|'confidental' is no code; did you mean confidentiality\?
nature=integrity, avail|'avail' is no code; did you mean availability\?
severity=huge|'huge' is no code; allowed are negligible, limited, significant, maximum
incident_type=hack_malware_fishing|'hack_malware_fishing' is no code; did you mean hack_malware_phishing
consequences=wider|'wider' is no code; (did you mean conf_wider|allowed are conf_wider)
cause=$(id)|an item is no code
ongoing=perhaps|'perhaps' is no code; allowed are yes, no, unknown
cross_border=perhaps|is neither yes nor no
countries=BE, XX|'XX' is no country
countries=uk|'uk' is no country .*; did you mean GB\?
persons_min=-1|is less than 0
persons_min=many|is no whole number; digits alone
persons_max=1.000|is no whole number
persons_max=9999999999999999999999|is too large
processor_contract_hours=0|is no number of hours
reporter_email=nobody|is no mail address
discovered_at=2099-01-01 10:00|lies in the future
occurred_to=2026-03-02 10:15|lies before occurred_from
occurred_unknown=yes|is yes while occurred_from
titel=x|is no field here; did you mean title\?
reference=DL-2026-0001|is no field here
version=3|is no field here
attempt=17|is not what waarborg wrote there
TABLE

# Two fields that do not agree, and words that are none.
waarborg breach open -f "$T/good.conf" --set persons_min=5 --set persons_max=4 --set records_min=2 \
    --set records_max=1
expect_status 2
expect_err '^--set: persons_max: is less than persons_min'
expect_err '^--set: records_max: is less than records_min'
waarborg breach open -f "$T/good.conf" --set persons_max
expect_status 2
expect_err '^--set wants field=value'
waarborg breach open -f "$T/good.conf" --set title=a --set title=b
expect_status 2
expect_err '^--set: title: is set twice'
waarborg breach open -f "$T/good.conf" --set "title=$(printf 'two\nlines')"
expect_status 2
expect_err '^--set: title: has several lines'
waarborg breach open -f "$T/nothing.conf"
expect_status 2
expect_err 'nothing.conf'
waarborg breach open extra
expect_status 2

echo "case: all faults at once, each with its line"
cat >"$T/bad.conf" <<'FORM'
titel = x
aware_at = 2025-10-26 02:30
nature = confidental,
    nothing
persons_min = 5
persons_max = 4
severity = huge
occurred_from = 2099-01-01 10:00
this is no line
FORM
waarborg breach open -f "$T/bad.conf" --set countries=XX
expect_status 2
while read -r line; do
    grep -qE "^$line" "$T/err" || fail "not said with the others: $line"
done <<TABLE
$T/bad.conf:1: titel: is no field
$T/bad.conf:2: aware_at: 2025-10-26 02:30 exists twice
$T/bad.conf:3: nature: 'confidental' is no code
$T/bad.conf:3: nature: 'nothing' is no code
$T/bad.conf:6: persons_max: is less than persons_min
$T/bad.conf:7: severity: 'huge' is no code
$T/bad.conf:8: occurred_from: lies in the future
$T/bad.conf:9: is no .field = value
$T/bad.conf: title: is needed
$T/bad.conf: what_happened: is needed
--set: countries: 'XX' is no country
TABLE
expect_err 'message="the input has 11 faults; nothing was registered"'
expect_registered 0
expect_drafts 0
expect_sql 0 "SELECT count(*) FROM waarborg.breach_number"

# ---- What is odd, and registered all the same ---------------------------------------------------

# FIELD=VALUE ... | WARNING
while IFS='|' read -r sets said; do
    waarborg breach open -f "$T/good.conf" --set "${sets%;*}" --set "${sets#*;}"
    expect_status 0
    expect_err "^warning: $said"
done <<'TABLE'
occurred_from=2026-03-05 10:00;remarks=x|aware_at: lies before occurred_from
discovered_at=2026-03-05 10:00;remarks=x|aware_at: lies before discovered_at
occurred_from=;remarks=x|occurred_from: is not given, and occurred_unknown is not yes
occurred_from=;occurred_unknown=yes|occurred_unknown: is yes; the AP asks
TABLE
expect_registered 4
expect_out '^The AP is waiting: notify it now'
expect_out '^  AP  *due Sat 2026-03-07 10:15 \+01:00  *[0-9]+ d [0-9]+ h late$'
expect_out '^  customers  *no decision yet: assess the risk   \(waarborg breach assess DL-[0-9]+-0004\)$'
expect_sql 1,2,3,4 "SELECT string_agg(right(reference, 4)::integer::text, ',' ORDER BY id) FROM waarborg.breach"
expect_sql '{NULL,"F. Gerritsen",fg@example.nl}' \
    "SELECT DISTINCT ARRAY[reporter_name, contact_name, contact_email] FROM waarborg.breach"

# ---- Clocks -------------------------------------------------------------------------------------

# AWARE | DUE (GDPR art. 33(1): 72 absolute hours)
while IFS='|' read -r aware due; do
    waarborg --json breach open -f "$T/good.conf" --set "aware_at=$aware" --set occurred_from=
    expect_status 0
    expect_json ap "{clocks,0,clock}"
    expect_json "$due" "{clocks,0,due_at}"
done <<'TABLE'
Wed 2026-03-04 10:15 +01:00|2026-03-07T10:15:00+01:00
2026-03-04 10:15|2026-03-07T10:15:00+01:00
2026-03-27T15:00+01:00|2026-03-30T16:00:00+02:00
2026-03-27 15:00|2026-03-30T16:00:00+02:00
2025-10-24 15:00|2025-10-27T14:00:00+01:00
2025-10-23T02:30+02:00|2025-10-26T02:30:00+02:00
2025-10-23T03:30+02:00|2025-10-26T02:30:00+01:00
2026-04-03T07:00:00Z|2026-04-06T09:00:00+02:00
2024-02-26 08:00|2024-02-29T08:00:00+01:00
2025-10-26T02:30:01+02:00|2025-10-29T01:30:01+01:00
TABLE
waarborg --json breach open -f "$T/good.conf" --set nis2_aware_at="2026-09-01 10:00" --set aware_at="2026-09-01 10:00"
expect_status 0
expect_json nis2_warning '{clocks,4,clock}'
expect_json 2026-09-02T10:00:00+02:00 '{clocks,4,due_at}'
expect_sql 48 "SELECT DISTINCT hours FROM waarborg.breach_clock WHERE clock = 'customers'"
expect_json_keys "aware_at clocks reference registered_before warnings" '{}'

echo "case: not late, as the specification shows it"
waarborg breach open -f "$T/good.conf" --set aware_at="$(date -u -d '-10 minutes' +%Y-%m-%dT%H:%M:00Z)"
expect_status 0
expect_out '^DL-[0-9]{4}-[0-9]{4} registered\. Aware [A-Z][a-z]{2} [0-9-]{10} [0-9:]{5} \+0[12]:00\.$'
expect_out '^  AP  *due [A-Z][a-z]{2} [0-9-]{10} [0-9:]{5} \+0[12]:00   71 h (49|48) m left$'
refute_out 'is waiting'

# ---- Values come through as they are --------------------------------------------------------------

cat >"$T/hostile.conf" <<'FORM'
title = "Quoted" 'twice'; DROP TABLE waarborg.breach; -- $(touch x) `id` %s%n \n \\ {{title}}
aware_at = 2026-03-04T10:15+01:00
nature = Availability, CONFIDENTIALITY,,integrity , integrity
what_happened =
    Eén regel – ünïcode 漢字 🙂
      deeper

    # no comment
data_ordinary = bsn, id-copy, Name
countries = be, de
cross_border = ja
legal_basis =
severity = Maximum
persons_max = 0012
FORM
waarborg breach open -f "$T/hostile.conf"
expect_status 0
sql "SELECT title FROM waarborg.breach ORDER BY id DESC LIMIT 1" >"$T/title"
sed -n 's/^title = //p' "$T/hostile.conf" | cmp - "$T/title" || fail "the title is another one"
expect_sql '{AVAILABILITY,CONFIDENTIALITY,INTEGRITY}|{BSN,ID_COPY,NAME}|{BE,DE}|t|AVG|MAXIMUM|12' \
    "SELECT nature, data_ordinary, countries, cross_border, legal_basis, severity, persons_max
       FROM waarborg.breach ORDER BY id DESC LIMIT 1"
expect_sql t "SELECT what_happened = E'Eén regel – ünïcode 漢字 🙂\n  deeper\n\n# no comment'
              FROM waarborg.breach ORDER BY id DESC LIMIT 1"
refute_log 'Quoted|漢字'
before=$(registered)
{ cat "$T/good.conf"; printf 'remarks =\n    '; head -c 900000 /dev/zero | tr '\0' x; echo; } >"$T/large.conf"
waarborg breach open -f "$T/large.conf"
expect_status 0
expect_sql 900000 "SELECT length(remarks) FROM waarborg.breach ORDER BY id DESC LIMIT 1"
head -c 200000 /dev/zero | tr '\0' y >>"$T/large.conf"
waarborg breach open -f "$T/large.conf"
expect_status 2
printf 'title = a\033[31mb\n' >"$T/control.conf"
waarborg breach open -f "$T/control.conf"
expect_status 2
expect_err '^[^ ]*control.conf:1: title: '
# Other files with names that a shell would read.
cp "$T/good.conf" "$T/a b'c.conf"
waarborg breach open -f "$T/a b'c.conf"
expect_status 0
expect_registered $((before + 2))
expect_drafts 0

# ---- Standard input -----------------------------------------------------------------------------

before=$(registered)
waarborg breach open -f - <"$T/good.conf"
expect_status 0
expect_drafts 0
waarborg breach open -f - --set aware_at=never <"$T/good.conf"
expect_status 2
expect_err '^--set: aware_at: is not a time'
expect_drafts 1
expect_err "^What you wrote is kept in $drafts/breach-open\..*\.conf$"
kept=$(find "$drafts" -type f)
waarborg breach open -f "$kept" --set aware_at="2026-03-04 10:15"
expect_status 0
expect_registered $((before + 2))
rm "$kept"

# ---- The editor ---------------------------------------------------------------------------------

# editor NAME: an editor that does what stdin says, $1 being the draft and $n the round.
editor() {
    {
        echo "n=\$((\$(cat $T/rounds 2>/dev/null || echo 0) + 1)); echo \$n >$T/rounds"
        echo "set_field() { sed -i \"s|^\$2 =.*|\$2 = \$3|\" \"\$1\"; }"
        cat
    } >"$T/editor.$1"
    rm -f "$T/rounds"
    EDITOR="sh $T/editor.$1"
    export EDITOR
}

fill="set_field \"\$1\" title Laptop; set_field \"\$1\" aware_at '2026-03-04 10:15'
set_field \"\$1\" what_happened Stolen; set_field \"\$1\" nature Integrity"

before=$(registered)
echo "case: filled in and saved"
editor good <<ED
$fill
ED
waarborg breach open
expect_status 0
expect_out '^DL-[0-9-]+ registered'
expect_registered $((before + 1))
expect_drafts 0
expect_sql 'Laptop|{INTEGRITY}' "SELECT title, nature FROM waarborg.breach ORDER BY id DESC LIMIT 1"

echo "case: faults come back as comments above their lines, and go"
editor faulty <<ED
case \$n in
1) $fill
   set_field "\$1" nature integrety; set_field "\$1" persons_min 5; set_field "\$1" persons_max 4 ;;
2) cp "\$1" $T/second; set_field "\$1" nature Integrity ;;
3) cp "\$1" $T/third; set_field "\$1" persons_max 6 ;;
esac
ED
waarborg breach open
expect_status 0
[ "$(cat "$T/rounds")" -eq 3 ] || fail "the editor opened $(cat "$T/rounds") times"
grep -B3 '^nature = integrety' "$T/second" | grep -q "^#! .*'integrety' is no code" ||
    fail "the fault does not stand above its line"
grep -q "^#! persons_max: is less than persons_min" "$T/second" || fail "not all faults came at once"
! grep -q "integrety" "$T/third" || fail "a fault that was mended is shown again"
grep -q "^#! persons_max: is less" "$T/third" || fail "the fault that is left is not shown"
expect_registered $((before + 2))
expect_drafts 0

# NAME | WHAT THE EDITOR DOES | EXIT CODE | DRAFTS LEFT | WHAT IS SAID
while IFS='|' read -r name does code left said; do
    echo "case: $name"
    editor case <<ED
$does
ED
    [ "$does" != none ] || EDITOR=/nonexistent/editor
    waarborg breach open
    expect_status "$code"
    expect_err "$said"
    expect_drafts "$left"
    [ "$left" -eq 0 ] || {
        grep -q '^title = Kept' "$drafts"/* || fail "what was typed is not in the draft"
        expect_err "^  go on with: waarborg breach open -f $drafts/breach-open"
        [ "$(stat -c %a "$drafts"/*.conf)" = 600 ] || fail "others can read the draft"
    }
    rm -f "$drafts"/*
done <<'TABLE'
left as it was|:|2|0|nothing was registered: the text was left as it was
emptied|: >"$1"|2|0|nothing was registered: the text was emptied
comments only|sed -i "/^[a-z]/d" "$1"|2|0|nothing was registered: the text was emptied
given up with faults|if [ "$n" = 1 ]; then set_field "$1" title Kept; fi|2|1|the input has [0-9]+ faults; nothing was registered
the editor fails|set_field "$1" title Kept; exit 3|2|1|ended with exit code 3
the editor fails at once|exit 3|2|0|ended with exit code 3
the editor is killed|set_field "$1" title Kept; kill -9 $$|2|1|was ended by signal 9
there is no such editor|none|2|0|the editor that EDITOR names cannot be run
TABLE
expect_registered $((before + 2))

echo "case: waarborg is killed while the editor is open"
editor slow <<ED
set_field "\$1" title Kept
echo \$PPID >$T/ready
sleep 5
ED
waarborg_start breach open
wait_for 10 test -s "$T/ready"
kill -9 "$started"
wait "$started" 2>/dev/null || :
expect_drafts 1
grep -q '^title = Kept' "$drafts"/*.conf || fail "what was typed is lost"
expect_err "^What you write is kept in $drafts/"
rm -f "$drafts"/*

echo "case: no terminal, no editor"
unset EDITOR
status=0
setsid "$WAARBORG" -c "$T/waarborg.conf" breach open >"$T/out" 2>"$T/err" </dev/null || status=$?
expect_status 2
expect_err 'there is no terminal for an editor'
expect_drafts 0

echo "case: nowhere to keep a draft"
status=0
EDITOR=true XDG_STATE_HOME='' HOME='' "$WAARBORG" -c "$T/waarborg.conf" breach open >"$T/out" 2>"$T/err" || status=$?
expect_status 2
expect_err 'there is no place to keep the draft'

# ---- The database is away -----------------------------------------------------------------------

connections() { # true | false
    sql_in postgres "ALTER DATABASE \"$db\" ALLOW_CONNECTIONS $1"
}

before=$(registered)
editor away <<ED
$fill
set_field "\$1" remarks Kept
psql -XAtq -d postgres -c 'ALTER DATABASE "$db" ALLOW_CONNECTIONS false'
ED
echo "case: it goes away while the editor is open"
waarborg breach open
connections true
expect_status 3
expect_err 'database: cannot connect'
expect_err "^What you wrote is kept in $drafts/breach-open"
expect_drafts 1
kept=$(find "$drafts" -type f)
go_on=$(sed -n 's/^  go on with: waarborg //p' "$T/err")
# shellcheck disable=SC2086 # the words that were printed
waarborg $go_on
expect_status 0
expect_registered $((before + 1))
expect_sql Kept "SELECT remarks FROM waarborg.breach ORDER BY id DESC LIMIT 1"
rm "$kept"

echo "case: it is away from the beginning"
editor start <<ED
cp "\$1" $T/without
$fill
ED
connections false
waarborg breach open
connections true
expect_status 3
expect_err '^The register cannot be reached now'
grep -q '^# THE REGISTER CANNOT BE REACHED NOW' "$T/without" || fail "the officer is not warned"
expect_drafts 1
waarborg breach open -f "$(find "$drafts" -type f)"
expect_status 0
rm -f "$drafts"/*

echo "case: -f, standard input and --set while it is away"
connections false
waarborg breach open -f "$T/good.conf"
expect_status 3
expect_drafts 0
waarborg breach open -f "$T/bad.conf"
expect_status 2
expect_err 'bad.conf:6: persons_max: is less than persons_min'
waarborg breach open -f - <"$T/good.conf"
expect_status 3
expect_drafts 1
rm -f "$drafts"/*
waarborg breach open --set "title=Kept; or \"not\"" --set aware_at="2026-03-04 10:15" --set nature=integrity \
    --set "what_happened=$(printf 'a\n  b')"
expect_status 3
expect_drafts 1
connections true
waarborg breach open -f "$(find "$drafts" -type f)"
expect_status 0
expect_sql 'Kept; or "not"' "SELECT title FROM waarborg.breach ORDER BY id DESC LIMIT 1"
expect_registered $((before + 3))
expect_sql t "SELECT max(last) = (SELECT count(*) FROM waarborg.breach) FROM waarborg.breach_number"

refute_log 'Laptop|Stolen|From a car'
waarborg breach open --help
expect_status 0
expect_out '^Usage: waarborg breach open'
expect_out 'waarborg breach open -f leak.conf'
