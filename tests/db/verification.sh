# The record of a verification: each of the whole of the own archive is a row of waarborg.verification, with
# what it found; one of a part or a copy is not; who only reads verifies all the same; and a database that
# goes away meanwhile does not hide what was found.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/json.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/expiry.sh"
. "$ROOT/tests/harness/logins.sh"

small_db verification 6
small_policy | write_conf sealed 'batch = 2;'
start_policy
night
expect_status 0
remember_segments 3

waarborg migrate --roles
expect_status 0
logins job dpo aud
sql "GRANT waarborg_job TO $(login job); GRANT waarborg_dpo TO $(login dpo);
     GRANT waarborg_auditor TO $(login aud)"
as() { # NAME COMMAND...: the program as that login; as its caller with NAME me
    cp "$T/waarborg.conf" "$T/me.conf"
    [ "$1" = me ] || sed -i "s/user='[^']*'/user='$(login "$1")'/" "$T/waarborg.conf"
    shift
    waarborg "$@"
    mv "$T/me.conf" "$T/waarborg.conf"
}

recorded() {
    sql "SELECT count(*) FROM waarborg.verification"
}
expect_row() { # VALUES of the last one: kind|segments|destroyed|opened|bytes|faults
    expect_sql "$1" "SELECT kind, segments, destroyed, opened, bytes, faults
                       FROM waarborg.verification ORDER BY id DESC LIMIT 1"
}
bytes=$(segments | xargs cat | wc -c)

echo "case: nothing of it before the first"
[ "$(recorded)" = 0 ] || fail "there is a verification already"

echo "case: what is recorded: COMMAND|ROW, or nothing for what is not the whole of the own archive"
cp -a "$T/archive" "$T/copy"
cp "$T/journal.jsonl" "$T/copy.jsonl"
while IFS='|' read -r command row; do
    expected=$(recorded)
    # shellcheck disable=SC2086 # words
    waarborg $command
    expect_status 0
    if [ -n "$row" ]; then
        expected=$((expected + 1))
        expect_row "$(echo "$row" | tr , '|')"
    fi
    [ "$(recorded)" -eq "$expected" ] || fail "there are $(recorded) rows, expected $expected"
done <<CASES
archive verify|archive,3,0,0,$bytes,0
archive verify --key $T/fg.key|archive,3,0,3,$bytes,0
--json archive verify|archive,3,0,0,$bytes,0
-q archive verify|archive,3,0,0,$bytes,0
evidence verify|evidence,3,0,0,$bytes,0
archive verify $segment_1|
archive verify --dir $T/copy|
archive verify --journal $T/copy.jsonl|
evidence verify --offline|
evidence verify $T/copy|
evidence verify --journal $T/copy.jsonl|
archive verify --help|
CASES
expect_sql "$(id -un)|$("$WAARBORG" --version | sed 's/.* //')|t|t" "SELECT os_user, program_version,
    verified_by = session_user, now() - verified_at BETWEEN interval '0' AND interval '1 minute'
    FROM waarborg.verification ORDER BY id DESC LIMIT 1"
expect_sql "$(recorded)" "SELECT count(*) FROM waarborg.audit WHERE action || object LIKE '%verification%'"
! sql "UPDATE waarborg.verification SET faults = 0" 2>"$T/err" || fail "a verification can be changed"
expect_err 'only grows'

echo "case: destroyed segments are counted"
waarborg hold add 1 --kind request --reason x
waarborg --as-of "$(after 91)" archive expire --rehearsal
expect_status 0
left=$(segments | xargs cat | wc -c)
waarborg archive verify --key "$T/fg.key"
expect_status 0
expect_row "archive|3|2|1|$left|0"

echo "case: who: LOGIN|COMMAND|EXIT CODE|rows more"
file=$(segments)
cp "$file" "$T/good.segment"
try() { # LOGIN COMMAND CODE MORE
    before=$(recorded)
    # shellcheck disable=SC2086 # words
    as "$1" $2
    expect_status "$3"
    [ "$(recorded)" -eq $((before + $4)) ] || fail "$1: $before rows before, $(recorded) now"
}
while IFS='|' read -r who command more; do
    try "$who" "$command" 0 "$more"
    printf x >>"$file"
    try "$who" "$command" 4 "$more"
    cat "$T/good.segment" >"$file"
    if [ "$more" -eq 0 ]; then
        expect_err "level=notice event=${command%% *}\\.verify\\.not_recorded message=\"this user .*writes nothing"
        ! grep -q level=error "$T/err" || [ "$(grep -c level=error "$T/err")" -eq 1 ] || fail "too many errors"
        # shellcheck disable=SC2086 # words
        as "$who" -q $command
        expect_status 0
        [ ! -s "$T/err" ] || fail "cron would mail it every night"
    elif [ "$who" != me ]; then
        expect_sql "$(login "$who")" "SELECT verified_by FROM waarborg.verification ORDER BY id DESC LIMIT 1"
    fi
done <<'CASES'
me|archive verify|1
job|archive verify|1
dpo|archive verify|1
aud|archive verify|0
me|evidence verify|1
dpo|evidence verify|1
aud|evidence verify|0
CASES

echo "case: how many things do not hold"
printf x >>"$file"
touch "$T/archive/stranger"
for command in 'archive verify' 'evidence verify'; do
    # shellcheck disable=SC2086 # words
    waarborg --json $command
    expect_status 4
    told=$(psql -XAtq -v "document=$(cat "$T/out")" -d "$db" <<'SQL'
SELECT jsonb_array_length(:'document'::jsonb -> 'faults');
SQL
    )
    [ "$told" -ge 2 ] || fail "only $told faults were told"
    expect_sql "${command%% *}|$told" "SELECT kind, faults FROM waarborg.verification ORDER BY id DESC LIMIT 1"
done
rm "$T/archive/stranger"
cat "$T/good.segment" >"$file"

echo "case: a server that only reads, a standby for one"
sql "ALTER DATABASE \"$db\" SET default_transaction_read_only = on"
before=$(recorded)
waarborg archive verify
expect_status 0
expect_err 'level=notice event=archive\.verify\.not_recorded .*this server'
psql -XAtq -d postgres -c "ALTER DATABASE \"$db\" RESET default_transaction_read_only"
[ "$(recorded)" -eq "$before" ] || fail "it was recorded"

echo "case: the server goes away in between: the result is told, and a fault is the graver news"
sql "CREATE FUNCTION test.away() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN PERFORM pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid()); RETURN NEW; END \$\$;
     CREATE TRIGGER away BEFORE INSERT ON waarborg.verification FOR EACH ROW EXECUTE FUNCTION test.away()"
for command in 'archive verify' 'evidence verify'; do
    # shellcheck disable=SC2086 # words
    waarborg $command
    expect_status 3
    expect_out 'all hold|the evidence holds'
    expect_err "event=${command%% *}\\.verify\\.failed .*message=\"the result stands, but the database does not know of it"
    printf x >>"$file"
    # shellcheck disable=SC2086 # words
    waarborg $command
    expect_status 4
    expect_out 'fault'
    expect_err "level=error event=${command%% *}\\.verify\\.not_recorded .*the result stands"
    cat "$T/good.segment" >"$file"
done
sql "DROP TRIGGER away ON waarborg.verification"
[ "$(recorded)" -eq "$before" ] || fail "it was recorded"

echo "case: somebody holds the end of the audit log: it does not wait for ever"
app_begin
app 'BEGIN; SELECT FROM waarborg.audit_head FOR UPDATE'
waarborg archive verify
expect_status 3
expect_err '55P03.*the result stands|the result stands.*55P03'
app 'COMMIT'
app_end
waarborg evidence verify
expect_status 0
expect_row "evidence|3|2|0|$left|0"
