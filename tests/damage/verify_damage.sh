# archive verify: a table of damages.  Each is done to a whole archive of several segments, and must
# be found, named and answered with its exit code.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/json.sh"
. "$ROOT/tests/harness/chain.sh"

as_of=2026-11-22
new_demo_db verify
demo_policy | write_conf sealed 'batch = 2; max_share = 1.0;'
waarborg migrate
expect_status 0
waarborg --as-of $as_of retention approve
expect_status 0
waarborg --as-of $as_of retention run
mkdir "$T/good"
cp -a "$T/archive" "$T/journal.jsonl" "$T/good/"

# Base names of the first three segments in the order of the chain, and of the last.
# shellcheck disable=SC2046 # a list of words
set -- $(sql "SELECT file FROM waarborg.segment ORDER BY chain_no")
[ $# -ge 4 ] || fail "the demo gave $# segments, four are needed"
total=$#
first=$T/archive/$1 second=$T/archive/$2 third=$T/archive/$3
second_id=$(sql "SELECT id FROM waarborg.segment WHERE chain_no = 2")
third_id=$(sql "SELECT id FROM waarborg.segment WHERE chain_no = 3")
last=$T/archive/$(sql "SELECT file FROM waarborg.segment ORDER BY chain_no DESC LIMIT 1")
month=$T/archive/${1%%/*}

# Another key, for nobody's segment; and what is no key.
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$T/other.key" 2>/dev/null
echo 'no key' >"$T/no.key"

# flip FILE OFFSET: one bit; a negative offset counts from the end.
flip() {
    at=$2
    [ "$at" -ge 0 ] || at=$(($(stat -c %s "$1") + at))
    byte=$(od -An -tu1 -j "$at" -N 1 "$1" | tr -d ' ')
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf %03o $((byte ^ 16)))" | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
}

swap() {
    mv "$1" "$T/swap" && mv "$2" "$1" && mv "$T/swap" "$2"
}

# Rewrites a file in place with sed, and insists that something has changed.
edit() { # FILE SED-SCRIPT
    sed "$2" "$1" >"$T/edited"
    ! cmp -s "$1" "$T/edited" || fail "the edit changes nothing: $2"
    cat "$T/edited" >"$1"
}

whole_again() {
    rm -rf "$T/archive"
    cp -a "$T/good/archive" "$T/good/journal.jsonl" "$T/"
}

# STATUS ~ a line of output or messages that must be there ~ lines about faults, - = any ~
# damage ~ arguments of verify.  %2, %3: ids of the second and third segment.
while IFS='~' read -r code sentence count damage arguments; do
    [ -n "$code" ] || continue
    echo "case: $damage :: $arguments"
    whole_again
    sentence=$(echo "$sentence" | sed "s/%2/$second_id/g; s/%3/$third_id/g")
    eval "$damage"
    arguments=$(echo "$arguments" | sed "s/%2/$second_id/g; s/%3/$third_id/g")
    eval "waarborg archive verify $arguments" </dev/null
    expect_status "$code"
    cat "$T/out" "$T/err" | grep -qE -e "$sentence" || fail "nothing says: $sentence"
    [ "$count" = - ] || expect_out ", $count faults?\.$"
done <<'CASES'
0~all hold~-~:~
0~Sealed rows were not looked at~-~:~
0~, every row\.$~-~:~--key "$T/fg.key"
0~all hold~-~:~%2
0~all hold~-~:~--dir "$T/archive"
0~, journal, every row\.$~-~:~--dir "$T/archive" --journal "$T/journal.jsonl" --key "$T/fg.key"
4~^%2: .* does not have the SHA-256 that stands in its manifest~1~flip "$second.sql.gz.cms" 0~
4~^%2: .* does not have the SHA-256 that stands in its manifest~1~flip "$second.sql.gz.cms" 40~
4~^%2: .* does not have the SHA-256 that stands in its manifest~1~flip "$second.sql.gz.cms" 200~
4~^%2: .* does not have the SHA-256 that stands in its manifest~1~flip "$second.sql.gz.cms" -400~--key "$T/fg.key"
4~^%2: .* does not have the SHA-256 that stands in its manifest~1~flip "$second.sql.gz.cms" -10~--dir "$T/archive"
4~^%2: .* does not have the SHA-256 that stands in its manifest~1~flip "$second.sql.gz.cms" -1~
4~^%2: .* has [0-9]+ bytes, its manifest says~1~truncate -s -1 "$second.sql.gz.cms"~
4~^%2: .* has 0 bytes, its manifest says~1~truncate -s 0 "$second.sql.gz.cms"~--key "$T/fg.key"
4~^%2: .* has [0-9]+ bytes, its manifest says~1~echo >>"$second.sql.gz.cms"~
4~^%2: .*(SHA-256 that stands in its manifest|bytes, its manifest says)~2~swap "$second.sql.gz.cms" "$third.sql.gz.cms"~
4~^%2: .* is the manifest of segment %3~2~swap "$second.manifest.json" "$third.manifest.json"~
4~^%3: .* is the manifest of segment %2~2~swap "$second.manifest.json" "$third.manifest.json"; swap "$second.sql.gz.cms" "$third.sql.gz.cms"~--dir "$T/archive"
4~^%2: .*manifest\.json is not there~1~rm "$second.manifest.json"~
4~^%2: .*sql\.gz\.cms is not there~1~rm "$second.sql.gz.cms"~
4~^%2: the ledger has it, but neither its file nor its manifest is there~1~rm "$second".*~
4~^chain from number 2: 1 manifest~1~rm "$second".*~--dir "$T/archive"
4~^chain from number 1: 2 manifest~1~rm "$first".* "$second".*~--dir "$T/archive"
4~^%2: the journal has it, but neither~2~rm "$second".*~--dir "$T/archive" --journal "$T/journal.jsonl"
4~^%2: its manifest does not have the SHA-256 that stands in the ledger~1~edit "$second.manifest.json" 's/"due_on":"20/"due_on":"19/'~
4~^%2: its manifest does not have the SHA-256 that stands in the ledger~1~echo >>"$second.manifest.json"~
4~^%2: its manifest does not have the SHA-256 that the manifest of the next segment, %3, gives~1~edit "$second.manifest.json" 's/"due_on":"20/"due_on":"19/'~--dir "$T/archive"
0~all hold~-~edit "$last.manifest.json" 's/"due_on":"20/"due_on":"19/'~--dir "$T/archive"
4~: its manifest does not have the SHA-256 that stands in the journal~1~edit "$last.manifest.json" 's/"due_on":"20/"due_on":"19/'~--dir "$T/archive" --journal "$T/journal.jsonl"
4~^%2: .*manifest: no JSON object~1~truncate -s -5 "$second.manifest.json"~
4~^%2: .*manifest: no JSON object~1~truncate -s 0 "$second.manifest.json"~--dir "$T/archive"
4~^%2: .*manifest: previous_sha256 is no SHA-256~1~edit "$second.manifest.json" 's/"previous_sha256":"/&x/'~
4~^%2: .*manifest: format 9 is unknown here~1~edit "$second.manifest.json" 's/"format":1/"format":9/'~
4~: it has number 2 of the chain, as segment ~-~edit "$third.manifest.json" 's/"chain_no":3/"chain_no":2/'~--dir "$T/archive"
4~/notes\.txt: it is no part of an archive~1~echo x >"$month/notes.txt"~
4~^stray: it is no part of an archive~1~mkdir "$T/archive/stray"~--dir "$T/archive"
4~: .* is the manifest of segment %2~1~cp "$second.manifest.json" "$month/20200101T000000Z-00000000000000ff.manifest.json"~
4~^00000000000000ff: .*manifest\.json is not there~1~cp "$second.sql.gz.cms" "$month/20200101T000000Z-00000000000000ff.sql.gz.cms"~
0~all hold~-~echo x >"$month/.x.sql.gz.cms.tmp"~
4~^%2: open ~1~mv "$second.sql.gz.cms" "$T/moved.cms"; ln -s "$T/moved.cms" "$second.sql.gz.cms"~
4~^%3: .* is not there~2~rm "$third.sql.gz.cms"; flip "$second.sql.gz.cms" 200~
4~^%3: .* is not there~1~rm "$third.sql.gz.cms"; flip "$second.sql.gz.cms" 200~%3
0~all hold~-~rm "$third.sql.gz.cms"~%2
2~key .*(none of|recipient)~-~:~--key "$T/other.key"
2~no\.key~-~:~--key "$T/no.key"
2~missing\.key~-~:~--key "$T/missing.key"
2~holds no segment 'ffff'~-~:~ffff
2~segments begin with '20'~-~:~20
2~cannot read directory .*/nowhere~-~:~--dir "$T/nowhere"
2~others may reach it: run .chmod 0700~-~chmod 755 "$T/archive"~
4~^journal .*not there~1~rm "$T/journal.jsonl"~
4~^journal .*, line 3~1~edit "$T/journal.jsonl" '2s/"rows":/"rows":1/'~
4~the journal has no line about it~1~sed '$d' "$T/good/journal.jsonl" | sed '$d' >"$T/journal.jsonl"~
0~0 segment~-~rm -r "$T/archive"; mkdir "$T/archive"~--dir "$T/archive"
4~: the ledger has it, but neither its file nor its manifest is there~-~rm -r "$T/archive"; mkdir -m 700 "$T/archive"~
CASES

# What the ledger says, and what is said about it.  STATUS is always 4.
# REGEX | damage in SQL, undone by putting the database back
whole_again
sql 'CHECKPOINT'
intact=$db
while IFS='|' read -r sentence damage; do
    [ -n "$sentence" ] || continue
    echo "case: $damage"
    new_db_from "$intact" ledger
    sed "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf" >"$T/ledger.conf"
    sentence=$(echo "$sentence" | sed "s/%2/$second_id/g; s/%3/$third_id/g")
    sql "SET session_replication_role = replica; $(echo "$damage" | sed "s/%2/$second_id/g")"
    status=0
    "$WAARBORG" -c "$T/ledger.conf" archive verify >"$T/out" 2>"$T/err" || status=$?
    last_command="archive verify after $damage"
    expect_status 4
    expect_out "$sentence"
    sql_in postgres "DROP DATABASE \"$db\""
done <<'CASES'
^%2: the ledger describes it otherwise|UPDATE waarborg.segment SET rows = rows + 1 WHERE id = '%2'
^%2: the ledger describes it otherwise|UPDATE waarborg.segment SET subjects = subjects + 1 WHERE id = '%2'
^%2: the ledger describes it otherwise|UPDATE waarborg.segment SET sha256 = repeat('a', 64) WHERE id = '%2'
^%2: the ledger describes it otherwise|UPDATE waarborg.segment SET bytes = bytes + 1 WHERE id = '%2'
^%2: its manifest does not have the SHA-256 that stands in the ledger|UPDATE waarborg.segment SET manifest_sha256 = repeat('a', 64) WHERE id = '%2'
^%2: the ledger gives it another place|UPDATE waarborg.segment SET previous_sha256 = repeat('a', 64) WHERE id = '%2'
^%2: the ledger has it as |UPDATE waarborg.segment SET file = file || '0' WHERE id = '%2'
^%2: the ledger has not one disposal record|DELETE FROM waarborg.disposal WHERE segment_id = '%2' AND ctid IN (SELECT min(ctid) FROM waarborg.disposal WHERE segment_id = '%2')
^%2: the ledger \(segment_table\) lists other tables|DELETE FROM waarborg.segment_table WHERE segment_id = '%2' AND member = 1
^%2: the ledger says it was destroyed, but the file is there|UPDATE waarborg.segment SET destroyed_at = created_at WHERE id = '%2'
^ledger: the end of the chain|UPDATE waarborg.chain SET head_no = head_no + 1
^ledger: the end of the chain|UPDATE waarborg.chain SET manifest_sha256 = repeat('a', 64)
^%2: the journal has it, the ledger has not: the database was restored|DELETE FROM waarborg.segment WHERE id = '%2'
CASES
db=$intact

# The JSON, with a fault.
rm "$second.sql.gz.cms"
waarborg --json archive verify
expect_status 4
expect_json_keys "bytes destroyed faults opened segments unopened with_key" '{}'
expect_json "$total" '{segments}'
expect_json "$second_id" '{faults,0,place}'
expect_json false '{with_key}'
whole_again

# A destroyed segment leaves its manifest: in order.
sql "UPDATE waarborg.segment SET destroyed_at = created_at WHERE id = '$second_id'"
rm "$second.sql.gz.cms"
waarborg archive verify --key "$T/fg.key"
expect_status 4
expect_out "^$second_id: the ledger says it was destroyed, the journal has no line"
sha256=$(sql "SELECT sha256 FROM waarborg.segment WHERE id = '$second_id'")
chain_add "$T/journal.jsonl" expire "\"segment\":\"$second_id\",\"sha256\":\"$sha256\""
waarborg archive verify --key "$T/fg.key"
expect_status 0
expect_out ', every row that is left\.$'
waarborg archive verify --dir "$T/archive" --journal "$T/journal.jsonl"
expect_status 0
waarborg archive verify --dir "$T/archive"
expect_status 4
expect_out "^$second_id: .*sql\.gz\.cms is not there"
sql "UPDATE waarborg.segment SET destroyed_at = NULL WHERE id = '$second_id'"
waarborg archive verify
expect_status 4
expect_out "^$second_id: the journal says it was destroyed, the ledger does not"
