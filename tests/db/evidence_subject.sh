# evidence KEY: what happened to one subject, in every situation it can be in, as text and as JSON.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/json.sh"

small_db evidence 11
sql "UPDATE klant.agreement SET ended_on = NULL WHERE id = 2;
     UPDATE klant.agreement SET ended_on = '2020-05-01' WHERE id = 3;
     UPDATE klant.agreement SET ended_on = '2019-11-22' WHERE id = 4;
     DELETE FROM klant.payment WHERE agreement_id = 7; DELETE FROM klant.agreement WHERE id = 7;
     CREATE FUNCTION klant.stay() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN RAISE EXCEPTION ''no'' USING ERRCODE = ''23514'', CONSTRAINT = ''stays''; END';
     CREATE TRIGGER stay BEFORE DELETE ON klant.customer FOR EACH ROW WHEN (OLD.id = 6)
         EXECUTE FUNCTION klant.stay();
     CREATE TABLE klant.\"Odd \"\"one\" (land char(3), \"no\" varchar(8), PRIMARY KEY (land, \"no\"));
     CREATE TABLE klant.odd_end (land char(3), \"no\" varchar(8), ended_on date,
         FOREIGN KEY (land, \"no\") REFERENCES klant.\"Odd \"\"one\");
     CREATE INDEX ON klant.odd_end (land, \"no\");
     INSERT INTO klant.\"Odd \"\"one\" VALUES ('NL', '007'), ('NL', 'A''b\"c'), ('BE', '007');
     INSERT INTO klant.odd_end SELECT land, \"no\", CASE land WHEN 'NL' THEN date '2015-01-01' END
         FROM klant.\"Odd \"\"one\""
{
    small_policy
    cat <<'CONF'
, { name = "odd"; version = "1"; legal_basis = "test";
    subject = { table = "klant.\"Odd \"\"one\""; key = [ "land", "no" ]; };
    rules = ( { name = "odd-rule"; window = "7 years"; start = "calendar_year_end";
                clocks = ( { table = "klant.odd_end"; ends = "ended_on"; } ); } ); }
CONF
} | write_conf unsealed 'batch = 1; max_share = 1.0;'

run() {
    waarborg --as-of $AS_OF retention run "$@"
}

# Before anything happened.
waarborg migrate
expect_status 0
waarborg --as-of $AS_OF evidence 1 -p customers
expect_status 0
expect_out '^It has been due since 2022-01-02 under rule former: the next run disposes of it\.$'
expect_out '^It was never disposed of\.$'
expect_sql 0 "SELECT count(*) FROM waarborg.policy"
start_policy
waarborg --as-of $AS_OF hold add 5 -p customers -k claim -r 'letter of "claim"' --review 2027-05-22
expect_status 0
run
expect_status 1
[ "$(left)" = 2,3,4,5,6,7 ] || fail "customers $(left) are left"

segment_of() { # KEY: the newest segment that has it
    waarborg --json --as-of $AS_OF evidence "$1" -p customers
    sed -n 's/.*"segment": "\([0-9a-f]*\)".*/\1/p' "$T/out" | tail -n 1
}
put_back() {
    waarborg --as-of $AS_OF archive restore "$(segment_of "$1")" --subject "$1" --reason 'her mother asked'
    expect_status 0
}
put_back 8
put_back 9
hold=$(sql "SELECT id FROM waarborg.hold WHERE subject_key = '{9}'")
waarborg hold release "$hold" --reason 'done'
expect_status 0
run
expect_status 1
[ "$(left)" = 2,3,4,5,6,7,8 ] || fail "customers $(left) are left"
waarborg --as-of $AS_OF hold add 11 -p customers -k complaint -r 'tax office'
expect_status 0
archive_hold=$(sql "SELECT id FROM waarborg.hold WHERE reference IS NOT NULL")

# One segment is past its term: made so by its date, in ledger and journal alike.
ten=$(segment_of 10)
sql "UPDATE waarborg.segment SET created_at = created_at - interval '1 year' WHERE id = '$ten'"
waarborg archive expire
expect_status 0
expect_sql 1 "SELECT count(*) FROM waarborg.segment WHERE destroyed_at IS NOT NULL"
sql "UPDATE waarborg.segment SET created_at = created_at + interval '1 year' WHERE id = '$ten'"

# STATUS ~ arguments ~ line of the text ~ ... ~ PATH=VALUE of the JSON ~ ...
cases() {
    while IFS='|' read -r code arguments lines values; do
        [ -n "$code" ] || continue
        echo "case: $arguments"
        eval "waarborg --as-of=$AS_OF evidence $arguments" </dev/null
        expect_status "$code"
        echo "$lines" | tr '~' '\n' >"$T/lines"
        while read -r line; do
            expect_out "$line"
        done <"$T/lines"
        eval "waarborg --as-of=$AS_OF --json evidence $arguments" </dev/null
        expect_status "$code"
        expect_json_keys 'as_of breaches disposals due_on faults holds in_database kept_until notes policy reason reference returned rule since state subject_table' '{}'
        echo "$values" | tr '~' '\n' >"$T/values"
        while IFS='=' read -r path value; do
            expect_json "$value" "{$path}"
        done <"$T/values"
    done
}
today=$(TZ=Europe/Amsterdam date +%F)
kept=$(sql "SELECT (date '$today' + 90)")
sed "s/TODAY/$today/g; s/KEPT/$kept/g; s/HELD/$archive_hold/g" >"$T/cases" <<'CASES'
0|2 -p customers|^It is in the database\.$~^Rule former keeps it: a clock of the rule has not ended yet~^It was never disposed of\.$|in_database=true~state=running~rule=former~due_on=null
0|3 -p customers|^Rule former keeps it until 2027-05-01; it is due on 2027-05-02\.$|state=kept~kept_until=2027-05-01~due_on=2027-05-02
0|4 -p customers|^Rule former keeps it until 2026-11-22; it is due on 2026-11-23\.$|state=kept~kept_until=2026-11-22
0|5 -p customers|^Rule former has let it go since 2022-01-02, but it is held\.$~^Hold 1 \(claim\) since TODAY, review on 2027-05-22: letter of "claim"$|state=held~holds,0,hold=1~holds,0,review_on=2027-05-22~holds,0,archive=false
0|6 -p customers|^Rule former has let it go since 2022-01-02, but it could not go, since TODAY: 23514|state=blocked~due_on=2022-01-02
0|7 -p customers|^No rule of the policy speaks of it|state=uncovered~reason=no rule
0|1 -p customers|^It is not in the database\.$~^Disposed of on TODAY by run 1 under rule former of policy customers, due since 2022-01-02\.$~^  Its archive, segment [0-9a-f]{16}, is there and is kept until KEPT\.$~^  Confirmed outside the database|in_database=false~state=gone~disposals,0,confirmed=true~disposals,0,archive=present~disposals,0,in_ledger=true~disposals,0,kept_until=KEPT~disposals,0,archive_held=false~disposals,1=absent~faults,0=absent
0|" 001 " -p customers|^Disposed of on TODAY by run 1|disposals,0,confirmed=true
0|8 -p customers|^Rule former has let it go since 2022-01-02, but it is held\.$~^Hold [0-9]+ \(other\) since TODAY, review on .*: restored: her mother asked$~^  Restored on TODAY by .* \(system user .*\): her mother asked$|state=held~in_database=true~disposals,0,restores,0,reason=her mother asked~disposals,0,restores,0,whole_segment=false
0|9 -p customers|^It is not in the database\.$~^Disposed of on TODAY by run 1 ~^Disposed of on TODAY by run 3 ~^  Restored on TODAY|disposals,0,confirmed=true~disposals,1,confirmed=true~disposals,1,restores=[]~disposals,2=absent
0|10 -p customers|^  Its archive, segment [0-9a-f]{16}, was destroyed on TODAY\.$~^  Confirmed outside|disposals,0,archive=destroyed~disposals,0,confirmed=true
0|11 -p customers|^  Its archive, segment [0-9a-f]{16}, is there and is kept until KEPT; it is held\.$~^The archive is held: hold HELD \(complaint\) since TODAY, no review: tax office$|holds,0,archive=true~holds,0,hold=HELD~disposals,0,archive_held=true
0|12 -p customers|^It was never here, or had another key|state=not-found~in_database=false~disposals=[]~holds=[]
0|-p customers -- -5|^It was never here, or had another key|state=not-found
0|NL 007 -p odd|^Subject of klant\."Odd ""one" \(policy odd\)~^Disposed of on TODAY by run 2 under rule odd-rule of policy odd, due since 2023-01-01\.$~^  Confirmed|disposals,0,confirmed=true~subject_table=klant."Odd ""one"
0|'NL ' "A'b\"c" -p odd|^Disposed of on TODAY by run 2|disposals,0,confirmed=true
0|BE 007 -p odd|^Rule odd-rule keeps it: a clock of the rule has not ended yet|state=running
0|NL 7 -p odd|^It was never here|disposals=[]
0|NL 0123456789 -p odd|^It was never here|reference=null~state=not-found
CASES
cases <"$T/cases"

# An end so late that no timestamp holds the end of its window.
sql "UPDATE klant.agreement SET ended_on = '5874897-12-31' WHERE id = 4"
cases <<'CASES'
0|4 -p customers|^Rule former keeps it until after the year 9999\.$|state=kept~kept_until=null~due_on=null
CASES
sql "UPDATE klant.agreement SET ended_on = '2019-11-22' WHERE id = 4"

# Refused: STATUS | message | arguments
while IFS='|' read -r code sentence arguments; do
    echo "case: $arguments"
    eval "waarborg evidence $arguments" </dev/null
    expect_status "$code"
    expect_err "event=evidence\.failed .*$sentence"
    [ ! -s "$T/out" ] || fail "no output was expected"
done <<'CASES'
2|a word of the key is no value of its column|Jansen -p customers
2|a word of the key is no value of its column|99999999999999999999 -p customers
2|a word of the key is no value of its column|-p customers -- verify
2|named by 1 word \(id\), 0 were given|-p customers
2|named by 2 words \(land, no\), 1 was given|NL -p odd
2|customers, odd|1
2|custmers|1 -p custmers
CASES
refute_log 'Jansen|9999999|NL 007|A.b'

# Words that could be a command.
waarborg evidence --help
expect_status 0
expect_out '^Usage: waarborg evidence KEY'
expect_out '^  evidence verify  '
waarborg evidence verify
expect_status 0
expect_out ': the evidence holds\.$'

# Another reference key finds nobody.
cp "$T/reference.key" "$T/reference.good"
tr 0-9 1-90 <"$T/reference.good" >"$T/reference.key"
waarborg evidence 1 -p customers
expect_status 4
expect_err 'is not the one that the journal began with'
cp "$T/reference.good" "$T/reference.key"

# What does not agree outside the database.  LINE | PATH=VALUE | damage
mkdir "$T/good"
cp -a "$T/archive" "$T/journal.jsonl" "$T/good/"
file=$T/archive/$(sql "SELECT s.file FROM waarborg.segment AS s WHERE s.id = '$(segment_of 1)'")
while IFS='|' read -r line value damage; do
    echo "case: $damage"
    rm -rf "$T/archive"
    cp -a "$T/good/archive" "$T/good/journal.jsonl" "$T/"
    eval "$damage"
    waarborg evidence 1 -p customers
    expect_status 4
    expect_out "^Does not agree: .*$line"
    waarborg --json evidence 1 -p customers
    expect_status 4
    expect_json "${value#*=}" "{${value%%=*}}"
done <<'CASES'
manifest\.json is not there|disposals,0,in_manifest=false|rm "$file.manifest.json"
neither its file nor its manifest|disposals,0,archive=file missing|rm "$file".*
its file is not there|disposals,0,archive=file missing|rm "$file.sql.gz"
SHA-256 that stands in the ledger|disposals,0,confirmed=false|sed -i 's/"due_on":"20/"due_on":"19/' "$file.manifest.json"
journal .* is not there|disposals,0,in_journal=false|rm "$T/journal.jsonl"
journal .*, line 2|disposals,0,in_journal=false|sed -i '1s/"at":"20/"at":"19/' "$T/journal.jsonl"
cannot read directory|disposals,0,in_manifest=false|rm -r "$T/archive"
CASES
rm -rf "$T/archive"
cp -a "$T/good/archive" "$T/good/journal.jsonl" "$T/"

# A disposal record that somebody removed.
one=$(segment_of 1)
sql "CREATE TABLE public.kept AS SELECT * FROM waarborg.disposal WHERE segment_id = '$one';
     DELETE FROM waarborg.disposal WHERE segment_id = '$one'"
waarborg evidence 1 -p customers
expect_status 4
expect_out 'its manifest names this subject, the ledger does not: a disposal record was removed'
sql "INSERT INTO waarborg.disposal SELECT * FROM public.kept; DROP TABLE public.kept"

# One that stands at another segment.
sql "UPDATE waarborg.disposal SET segment_id = '$ten' WHERE segment_id = '$one'"
waarborg evidence 1 -p customers
expect_status 4
expect_out "^Does not agree: $ten: its manifest does not name this subject, the ledger does"
waarborg --json evidence 1 -p customers
reference=$(sed -n 's/.*"reference": "\([0-9a-f]*\)".*/\1/p' "$T/out")
sql "UPDATE waarborg.disposal SET segment_id = '$one' WHERE reference = decode('$reference', 'hex')"

# A database that was restored to an earlier point: the archive knows better.
new_db_from "$db" earlier
earlier=$db
db=${db%earlier}evidence
sql "UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id = 3"
run
expect_status 1
segment_of 3 >/dev/null
expect_json true '{disposals,0,confirmed}'
db=$earlier
sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
waarborg --as-of $AS_OF evidence 3 -p customers
expect_status 4
expect_out '^It is in the database\.$'
expect_out '^Rule former keeps it until 2027-05-01'
expect_out "^Disposed of on 20[0-9-]* by run [0-9]+ under rule former of policy customers, due since 2022-01-02\.$"
expect_out '^  The ledger does not know of this; the archive does: see below\.$'
expect_out '^Does not agree: [0-9a-f]{16}: manifest and journal say that this subject was disposed of'
waarborg --as-of $AS_OF --json evidence 3 -p customers
expect_status 4
expect_json false '{disposals,0,in_ledger}'
expect_json true '{disposals,0,in_journal}'
expect_json absent '{disposals,1}'
waarborg --as-of $AS_OF evidence 1 -p customers
expect_status 0
waarborg hold add 3 -p customers -k claim -r "placed again"
run --re-erase
waarborg --as-of $AS_OF evidence 3 -p customers
expect_out '; this subject is there again and could not go: waarborg retention run --re-erase tries again\.$'
waarborg hold release "$(sql 'SELECT max(id) FROM waarborg.hold')" -r settled
run --re-erase
waarborg --as-of $AS_OF evidence 3 -p customers
expect_out '^The database was restored to an earlier point, which was noticed on '
waarborg evidence verify
expect_status 0
refute_evidence 'Jansen|A.b'
