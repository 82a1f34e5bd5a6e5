# An application session holds a row that the batch wants and waits for a customer that the batch
# holds.  It looks for a deadlock once, after its deadlock_timeout, and the server ends it if the batch
# is waiting for it at that moment.  Here that moment falls into every part of a batch, hundreds of
# times; no session may ever be ended.
#   WAARBORG_DEADLOCK_NIGHTS=100 sh tests/fault/deadlock.sh      more of them (6)
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
WAARBORG=$WAARBORG_PLAIN

nights=${WAARBORG_DEADLOCK_NIGHTS:-6}
customers=240
command -v pgbench >/dev/null || skip "pgbench is not installed (it comes with the server)"

small_db deadlock $customers
# While it holds its customers a batch pauses up to 60 ms before each table.
sql "CREATE FUNCTION test.pause() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN
         IF current_setting('application_name') LIKE 'waarborg/%' THEN
             PERFORM pg_catalog.pg_sleep(pg_catalog.random() * 0.06);
         END IF;
         RETURN NULL;
     END \$\$;
     CREATE TRIGGER pause BEFORE DELETE ON klant.payment EXECUTE FUNCTION test.pause();
     CREATE TRIGGER pause BEFORE DELETE ON klant.contact EXECUTE FUNCTION test.pause();
     CREATE TRIGGER pause BEFORE DELETE ON klant.web_visit EXECUTE FUNCTION test.pause();
     CREATE TRIGGER pause BEFORE DELETE ON klant.complaint EXECUTE FUNCTION test.pause();
     CREATE TABLE test.turn (id int PRIMARY KEY, taken bigint);
     INSERT INTO test.turn SELECT i, 0 FROM generate_series(0, 7) AS i;
     CREATE TABLE test.customers AS SELECT * FROM klant.customer"
small_conf "batch = 40; chunk = 10; workers = 2; lock_timeout_ms = 500;"

# Each session has customers of its own, so that none is in the way of another; but in turn.sql two
# share a row, and so one waits for one that waits for the batch.
own='\set c 8 * random(0, '$((customers / 8 - 1))') + :client_id + 1
\set pause random(0, 30)'
write_script() { # NAME STATEMENTS
    printf '%s\nBEGIN;\n%s\nCOMMIT;\n' "$own" "$2" >"$T/$1.sql"
}
last='\sleep :pause ms
UPDATE klant.customer SET name = name WHERE id = :c;'
write_script contact "UPDATE klant.contact SET note = note WHERE customer_id = :c;
$last"
write_script visit "UPDATE klant.web_visit SET ip = ip WHERE customer_id = :c;
$last"
write_script payment "UPDATE klant.payment SET amount = 1 WHERE agreement_id = :c;
$last"
write_script agreement "UPDATE klant.agreement SET ended_on = ended_on WHERE customer_id = :c;
$last"
write_script key "SELECT id FROM klant.complaint WHERE customer_id = :c FOR KEY SHARE;
$last"
write_script turn "UPDATE klant.contact SET note = note WHERE customer_id = :c AND :client_id % 2 = 0;
\\sleep :pause ms
UPDATE test.turn SET taken = taken + 1 WHERE id = :client_id / 2;
UPDATE klant.customer SET name = name WHERE id = :c AND :client_id % 2 = 1;"

deadlocks() {
    sql "SELECT pg_stat_clear_snapshot()" >"$T/nothing"
    sql "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
}
deadlocks_before=$(deadlocks)
disposed=0 done=0
for timeout in 1 7 15 30 60 100 200 500; do
    echo "$timeout"
done >"$T/timeouts"
while [ "$done" -lt "$nights" ]; do
    done=$((done + 1))
    timeout=$(sed -n "$(((done - 1) % 8 + 1))p" "$T/timeouts")
    PGOPTIONS="-c deadlock_timeout=${timeout}ms" pgbench -n -c 8 -j 1 -T 4 -d "$db" -f "$T/contact.sql@3" \
        -f "$T/visit.sql@3" -f "$T/payment.sql@2" -f "$T/agreement.sql" -f "$T/key.sql" \
        -f "$T/turn.sql@2" >"$T/bench" 2>&1 4>&- &
    application=$!
    harness_children="$harness_children $application"
    while kill -0 "$application" 2>/dev/null; do
        night --json
        [ "$status" -le 1 ] || fail "the night ended with exit code $status"
        disposed=$((disposed + $(night_figure disposed)))
        sql "INSERT INTO klant.customer SELECT * FROM test.customers ON CONFLICT DO NOTHING;
             INSERT INTO klant.agreement SELECT id, id, '2015-01-01' FROM klant.customer ON CONFLICT DO NOTHING;
             INSERT INTO klant.payment SELECT id, id, 9.5 FROM klant.agreement ON CONFLICT DO NOTHING;
             INSERT INTO klant.complaint SELECT id, id, '2014-06-01' FROM klant.customer ON CONFLICT DO NOTHING;
             INSERT INTO klant.contact SELECT id, id, 'x' FROM klant.customer ON CONFLICT DO NOTHING;
             INSERT INTO klant.web_visit SELECT id, id, '192.0.2.7' FROM klant.customer ON CONFLICT DO NOTHING"
    done
    wait "$application" || fail "the application failed: $(cat "$T/bench")"
    cat "$T/bench" >>"$T/all"
    echo "deadlock_timeout $timeout ms: $(sed -n 's/^number of transactions actually processed: //p' "$T/bench") transactions, $(sed -n 's/^number of failed transactions: //p' "$T/bench") failed"
done
echo "$disposed customers disposed of meanwhile; deadlocks: $(($(deadlocks) - deadlocks_before))"
[ "$(deadlocks)" = "$deadlocks_before" ] || fail "the server ended a session because of a deadlock"
! grep -E '^number of failed transactions: [^0]|ERROR|abort' "$T/all" || fail "the application failed"
transactions=$(sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' "$T/all" | awk '{ n += $1 } END { print n }')
fault_row "sessions hold rows and wait for customers of the batch" "$transactions transactions" \
    "no session ended, no deadlock" "took whoever was busy"
