# The server goes away: stopped in mid-batch, its sessions ended, the answer to COMMIT lost.  On a
# server of this test's own.
unset WAARBORG_TEST_CACHE
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/faults.sh"

small_db server 40
rows=$(row_count)
small_conf 'batch = 10; workers = 1;'

server() { # pg_ctl arguments
    server_as_user "$SERVER_BIN/pg_ctl" -D "$SERVER_HOME/data" -l "$SERVER_HOME/server.log" -s "$@" ||
        fail "pg_ctl $*: $(tail -n 3 "$SERVER_HOME/server.log")"
}

# Stopped at once, as by a power cut: at each place of a batch.
for place in 1 2 3; do
    echo "case: stopped at gate $place"
    gate_close "$place"
    night_start
    wait_at_gate
    server -m immediate stop
    waarborg_wait
    expect_status 3
    expect_err 'event=retention\.run\.failed .*message=".*database: '
    waarborg --as-of $AS_OF retention run
    expect_status 3
    expect_err 'message="database: cannot connect: '
    server -w start
    gate_open
    expect_sql 40 "SELECT count(*) FROM klant.customer"
done
# What the last one left is gone after the next run, which finds nobody due before 2020.
waarborg --as-of 2019-01-01 retention run
expect_status 0
expect_whole "$rows"

# The worker's session is ended; then the session that holds the lock.
for job in worker run; do
    for place in 1 3; do
        echo "case: session of retention.$job ended at gate $place"
        before=$(sql "SELECT count(*) FROM waarborg.segment")
        gate_close "$place"
        night_start
        wait_at_gate
        # Asked to stop first: a session that ended ends the run within milliseconds.
        kill -TERM "$started"
        wait_for 5 grep -q 'finishing the present batch' "$T/err"
        expect_sql t "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE application_name = 'waarborg/retention.$job'"
        gate_open
        waarborg_wait
        expect_status 3
        case $job in # without its lock a worker's batch is still guarded by the worker's own
        worker) expect_sql "$before" "SELECT count(*) FROM waarborg.segment" ;;
        run) expect_sql $((before + 1)) "SELECT count(*) FROM waarborg.segment" ;;
        esac
        wait_for 10 sessions_gone
        waarborg --as-of 2019-01-01 retention run
        expect_status 0
        expect_whole "$rows"
    done
done
[ "$(sql "SELECT count(*) FROM klant.customer")" = 20 ] || fail "customers $(left) are left"

# The answer to COMMIT is lost, and the transaction is committed: a standby that is not there keeps
# COMMIT waiting when all is on disk.  The program asks the ledger and goes on.
committing() {
    [ "$(workers_in SyncRep)" = 1 ]
}
sql "ALTER SYSTEM SET synchronous_standby_names = 'nobody'" >/dev/null
# The scan and the start of the run are commits, too: only the worker's may wait.
sql "ALTER DATABASE \"$db\" SET synchronous_commit = local;
     CREATE FUNCTION test.careful() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN SET LOCAL synchronous_commit = on; RETURN NULL; END \$\$;
     CREATE TRIGGER careful AFTER INSERT ON waarborg.segment EXECUTE FUNCTION test.careful()"
server reload
echo "case: session ended in COMMIT"
night_start
wait_for 20 committing
expect_sql t "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
sleep 0.5
wait_for 20 committing
kill -TERM "$started"
wait_for 5 grep -q 'finishing the present batch' "$T/err"
sql "ALTER SYSTEM RESET synchronous_standby_names" >/dev/null
server reload
waarborg_wait
expect_status 75
expect_sql 0 "SELECT count(*) FROM klant.customer"
expect_whole "$rows"

# The same, and nobody can be asked: the files stay, for the transaction may be committed.  It is.
sql "INSERT INTO klant.customer SELECT i, 'Jansen' FROM generate_series(101, 105) AS i;
     INSERT INTO klant.agreement SELECT i, i, '2015-01-01' FROM generate_series(101, 105) AS i"
sql "ALTER SYSTEM SET synchronous_standby_names = 'nobody'" >/dev/null
server reload
echo "case: server stopped in COMMIT"
night_start
wait_for 20 committing
server -m immediate stop
waarborg_wait
expect_status 3
expect_err 'ask whether segment [0-9a-f]+ was committed: database: cannot connect'
sed -i '/synchronous_standby_names/d' "$SERVER_HOME/data/postgresql.auto.conf"
server -w start
expect_sql 0 "SELECT count(*) FROM klant.customer"
waarborg --as-of $AS_OF retention run
expect_status 0
expect_err 'event=retention\.mended segment=[0-9a-f]+ what="journal line written"'
expect_whole $((rows + 10))
fault_row 'server stopped at once, or a session ended, in mid-batch and in COMMIT' 9 \
    'nothing, or temporary files, or a ledger row without line' 'mended exactly that and finished the work'

# ---- At named points: the program stands still there while its server or its session goes -----------

if ! grep -q WAARBORG_FAULT_POINT "$WAARBORG"; then
    echo "this build has no fault points (cmake -DFAULT_POINTS=ON): at the gates only"
    exit 0
fi
rm -rf "$T/archive" "$T/journal.jsonl"
small_db points 20
rows=$(row_count)
small_conf 'batch = 8; chunk = 3; workers = 1;'
keep_start

stands_still() {
    grep -q '^State:.*stopped' "/proc/$started/status"
}
stop_at() { # POINT
    fresh
    export WAARBORG_FAULT_POINT="$1" WAARBORG_FAULT_SIGNAL=19
    night_start
    unset WAARBORG_FAULT_POINT WAARBORG_FAULT_SIGNAL
    wait_for 20 stands_still
}
stop_server() {
    server -m immediate stop
    server -w start
}
end_session() {
    expect_sql t "SELECT bool_and(pg_terminate_backend(pid)) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'waarborg/retention.$1'"
}
gone_at() { # POINT HOW...
    point=$1
    shift
    echo "case: at $point: $*"
    stop_at "$point"
    "$@"
    kill -CONT "$started"
    waarborg_wait
    case $status in
    0 | 3) ;;
    *) expect_status '0 or 3' ;;
    esac
    look_at_left "$rows"
    night
    expect_status 0
    expect_mended
    [ "$(left)" = '' ] || fail "customers $(left) are left"
    expect_whole "$rows"
}
row() { # FAULT
    fault_row "$1" "$(wc -l <"$T/found")" "$(found_so_far)" 'mended exactly that and finished the work'
    : >"$T/found"
}

points='batch.subjects_locked batch.judged segment.created rows.row_came:20 rows.moved record.turn_came
    file.renamed record.chain_locked file.renamed:2 record.ledger_written record.committed journal.wrote:2
    record.done'
for at in $points; do
    gone_at "$at" stop_server
done
row 'server stopped at once at a named point'
for at in $points; do
    gone_at "$at" end_session worker
done
row "worker's session ended at a named point"
for at in run.claimed run.scanned $points run.worked; do
    gone_at "$at" end_session run
done
row 'session that holds the run lock ended at a named point'
refute_log 'Jansen|NL00PROEF'
