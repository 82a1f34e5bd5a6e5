# waarborg breach amend: what changes and what is added, all or nothing; two officers at once.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/json.sh"

small_db breach_amend 1
small_policy | write_conf unsealed ''
waarborg migrate
expect_status 0
export XDG_STATE_HOME="$T/state" HOME="$T"
unset VISUAL EDITOR || :
drafts=$T/state/waarborg

waarborg breach open --set title=Laptop --set aware_at="2026-03-04 10:15" --set nature=confidentiality \
    --set what_happened="$(printf 'From a car.\n\n  In Utrecht.')" --set occurred_from="2026-03-04 09:00" \
    --set persons_min=10 --set persons_max=20 --set data_ordinary=name,bsn
expect_status 0
ref=$(sql "SELECT reference FROM waarborg.breach")

amend() {
    waarborg breach amend "$ref" "$@"
}

field() {
    sql "SELECT $1 FROM waarborg.breach WHERE reference = '$ref'"
}

expect_field() { # VALUE COLUMN
    [ "$(field "$2")" = "$1" ] || fail "$2 is '$(field "$2")', expected '$1'"
}

expect_drafts() {
    found=$(find "$drafts" -type f 2>/dev/null | wc -l)
    [ "$found" -eq "$1" ] || fail "$found drafts are kept, expected $1"
}

kept_draft() {
    find "$drafts" -type f
}

counts() {
    sql "SELECT (SELECT count(*) FROM waarborg.measure) || ' ' || (SELECT count(*) FROM waarborg.timeline)
                || ' ' || (SELECT count(*) FROM waarborg.attachment)"
}

# ---- Changes ------------------------------------------------------------------------------------

echo "case: fields, with the old value in the audit log"
amend --set persons_max=400 --set severity=Limited --because "counted again"
expect_status 0
expect_out "^$ref amended, version 2\.$"
expect_out '^  persons_max: 20 -> 400$'
expect_out '^  severity: \(empty\) -> limited$'
expect_out '^  AP  *due Sat 2026-03-07 10:15 \+01:00'
expect_err "event=breach.amended breach=$ref version=2 fields=persons_max,severity "
expect_sql 'counted again|20|400|1|2' \
    "SELECT reason, old::json ->> 'persons_max', new::json ->> 'persons_max', old::json ->> 'version',
            new::json ->> 'version'
       FROM waarborg.audit WHERE breach = '$ref' AND action = 'update' ORDER BY seq DESC LIMIT 1"
expect_sql t "SELECT (old::jsonb || new::jsonb) - ARRAY['persons_max', 'severity', 'version'] = '{}'
                FROM waarborg.audit WHERE breach = '$ref' AND action = 'update' ORDER BY seq DESC LIMIT 1"

echo "case: a value is taken away"
amend --set severity= --set data_ordinary= --because "not known"
expect_status 0
expect_out '^  data_ordinary: name, bsn -> \(empty\)$'
expect_field '{}' data_ordinary
expect_field '' severity

echo "case: aware moved later shows, and moves the clock"
waarborg --json breach amend "$ref" --set aware_at="2026-03-27 15:00" --because "certain only then"
expect_status 0
expect_json 2026-03-30T16:00:00+02:00 '{clocks,0,due_at}'
expect_json 2026-03-04T10:15:00+01:00 '{changed,aware_at,old}'
expect_json 2026-03-27T15:00:00+01:00 '{changed,aware_at,new}'
expect_json 4 '{version}'
expect_json_keys "attachments changed clocks measures reference reopened timeline version warnings" '{}'
amend --set aware_at="2026-03-27 16:00" --because "later still"
expect_out 'aware_at is later now than when it was registered \(Wed 2026-03-04 10:15 \+01:00\)'
amend --set aware_at="2026-03-04 10:15" --because "no, it was then"
expect_status 0
refute_out 'is later now'

# ARGUMENTS, separated by ; | WHAT IS SAID
while IFS='|' read -r words said; do
    version=$(field version)
    before=$(counts)
    IFS=';'
    # shellcheck disable=SC2086 # a list of words
    set -- $words
    unset IFS
    amend "$@"
    expect_status 2
    expect_err "$said"
    [ "$version $before" = "$(field version) $(counts)" ] || fail "$words changed something"
done <<TABLE
--set;title=x|^--set: because: is needed: why is it changed
--set;title=x;--because; |because: is needed
--set;title=;--because;x|^--set: title: is needed and cannot be taken away
--set;nature=;--because;x|nature: is needed and cannot be taken away: at least one
--set;persons_min=500;--because;x|persons_max: is less than persons_min
--set;persons_max=5;--because;x|persons_max: is less than persons_min
--set;aware_at=2099-01-01 10:00;--because;x|aware_at: lies in the future
--set;occurred_unknown=yes;--because;x|occurred_unknown: is yes while
--set;titel=x;--because;x|titel: is no field here; did you mean title
--set;severity=huge;--because;x|'huge' is no code
--set;version=99;--set;title=x;--because;x|version: is no version of $ref; 1 to
--set;version=zero;--set;title=x;--because;x|version: is no version of $ref
--set;title=Laptop;--because;x|every field of $ref has this value already
--because;x;--reopen|$ref is open: leave out --reopen
--measure;repair taken wiped|--measure: has no colon
--measure;repair: wiped|--measure: lacks its status
--measure;taken: wiped|--measure: lacks its type
--measure;repair taken:|--measure: says nothing behind the colon
--measure;repair taken yesterday: wiped|--measure: behind type and status: is not a time
--measure;repair taken 2099-01-01 10:00: wiped|--measure: what is taken lies in the past
--measure;repair taken 2025-10-26 02:30: wiped|exists twice
--timeline;something|--timeline: has no time in front
--timeline;2026-03-04 16:00|--timeline: says nothing behind the time
--timeline;2025-10-26 02:30 twice|--timeline: 2025-10-26 02:30 exists twice
--timeline;2099-01-01 10:00 later|--timeline: lies in the future
--attach;$T/nothing.pdf|--attach .*: cannot be found
--attach;$T|--attach .*: is no file
TABLE
amend --set titel=x --set persons_min=500 --measure x --timeline y --attach "$T/z"
expect_status 2
expect_err 'message="the input has 6 faults; nothing was registered"'
waarborg breach amend DL-2026-9999 --set title=x --because y
expect_status 2
expect_err 'there is no breach DL-2026-9999'
waarborg breach amend 7 --set title=x --because y
expect_status 2
waarborg breach amend --set title=x --because y
expect_status 2
expect_drafts 0

# ---- Additions ----------------------------------------------------------------------------------

echo "case: measures, timeline, attachments, in one call"
printf 'report' >"$T/re port.txt"
ln -s "$T/re port.txt" "$T/link"
amend --measure "repair taken: wiped the laptop" --measure "Proposed PREVENT 2027-12-01 09:00: encrypt: all" \
    --timeline "Wed 2026-03-04 16:00 +01:00 police" --timeline "2026-03-04T16:30:00+01:00 insurer" \
    --timeline "2026-03-04 17:00 press" --attach "$T/link" --set remarks=added --because "evening"
expect_status 0
expect_out '^  measure [0-9]+ added: repair, taken$'
expect_out "^  attached $T/re port.txt \(6 B, SHA-256 $(printf report | sha256sum | cut -c 1-16)\.\.\.\)$"
expect_sql 'PREVENT|proposed|encrypt: all|2027-12-01 08:00
REPAIR|taken|wiped the laptop|' \
    "SELECT type, status, description, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
       FROM waarborg.measure ORDER BY type"
expect_sql 'police|15:00
insurer|15:30
press|16:00' "SELECT what, to_char(at AT TIME ZONE 'UTC', 'HH24:MI') FROM waarborg.timeline ORDER BY id"
expect_sql "$T/re port.txt|$(printf report | sha256sum | cut -d ' ' -f 1)|6" \
    "SELECT path, sha256, bytes FROM waarborg.attachment"
expect_field added remarks

echo "case: additions alone need no reason, and make no version"
version=$(field version)
amend --timeline "2026-03-05 09:00 back"
expect_status 0
expect_field "$version" version

echo "case: all or nothing"
before=$(counts)
sql "CREATE FUNCTION test.refuse() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RAISE 'no'; END \$\$;
     CREATE TRIGGER refuse BEFORE INSERT ON waarborg.attachment EXECUTE FUNCTION test.refuse()"
amend --set remarks=half --because x --measure "repair taken: half" --attach "$T/link"
expect_status 3
[ "$before" = "$(counts)" ] || fail "half of it was registered"
expect_field added remarks
sql "DROP TRIGGER refuse ON waarborg.attachment"
rm -f "$drafts"/*

# ---- The editor ---------------------------------------------------------------------------------

# editor: an editor that does what stdin says, $1 being the draft and $n the round.
editor() {
    {
        echo "n=\$((\$(cat $T/rounds 2>/dev/null || echo 0) + 1)); echo \$n >$T/rounds"
        echo "set_field() { sed -i \"s|^\$2 =.*|\$2 = \$3|\" \"\$1\"; }"
        cat
    } >"$T/editor"
    rm -f "$T/rounds"
    EDITOR="sh $T/editor"
    export EDITOR
}

echo "case: it opens with the present values, and nothing changes when they come back"
editor <<ED
cp "\$1" $T/shown; set_field "\$1" because nothing
ED
version=$(field version)
amend
expect_status 2
expect_err 'every field of DL-[0-9-]+ has this value already'
expect_field "$version" version
rm -f "$drafts"/*
grep -qx 'aware_at = Wed 2026-03-04 10:15 +01:00' "$T/shown" || fail "aware_at is not shown"
grep -qx 'persons_max = 400' "$T/shown" || fail "persons_max is not shown"
grep -qx "version = $version" "$T/shown" || fail "the version is not shown"
grep -qx '    From a car.' "$T/shown" || fail "the text is not shown"

echo "case: a reason is asked for, then it is registered"
editor <<ED
case \$n in
1) set_field "\$1" title 'Two laptops' ;;
2) grep -q '^#! because: is needed' "\$1" && set_field "\$1" because 'a second one' ;;
esac
ED
amend
expect_status 0
expect_out '^  title: Laptop -> Two laptops$'
expect_field 'Two laptops' title
expect_drafts 0
expect_sql t "SELECT what_happened = E'From a car.\n\n  In Utrecht.' FROM waarborg.breach"

echo "case: --because is filled in"
editor <<ED
cp "\$1" $T/shown
ED
amend --because "as announced"
expect_status 2
grep -qx 'because = as announced' "$T/shown" || fail "the reason is not filled in"
expect_drafts 0

# ---- Two officers -------------------------------------------------------------------------------

echo "case: the second is told what changed, and keeps their text"
version=$(field version)
editor <<ED
set_field "\$1" title 'Mine'; set_field "\$1" persons_max 7000; set_field "\$1" because 'second'
"$WAARBORG" -q -c $T/waarborg.conf breach amend $ref --set title=Theirs --set remarks=new \
    --set aware_at="2026-03-04 10:30" --because "first was faster" >/dev/null 2>&1
ED
amend
expect_status 2
expect_err "^$ref was changed since you read version $version; it is version $((version + 1)) now:$"
expect_err '^  [A-Z][a-z]{2} [0-9-]+ [0-9:]+ \+0[12]:00 by .*, database role .*: first was faster$'
expect_err '^    title: Two laptops -> Theirs$'
expect_err '^    remarks: added -> new$'
expect_err '^    aware_at: Wed 2026-03-04 10:15 \+01:00 -> Wed 2026-03-04 10:30 \+01:00$'
expect_err "message=\"nothing was registered: $ref was changed meanwhile, from version $version to $((version + 1))\""
expect_field Theirs title
expect_drafts 1
draft=$(kept_draft)
grep -B2 '^title = Mine' "$draft" | grep -q '^#! title: somebody else changed it, too: Two laptops -> Theirs' ||
    fail "the draft does not show the value that was changed by both"
grep -qx 'remarks = new' "$draft" || fail "the draft would undo what the first officer changed"
[ "$(grep -c '^#!' "$draft")" -le 2 ] || fail "more than one field is shown as changed by both"
echo "case: going on with the draft"
go_on=$(sed -n 's/^  go on with: waarborg //p' "$T/err")
# shellcheck disable=SC2086 # the words that were printed
waarborg $go_on
expect_status 0
expect_out '^  title: Theirs -> Mine$'
expect_out '^  persons_max: 400 -> 7000$'
refute_out 'remarks|aware_at: '
expect_field 'Mine|new|7000' "title, remarks, persons_max"
rm -f "$draft"

echo "case: an old version in a file, and by --set"
version=$(field version)
amend --set severity=limited --because "moved on"
printf 'version = %s\nbecause = old\ntitle = Old\n' "$version" >"$T/old.conf"
amend -f "$T/old.conf"
expect_status 2
expect_err '^    severity: \(empty\) -> limited$'
expect_drafts 1
grep -qx 'version = '$((version + 1)) "$(kept_draft)" || fail "the draft is of the old version"
grep -qx 'title = Old' "$(kept_draft)" || fail "the draft has lost the change"
grep -qx 'title = Old' "$T/old.conf" || fail "the officer's own file was written"
rm -f "$drafts"/*
amend --set version="$version" --set title=Old --because x
expect_status 2
expect_field Mine title
rm -f "$drafts"/*
amend --set version=$((version + 1)) --set title=Old --because x
expect_status 0

echo "case: many at once, each without a version: all go through"
version=$(field version)
for i in 1 2 3 4 5 6; do
    "$WAARBORG" -q -c "$T/waarborg.conf" breach amend "$ref" --set "persons_max=70$i" --because "number $i" \
        --timeline "2026-03-04 10:0$i number $i" >"$T/many.$i" 2>&1 &
    harness_children="$harness_children $!"
    eval "pid_$i=\$!"
done
for i in 1 2 3 4 5 6; do
    eval "wait \"\$pid_$i\"" || fail "number $i failed: $(cat "$T/many.$i")"
done
expect_field $((version + 6)) version
expect_sql 6 "SELECT count(*) FROM waarborg.timeline WHERE what LIKE 'number %'"

# ---- Closed -------------------------------------------------------------------------------------

sql "SELECT waarborg.breach_assess('$ref', '{\"risk\": \"unlikely\", \"notify_ap\": false, \"because\": \"x\"}')" >/dev/null
amend --set consequences_description=none --because x
sql "SELECT waarborg.breach_close('$ref', 'done')" >/dev/null
editor <<ED
set_field "\$1" title never
ED
for words in '--set title=x --because y' '--timeline 2026-03-04T10:00:00Z:x' ''; do
    # shellcheck disable=SC2086 # a list of words
    amend $words
    expect_status 2
done
expect_err "$ref is closed; waarborg breach amend $ref --reopen"
expect_drafts 0
amend --reopen
expect_status 2
expect_err 'because: is needed'
amend --reopen --because "a second laptop" --timeline "2026-03-06 10:00 found" --set title=Again
expect_status 0
expect_out "^$ref is open again, version"
expect_field 'Again||' "title, closed_at, closed_because"

# ---- The database is away -----------------------------------------------------------------------

editor <<ED
set_field "\$1" remarks Kept; set_field "\$1" because evening
psql -XAtq -d postgres -c 'ALTER DATABASE "$db" ALLOW_CONNECTIONS false'
ED
amend
sql_in postgres "ALTER DATABASE \"$db\" ALLOW_CONNECTIONS true"
expect_status 3
expect_drafts 1
amend -f "$(kept_draft)"
expect_status 0
expect_out '^  remarks: new -> Kept$'

refute_log 'level=.*(Two laptops|From a car|counted again)'
waarborg breach amend --help
expect_status 0
expect_out '^Usage: waarborg breach amend REFERENCE'
