# Holds on subjects that were disposed of: placed, listed, released, told to the journal; refused where
# the evidence does not hold.  What they are for is in expire_cases.sh and expire_races.sh.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/json.sh"
. "$ROOT/tests/harness/expiry.sh"

journal_has() { # EVENT MEMBERS..., as they stand in the line
    event=$1
    shift
    line=$(grep "\"event\":\"$event\"" "$T/journal.jsonl" | tail -n 1)
    for member; do
        case $line in
        *"$member"*) ;;
        *) fail "the last line '$event' lacks $member: $line" ;;
        esac
    done
}

reference_in() { # SEGMENT: of one of its subjects, which are neighbours
    sql "SELECT encode(reference, 'hex') FROM waarborg.disposal WHERE segment_id = '$1'"
}

# Nobody was disposed of yet: the sentence there has always been.
small_db holds 6
small_conf 'batch = 2;'
waarborg hold add 4711 --kind claim --reason dossier
expect_status 1
expect_err 'sqlstate=WB001 message="this subject is not in table klant\.customer .any more.: it has been disposed of, or was never there; no hold was placed"'
[ ! -e "$T/journal.jsonl" ] || fail "there is a journal"
waarborg hold add 6 --kind request --reason dossier
expect_status 0
night
expect_status 0
[ "$(left)" = 6 ] || fail "customers $(left) are left"
remember_segments 3

# Placed on the archive.
waarborg hold add 1 --kind claim --reason 'dossier "A"' --review 2099-01-01
expect_status 0
expect_out '^This subject of klant\.customer has been disposed of\.$'
expect_out "^Hold 2 \(claim\) is placed on its archive and keeps segment $segment_1; review on 2099-01-01\.$"
expect_err 'event=hold\.add\.done hold=2 policy=customers kind=claim segments=1$'
reference=$(sql "SELECT encode(reference, 'hex') FROM waarborg.hold WHERE id = 2")
reference_in "$segment_1" | grep -qx "$reference" || fail "it is not a reference of that segment"
expect_sql 'klant.customer|{id}||claim|dossier "A"|2099-01-01' \
    "SELECT subject_table, key_columns, subject_key, kind, reason, review_on FROM waarborg.hold WHERE id = 2"
journal_has hold '"hold":2' '"policy":"customers"' "\"reference\":\"$reference\"" '"kind":"claim"' \
    '"review_on":"2099-01-01"'
waarborg --json hold add 001 --kind other --reason dossier
expect_status 0
expect_json_keys 'hold kind policy reference review_on segments subject_table' '{}'
expect_json "[\"$segment_1\"]" '{segments}'
expect_json "$reference" '{reference}'
waarborg archive verify
expect_status 0

# Listed: a reference instead of a key.
waarborg hold list
expect_status 0
expect_out "^2 +klant\.customer  -  +$(echo "$reference" | cut -c 1-12)  $segment_1  claim  "
expect_out '^1 +klant\.customer  6  +-  +-  +request  '
refute_out "$reference"
waarborg --json --as-of 2099-01-01 hold list --policy customers
expect_status 1
expect_json "$reference" '{holds,1,reference}'
expect_json "[\"$segment_1\"]" '{holds,1,segments}'
expect_json null '{holds,1,subject_key}'
expect_json true '{holds,1,review_due}'
expect_json null '{holds,0,reference}'

# The nights go on: such a hold is nobody's in the tables, and no fault; also when its policy is gone.
sql "UPDATE waarborg.hold SET review_on = NULL"
night
expect_status 0
expect_sql 'held|1' "SELECT state, count(*) FROM waarborg.worklist GROUP BY state"
waarborg check
expect_status 0
sql "UPDATE waarborg.hold SET subject_table = 'klant.gone' WHERE id = 2"
night
expect_status 0
sql "UPDATE waarborg.hold SET subject_table = 'klant.customer' WHERE id = 2"
# And when nobody is left in the table.
waarborg hold release 1 --reason answered
night
expect_status 0
[ "$(left)" = '' ] || fail "customers $(left) are left"
night
expect_status 0
[ "$(grep -c '"event":"release"' "$T/journal.jsonl")" -eq 0 ] || fail "a hold on a living subject is no matter of the journal"

# Released.
waarborg hold release 2 --reason settled
expect_status 0
expect_out '^Hold 2 \(claim\) on an archived subject in klant\.customer is released\.$'
journal_has release '"hold":2' "\"reference\":\"$reference\""
waarborg hold release 2 --reason settled
expect_status 2
expect_err 'hold 2 was already released'
[ "$(grep -c '"event":"release"' "$T/journal.jsonl")" -eq 1 ] || fail "one line was expected"
waarborg --json hold release 3 --reason settled
expect_status 0
expect_json "$reference" '{reference}'
waarborg hold list
expect_out '^There are no active holds\.$'
waarborg --json hold list --all
expect_json "$reference" '{holds,1,reference}'

# Disposed of, restored, disposed of again: the hold keeps both segments.
waarborg archive restore "$segment_2" --subject 3 --reason test
expect_status 0
waarborg hold add 3 --kind claim --reason dossier
expect_status 0
expect_out '^Hold [0-9]+ \(claim\) is placed on the subject in klant\.customer\.$'
sql "UPDATE waarborg.hold SET released_at = now(), released_by = 'x', release_reason = 'x' WHERE released_at IS NULL"
night
expect_status 0
waarborg hold add 3 --kind claim --reason dossier --review 2099-01-01
expect_status 0
expect_out "and keeps segments $segment_2, [0-9a-f]+; review on 2099-01-01\.$"
hold=$(sql "SELECT max(id) FROM waarborg.hold")
waarborg --as-of "$(after 91)" archive expire --rehearsal
expect_status 0
expect_sql "2|$hold" "SELECT count(*), $hold FROM waarborg.segment WHERE destroyed_at IS NULL"
waarborg hold list
expect_out "  $segment_2, [0-9a-f]+  "
waarborg --json --as-of 2099-01-01 archive expire --dry-run
expect_status 1
expect_json 2 '{kept}'
expect_json 1 '{reviews_due}'

# Too late, and never.
waarborg hold add 1 --kind claim --reason dossier
expect_status 1
expect_err 'sqlstate=WB006 message="this subject is not in table klant\.customer \(any more\), and its archive was destroyed at 20[0-9-]+T[0-9:]+[+]0[12]:00; no hold was placed"'
waarborg hold add 4711 --kind claim --reason dossier
expect_status 1
expect_err 'sqlstate=WB005 message=".*no segment of the archive has it: it was never there, or its key is written otherwise; no hold was placed"'
expect_sql "$hold" "SELECT max(id) FROM waarborg.hold"

# Killed between COMMIT and line: the next run writes it, once.
if grep -q 'journal\.locked' "$WAARBORG"; then
    for command in 'hold add 3 --kind other' "hold release $hold"; do
        event=$(echo "$command" | cut -d' ' -f2 | sed 's/add/hold/')
        before=$(grep -c "\"event\":\"$event\"" "$T/journal.jsonl")
        # shellcheck disable=SC2086 # words
        WAARBORG_FAULT_POINT=journal.locked waarborg_start $command --reason dossier
        waarborg_wait
        [ "$status" -eq 137 ] || fail "it was not killed"
        [ "$(grep -c "\"event\":\"$event\"" "$T/journal.jsonl")" -eq "$before" ] || fail "there is a line"
        for _ in 1 2; do
            night
            expect_status 0
            [ "$(grep -c "\"event\":\"$event\"" "$T/journal.jsonl")" -eq $((before + 1)) ] ||
                fail "one more line '$event' was expected"
        done
    done
    hold=$(sql "SELECT max(id) FROM waarborg.hold")
fi

# The evidence does not hold: refused before anything is placed or released.
refused() { # STATUS REGEX
    for command in 'hold add 3 --kind claim --reason dossier' "${3:-hold release $hold --reason x}"; do
        # shellcheck disable=SC2086 # words
        waarborg $command
        expect_status "$1"
        expect_err "$2"
        expect_sql "$hold t" "SELECT max(id) || ' ' || bool_or(released_at IS NULL AND id = $hold)::text::char
                              FROM waarborg.hold"
    done
}
mv "$T/journal.jsonl" "$T/journal.away"
refused 4 'journal.*journal\.jsonl'
[ ! -e "$T/journal.jsonl" ] || fail "a journal was begun anew"
sed '2s/segment/Segment/' "$T/journal.away" >"$T/journal.jsonl"
waarborg hold add 3 --kind claim --reason dossier
expect_status 4
expect_err 'message="journal'
mv "$T/journal.away" "$T/journal.jsonl"
cp "$T/reference.key" "$T/reference.kept"
echo 1111111111111111111111111111111111111111111111111111111111111111 >"$T/reference.key"
refused 4 'reference\.key is not the one that the journal began with' 'hold add 4711 --kind claim --reason x'
rm "$T/reference.key"
refused 2 'cannot read evidence\.reference_key' 'hold add 4711 --kind claim --reason x'
# A hold on somebody who is there needs neither.
mv "$T/journal.jsonl" "$T/journal.away"
sql "INSERT INTO klant.customer VALUES (99, 'Jansen')"
waarborg hold add 99 --kind claim --reason dossier
expect_status 0
waarborg hold release $((hold + 1)) --reason x
expect_status 0
mv "$T/journal.away" "$T/journal.jsonl"
mv "$T/reference.kept" "$T/reference.key"
waarborg hold release "$hold" --reason x
expect_status 0
refute_log 'dossier|Jansen|4711'
refute_evidence 'dossier|Jansen|4711'
