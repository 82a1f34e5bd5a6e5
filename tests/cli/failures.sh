# What fails outside the program: no server, no right to connect, nobody who reads the results.
. "$(dirname "$0")/../harness/lib.sh"

new_db failures
write_conf unsealed <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years"; start = "exact";
              clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } ); }
CONF

waarborg migrate
expect_status 0

# The results go nowhere: a full disk, a closed descriptor, a reader that left.
last_command='waarborg with an output that cannot be written'
for arguments in --help --version 'hold --help' 'hold list' 'hold list --json' 'migrate'; do
    : >"$T/out"
    status=0
    # shellcheck disable=SC2086 # a list of words
    "$WAARBORG" -c "$T/waarborg.conf" $arguments >/dev/full 2>"$T/err" || status=$?
    expect_status 3
    expect_err 'event=[a-z.]+\.failed .*message="cannot write the results to the standard output: No space'
    [ "$(wc -l <"$T/err")" -eq 1 ] || fail "one line was expected"
    status=0
    # shellcheck disable=SC2086 # a list of words
    "$WAARBORG" -c "$T/waarborg.conf" $arguments >&- 2>"$T/err" || status=$?
    expect_status 3
    expect_err 'message="cannot write the results to the standard output'
    mkfifo "$T/pipe"
    # shellcheck disable=SC2086 # a list of words
    { status=0; "$WAARBORG" -c "$T/waarborg.conf" $arguments 2>"$T/err" || status=$?
        echo "$status" >"$T/status"; } >"$T/pipe" &
    exec 5<"$T/pipe" 5<&-
    wait "$!"
    rm "$T/pipe"
    read -r status <"$T/status"
    # The reader may leave before or after the program writes; it never ends by a signal.
    case $status in
    0 | 3) ;;
    *) expect_status 3 ;;
    esac
done

# A core of this program would hold rows of customers.
# shellcheck disable=SC3045 # Debian's sh has it
ulimit -c unlimited 2>/dev/null || :
{
    echo "BEGIN; SELECT pg_advisory_xact_lock(('x77616172626700' || '64')::bit(64)::bigint);"
    sleep 1
} | sql_file - >/dev/null &
wait_for 5 sh -c "psql -XAtqc \"SELECT 1/count(*) FROM pg_locks AS l JOIN pg_database AS d
    ON d.oid = l.database WHERE l.locktype = 'advisory' AND l.granted AND d.datname = '$db'\""
waarborg_start migrate
wait_for 5 grep -qE '^Max core file size +0 +0 ' "/proc/$started/limits"
waarborg_wait
expect_status 0

# No server, no database, no such user.
cp "$T/waarborg.conf" "$T/good"
while IFS="#" read -r edit sentence; do
    echo "case: $edit"
    sed "$edit" "$T/good" >"$T/waarborg.conf"
    for command in migrate 'hold list' 'hold add 4711 -k claim -r Jansen'; do
        # shellcheck disable=SC2086 # a list of words
        waarborg $command
        expect_status 3
        expect_err "level=error event=[a-z.]+\.failed .*message=\"database: cannot connect: .*$sentence"
        [ "$(wc -l <"$T/err")" -eq 1 ] || fail "one line was expected"
        [ ! -s "$T/out" ] || fail "no output was expected"
    done
done <<'CASES'
s|host='[^']*'|host='/nowhere'|#No such file
s|dbname='[^']*'|dbname='wt_not_there'|#does not exist
s|user='[^']*'|user='wt_nobody'|#does not exist
CASES
refute_log '4711|Jansen'
