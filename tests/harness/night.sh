# A small administration and the nights of a run against it.  Source it after lib.sh.
#
#   small_db NAME CUSTOMERS    $db with schema klant: customers 1.. with one agreement (ended in 2015,
#                              so all are due), two payments, a complaint (closed), a contact and a
#                              web visit (tied by a link only) each: 7 rows; and the gates below
#   small_conf [RUN SETTINGS]  writes the configuration for it (unsealed), migrates and approves
#   night [ARGUMENTS]          one night, with the brake off; night_start begins it beside the test
#   expect_whole ROWS          nothing is lost: rows before = rows left + archived, and ledger, journal
#                              and directory name the same segments, with nothing beside them
#   fault_row FAULT TRIED LEFT NEXT   a line of the table that tests/fault/run.sh prints: what was done to
#                              the run, how often, what was left, what the next run did; without | in it
#
# A run waits at a closed gate: 4 before the first delete (payments; all locks are held), 1 before
# contacts are deleted, 2 before the customers go, 3 when the ledger is written (the files are in place, COMMIT has not come).
#   gate_close N, gate_open, at_gate

AS_OF=2026-11-22

small_db() {
    new_db "$1"
    sql_file - -v customers="$2" <<'SQL'
SET client_min_messages = warning;
CREATE SCHEMA test;
CREATE SEQUENCE test.gate MINVALUE 0 START 0;
CREATE FUNCTION test.wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WHILE current_setting('application_name') LIKE 'waarborg/%'
          AND (SELECT last_value FROM test.gate) = TG_ARGV[0]::bigint LOOP
        PERFORM pg_catalog.pg_sleep(0.02);
    END LOOP;
    RETURN NULL;
END $$;
CREATE SCHEMA klant;
CREATE TABLE klant.customer (id bigint PRIMARY KEY, name text NOT NULL, iban text);
CREATE TABLE klant.agreement (id bigint PRIMARY KEY,
                              customer_id bigint NOT NULL REFERENCES klant.customer, ended_on date);
CREATE TABLE klant.payment (id bigint PRIMARY KEY,
                            agreement_id bigint NOT NULL REFERENCES klant.agreement, amount numeric);
CREATE TABLE klant.complaint (id bigint PRIMARY KEY,
                              customer_id bigint NOT NULL REFERENCES klant.customer, closed_on date);
CREATE TABLE klant.contact (id bigint PRIMARY KEY,
                            customer_id bigint NOT NULL REFERENCES klant.customer, note text);
CREATE TABLE klant.web_visit (id bigint PRIMARY KEY, customer_id bigint, ip inet);
INSERT INTO klant.customer SELECT i, 'Jansen nummer ' || i, 'NL00PROEF' || lpad(i::text, 9, '0')
  FROM generate_series(1, :customers) AS i;
INSERT INTO klant.agreement SELECT id, id, '2015-01-01' FROM klant.customer;
INSERT INTO klant.payment SELECT id * 2 + n, id, 9.5 FROM klant.customer, generate_series(0, 1) AS n;
INSERT INTO klant.complaint SELECT id, id, '2014-06-01' FROM klant.customer;
INSERT INTO klant.contact SELECT id, id, 'gebeld met ' || name FROM klant.customer;
INSERT INTO klant.web_visit SELECT id, id, '192.0.2.7' FROM klant.customer;
CREATE INDEX ON klant.agreement (customer_id);
CREATE INDEX ON klant.payment (agreement_id);
CREATE INDEX ON klant.complaint (customer_id);
CREATE INDEX ON klant.contact (customer_id);
CREATE INDEX ON klant.web_visit (customer_id);
CREATE TRIGGER gate BEFORE DELETE ON klant.payment EXECUTE FUNCTION test.wait(4);
CREATE TRIGGER gate BEFORE DELETE ON klant.contact EXECUTE FUNCTION test.wait(1);
CREATE TRIGGER gate BEFORE DELETE ON klant.customer EXECUTE FUNCTION test.wait(2);
SQL
}

small_policy() {
    cat <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years"; start = "exact";
              clocks = ( { table = "klant.agreement"; ends = "ended_on"; },
                         { table = "klant.complaint"; ends = "closed_on"; } );
              requires = [ "klant.agreement" ]; } );
  links = ( { table = "klant.web_visit"; columns = [ "customer_id" ];
              references = "klant.customer"; to = [ "id" ]; } ); }
CONF
}

small_conf() {
    small_policy | write_conf unsealed "$*"
    start_policy
}

# Schema and approval for the configuration that was just written.
start_policy() {
    waarborg migrate
    expect_status 0
    sql "CREATE TRIGGER gate BEFORE INSERT ON waarborg.segment EXECUTE FUNCTION test.wait(3)"
    approve
}

approve() {
    waarborg --as-of $AS_OF retention approve
    expect_status 0
}

night() {
    waarborg --as-of $AS_OF retention run --accept-volume 1000000 "$@"
}

night_start() {
    waarborg_start --as-of $AS_OF retention run --accept-volume 1000000 "$@"
}

# A figure of the JSON summary: the first policy's member NAME.
night_figure() {
    sed -n "s/^.*\"$1\": *\"\{0,1\}\([^\",]*\).*/\1/p" "$T/out" | head -n 1
}

expect_figures() { # disposed=3 blocked=0 ..., of a night with --json
    for figure; do
        value=$(night_figure "${figure%%=*}")
        [ "$value" = "${figure#*=}" ] || fail "expected $figure in the summary, got '$value'"
    done
}

gate_close() {
    sql "SELECT setval('test.gate', $1)" >/dev/null
}

gate_open() {
    sql "SELECT setval('test.gate', 0)" >/dev/null
}

workers_in() { # WAIT EVENT: how many workers wait for it
    sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
         AND application_name = 'waarborg/retention.worker' AND wait_event = '$1'"
}

at_gate() {
    [ "$(workers_in PgSleep)" -ge "${1:-1}" ]
}

wait_at_gate() {
    wait_for 20 at_gate "${1:-1}"
}

sessions_gone() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
              AND application_name LIKE 'waarborg/%'")" = 0 ]
}

# ---- The application: one session beside the run ----------------------------------------------

# app_begin: psql reads what `app` writes until app_end.  It stops at the first error.
app_begin() {
    rm -f "$T/app.pipe"
    mkfifo "$T/app.pipe"
    psql -XAtq -v ON_ERROR_STOP=1 -d "$db" <"$T/app.pipe" >"$T/app" 2>&1 4>&- &
    app_pid=$!
    harness_children="$harness_children $app_pid"
    exec 4>"$T/app.pipe"
    app_said=0
}

# app STATEMENTS: runs them and waits until they are done; app_send does not wait.
app() {
    app_send "$1"
    wait_for 20 grep -qx "done $app_said" "$T/app"
}

app_send() {
    app_said=$((app_said + 1))
    printf '%s;\nSELECT %s;\n' "$1" "'done $app_said'" >&4
}

app_waits() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
              AND application_name = 'psql' AND wait_event_type = 'Lock'")" -ge 1 ]
}

# app_end [REGEX]: the session ended without an error, or with one that matches.
app_end() {
    exec 4>&-
    app_status=0
    wait "$app_pid" || app_status=$?
    if [ $# -eq 0 ]; then
        [ "$app_status" -eq 0 ] || fail "the application failed: $(grep ERROR "$T/app")"
    else
        grep -qE "$1" "$T/app" || fail "the application was not told '$1': $(cat "$T/app")"
    fi
}

# ---- Nothing is lost ----------------------------------------------------------------------------

journal_segments() {
    sed -n 's/.*"event":"segment".*"segment":"\([0-9a-f]*\)".*/\1/p; t
            s/.*"segment":"\([0-9a-f]*\)".*"event":"segment".*/\1/p' "$T/journal.jsonl" | sort
}

expect_whole() {
    expect_conserved "$1"
    sql "SELECT id FROM waarborg.segment ORDER BY id" >"$T/ledger.ids"
    journal_segments >"$T/journal.ids"
    segments | sed 's/.*-\([0-9a-f]*\)\.sql\.gz.*/\1/' | sort >"$T/directory.ids"
    cmp -s "$T/ledger.ids" "$T/journal.ids" || fail "ledger and journal name other segments"
    cmp -s "$T/ledger.ids" "$T/directory.ids" || fail "ledger and directory name other segments"
    files=$(find "$T/archive" -type f | wc -l)
    [ "$files" -eq $(($(wc -l <"$T/ledger.ids") * 2)) ] ||
        fail "files were left over: $(find "$T/archive" -type f | tail -n 50)"
    expect_sql 0 "SELECT count(*) - count(DISTINCT reference) FROM waarborg.disposal"
    expect_sql t "SELECT coalesce(sum(subjects), 0) = (SELECT count(*) FROM waarborg.disposal)
                  FROM waarborg.segment"
    waarborg archive verify
    expect_status 0
}

# Nothing unless tests/fault/run.sh asked for it; scripts call it when the fault has been checked.
fault_row() {
    [ -z "${WAARBORG_FAULT_TABLE:-}" ] ||
        printf '%s|%s|%s|%s\n' "$1" "$2" "$3" "$4" >>"$WAARBORG_FAULT_TABLE"
}

# left: the customers that are still there, as 1,2,3.
left() {
    sql "SELECT string_agg(id::text, ',' ORDER BY id) FROM klant.customer"
}

# snapshot NAME: tables, worklist, ledger and files as they are now.
snapshot() {
    {
        dump_all
        sql "SELECT policy, subject_key, state, rule, due_on, reason FROM waarborg.worklist
             ORDER BY policy, subject_key" 2>/dev/null || :
        sql "SELECT * FROM waarborg.segment ORDER BY id" 2>/dev/null || :
        find "$T/archive" -type f 2>/dev/null | sort
    } >"$T/snapshot.$1"
}
expect_same_snapshots() {
    cmp "$T/snapshot.$1" "$T/snapshot.$2" >&2 || fail "something changed between $1 and $2"
}
