# What a run refuses or gives up although everything is approved: a day that has not come, a schema
# that changes while it is at work, a signal that comes during the scan.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db guards 6
small_conf 'batch = 2;'
rows=$(row_count)
dump_all >"$T/before"

unchanged() {
    dump_all >"$T/after"
    cmp -s "$T/before" "$T/after" || fail "rows were changed"
    [ -z "$(segments)" ] || fail "there is a segment"
}

# 2062 instead of 2026.
waarborg --as-of 2062-11-22 retention run --accept-volume 100
expect_status 2
expect_err 'message="--as-of 2062-11-22 lies after today, [0-9-]+: .*--rehearsal'
unchanged
waarborg --as-of 2062-11-22 retention plan
expect_status 0

# A column comes in after the approval was looked at and before the table is locked: what it holds
# would not be archived.
gate_close 4
night_start
wait_at_gate
sql "ALTER TABLE klant.web_visit ADD COLUMN remark text DEFAULT 'secret'"
gate_open
waarborg_wait
expect_status 2
expect_err 'event=retention\.run\.failed .*the schema was changed while the run was at work'
sql "ALTER TABLE klant.web_visit DROP COLUMN remark"
unchanged

# SIGTERM during the scan: cancelled on the server, and nobody was disposed of.
sql "CREATE FUNCTION test.slow() RETURNS trigger LANGUAGE plpgsql AS
     \$\$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END \$\$;
     CREATE TRIGGER slow BEFORE INSERT ON waarborg.worklist EXECUTE FUNCTION test.slow()"
scanning() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
              AND application_name = 'waarborg/retention.run' AND wait_event = 'PgSleep'")" = 1 ]
}
approve
night_start
wait_for 20 scanning
kill -TERM "$started"
waarborg_wait
expect_status 75
expect_err 'event=retention\.run\.failed .*a signal asked to stop; nobody was disposed of'
wait_for 10 sessions_gone
unchanged
sql "DROP TRIGGER slow ON waarborg.worklist"

# And after all that the night is as any other.
approve
night
expect_status 0
expect_conserved "$rows"
