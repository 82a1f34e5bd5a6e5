# A standby answers instead of the primary: it may not know the last COMMIT yet, so nothing may be
# concluded from what it says, and no file removed.  On servers of this test's own.
unset WAARBORG_TEST_CACHE
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

standby_pid=''
standby_stop() {
    [ -z "$standby_pid" ] || kill -QUIT "$standby_pid" 2>/dev/null || :
    standby_pid=''
}
trap 'standby_stop; harness_exit' EXIT

primary() { # pg_ctl arguments
    server_as_user "$SERVER_BIN/pg_ctl" -D "$SERVER_HOME/data" -l "$SERVER_HOME/server.log" -s "$@" ||
        fail "pg_ctl $*: $(tail -n 3 "$SERVER_HOME/server.log")"
}

small_db standby 20
rows=$(row_count)
small_conf 'batch = 5; workers = 1;'

# The standby, in a directory of its own on a socket of its own.
server_as_user mkdir "$SERVER_HOME/s"
server_as_user "$SERVER_BIN/pg_basebackup" -h "$SERVER_HOME" -U postgres -D "$SERVER_HOME/standby" -R \
    -c fast >"$T/basebackup" 2>&1 || fail "pg_basebackup: $(tail -n 3 "$T/basebackup")"
echo "unix_socket_directories = '$SERVER_HOME/s'" >>"$SERVER_HOME/standby/postgresql.conf"
server_as_user "$SERVER_BIN/pg_ctl" -D "$SERVER_HOME/standby" -l "$SERVER_HOME/standby.log" -s -w start ||
    fail "the standby does not start: $(tail -n 3 "$SERVER_HOME/standby.log")"
standby_pid=$(head -n 1 "$SERVER_HOME/standby/postmaster.pid")
there() {
    PGHOST=$SERVER_HOME/s sql "$1"
}
[ "$(there 'SELECT pg_is_in_recovery()')" = t ] || fail "the standby is none"

echo 'case: only the standby'
cp "$T/waarborg.conf" "$T/primary.conf"
sed -i "s|host='[^']*'|host='$SERVER_HOME/s'|" "$T/waarborg.conf"
waarborg --as-of $AS_OF retention run
expect_status 2
expect_err 'this server is a standby: name the primary in the setting database'
cp "$T/primary.conf" "$T/waarborg.conf"

# The answer to COMMIT is lost with the primary, which has it on disk; the standby does not know it.
echo 'case: the standby answers after the COMMIT'
sed -i "s|host='[^']*' port=5432|host='$SERVER_HOME,$SERVER_HOME/s' port=5432,5432|" "$T/waarborg.conf"
sql "ALTER SYSTEM SET synchronous_standby_names = 'nobody'" >/dev/null
sql "ALTER DATABASE \"$db\" SET synchronous_commit = local;
     CREATE FUNCTION test.careful() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN SET LOCAL synchronous_commit = on; RETURN NULL; END \$\$;
     CREATE TRIGGER careful AFTER INSERT ON waarborg.segment EXECUTE FUNCTION test.careful()"
primary reload
there 'SELECT 1' >/dev/null
PGHOST=$SERVER_HOME/s sql_in postgres 'SELECT pg_wal_replay_pause()' >/dev/null
committing() {
    [ "$(workers_in SyncRep)" = 1 ]
}
night_start
wait_for 20 committing
kill -STOP "$started" # until the primary is really gone: it would be asked while it dies
primary -m immediate stop
kill -CONT "$started"
waarborg_wait
expect_status 3
expect_err 'ask whether segment [0-9a-f]+ was committed: .*this server is a standby'
[ "$(segments | wc -l)" -eq 1 ] || fail "the segment's file is gone, and its rows may be nowhere else"
# Nor does the next run conclude anything while only the standby is there.
waarborg --as-of $AS_OF retention run
expect_status 2
[ "$(segments | wc -l)" -eq 1 ] || fail "the segment's file is gone, and its rows may be nowhere else"

echo 'case: the primary is back'
sed -i '/synchronous_standby_names/d' "$SERVER_HOME/data/postgresql.auto.conf"
primary -w start
expect_sql 15 "SELECT count(*) FROM klant.customer"
night
expect_status 0
expect_err 'event=retention\.mended segment=[0-9a-f]+ what="journal line written"'
expect_whole "$rows"
fault_row 'a standby that lags answers after the COMMIT' 1 'segment, ledger row on the primary' \
    'refused on the standby; on the primary wrote the line and finished'
