# The audit log, damaged by somebody who owns the database and knows how to switch triggers off: what
# does evidence verify say?
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db before 3
small_policy | write_conf unsealed
start_policy
waarborg hold add 1 --kind claim --reason "letter of claim"
expect_status 0
night
expect_status 0
waarborg hold release 1 --reason settled
expect_status 0
cp -r "$T/archive" "$T/archive.kept"
cp "$T/journal.jsonl" "$T/journal.kept"
source_db=$db

# Without writing: a verification that is recorded is a line of the log itself.
export PGOPTIONS='-c default_transaction_read_only=on'
waarborg evidence verify
unset PGOPTIONS
expect_status 0
expect_out 'audit log: each of its 3 lines'

fields='a.at, a.db_role, a.os_user, a.action, a.object, a.breach, a.reason, a.old, a.new'
right_digest="encode(sha256(convert_to(waarborg.audit_bytes(a), 'UTF8')), 'hex')"

# Exit code ~ how many faults ~ a line of the output ~ what is done
while IFS='~' read -r code faults sentence damage; do
    case $code in '' | '#'*) continue ;; esac
    number=$((${number:-0} + 1))
    new_db_from "$source_db" "d$number"
    sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
    rm -rf "$T/archive" "$T/journal.jsonl"
    cp -r "$T/archive.kept" "$T/archive"
    cp "$T/journal.kept" "$T/journal.jsonl"
    sql "ALTER TABLE waarborg.audit DISABLE TRIGGER ALL; ALTER TABLE waarborg.audit_head DISABLE TRIGGER ALL"
    sql "$damage" >/dev/null || fail "cannot do $damage"
    waarborg evidence verify --json
    expect_status "$code"
    found=$(python3 -c 'import json, sys
for f in json.load(sys.stdin)["faults"]:
    print(f["kind"] + ": " + f["fault"])' <"$T/out")
    [ "$(printf '%s' "$found" | grep -c .)" -eq "$faults" ] ||
        fail "expected $faults faults after $damage, got: $found"
    [ "$faults" -eq 0 ] || printf '%s\n' "$found" | grep -qE "^audit: $sentence" ||
        fail "expected $sentence after $damage, got: $found"
done <<DAMAGES
0~0~~SELECT 1
4~1~line 2 was changed~UPDATE waarborg.audit SET reason = 'another' WHERE seq = 2
4~1~line 2 was changed~UPDATE waarborg.audit SET recorded_at = recorded_at + interval '1 microsecond' WHERE seq = 2
4~1~line 2 was changed~UPDATE waarborg.audit SET os_user = NULL WHERE seq = 2
4~1~line 2 was changed~UPDATE waarborg.audit SET old = '', new = old WHERE seq = 2
# a length moved from one field to its neighbour
4~1~line 2 was changed~UPDATE waarborg.audit SET action = 'inser', object = 't' || object WHERE seq = 2
4~1~line 2 does not follow~DELETE FROM waarborg.audit WHERE seq = 1
4~2~line 3 does not follow~DELETE FROM waarborg.audit WHERE seq = 2
4~1~line 3 is noted as the end~DELETE FROM waarborg.audit WHERE seq = 3
4~1~line 2 is noted as the end~UPDATE waarborg.audit_head SET seq = 2
4~1~line 0 is noted as the end~UPDATE waarborg.audit_head SET seq = 0, sha256 = repeat('0', 64)
# the whole log gone, and the head with it: the journal has seen more
4~1~line 2 is missing, which the journal has seen~TRUNCATE waarborg.audit; UPDATE waarborg.audit_head SET seq = 0, sha256 = repeat('0', 64)
# changed and chained anew to the end: only the journal can tell
4~1~line 2 is another than the journal~UPDATE waarborg.audit SET reason = 'another' WHERE seq = 2; UPDATE waarborg.audit AS a SET sha256 = $right_digest WHERE seq = 2; UPDATE waarborg.audit SET previous = (SELECT sha256 FROM waarborg.audit WHERE seq = 2) WHERE seq = 3; UPDATE waarborg.audit AS a SET sha256 = $right_digest WHERE seq = 3; UPDATE waarborg.audit_head SET sha256 = (SELECT sha256 FROM waarborg.audit WHERE seq = 3)
4~2~line 4 was changed~INSERT INTO waarborg.audit SELECT a.seq + 1, a.recorded_at, $fields, a.sha256, '' FROM waarborg.audit AS a WHERE a.seq = 3
4~1~line 3 does not name the SHA-256~UPDATE waarborg.audit SET previous = repeat('0', 64) WHERE seq = 3; UPDATE waarborg.audit AS a SET sha256 = $right_digest WHERE seq = 3; UPDATE waarborg.audit_head SET sha256 = (SELECT sha256 FROM waarborg.audit WHERE seq = 3)
DAMAGES

# Nobody to ask: the rest is told, and how to do without.
sed -i "s/dbname='[^']*'/dbname='nosuchdatabase'/" "$T/waarborg.conf"
waarborg evidence verify
expect_status 3
expect_err 'offline'
waarborg evidence verify --offline
expect_status 0
expect_out '^  the audit log in the database$'
