# Two and four workers: every row once, one chain, and rows that two workers want at the same time.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

# Of N customers, address n belongs to n, n + N/3 and n + 2N/3, which are in different batches, but the
# last customer stays.  Everybody was brought in by the customer N/2 further on.
prepare() { # NAME WORKERS CUSTOMERS
    small_db "$1" "$3"
    third=$(($3 / 3))
    sql "CREATE TABLE klant.address (id bigint PRIMARY KEY, street text);
         INSERT INTO klant.address SELECT i, 'Dorpsstraat ' || i FROM generate_series(1, $third + 1) AS i;
         ALTER TABLE klant.customer ADD address_id bigint REFERENCES klant.address,
             ADD referred_by bigint REFERENCES klant.customer;
         UPDATE klant.customer SET address_id = (id - 1) % $third + 1,
             referred_by = (id + $3 / 2 - 1) % $3 + 1;
         CREATE INDEX ON klant.customer (address_id);
         CREATE INDEX ON klant.customer (referred_by);
         UPDATE klant.agreement SET ended_on = NULL WHERE customer_id = $3;
         UPDATE klant.customer SET referred_by = 17 WHERE id = $3"
    rows=$(row_count)
    small_policy | sed 's|} ); }$|} ); owns = [ "klant.address" ]; detach = [ "klant.customer.referred_by" ]; }|' |
        write_conf unsealed "batch = 12; chunk = 5; workers = $2; lock_timeout_ms = 100;"
    rm -rf "$T"/archive/* "$T/journal.jsonl"
    start_policy
}

for workers in 2 4; do
    echo "case: $workers workers"
    prepare "w$workers" "$workers" 240
    night --json
    expect_status 0
    expect_figures due=239 disposed=239 blocked=0 busy=0
    [ "$(left)" = 240 ] || fail "customers $(left) are left"
    # 80 is still used, 81 never was; every other address went with its last customer, and only then.
    expect_sql '80 81' "SELECT string_agg(id::text, ' ' ORDER BY id) FROM klant.address"
    expect_sql '' "SELECT referred_by FROM klant.customer"
    expect_sql t "SELECT count(*) >= 20 FROM waarborg.segment"
    # unlinked values are no rows
    archived=$(for file in $(segments); do segment_text "$file"; done |
        awk '/^COPY "klant"/ { inside = 1; next } $0 == "\\." { inside = 0 } inside { n++ } END { print n }')
    [ "$((archived + $(row_count)))" = "$rows" ] || fail "$rows rows before, $archived archived"
    for file in $(segments); do segment_text "$file"; done |
        awk '/^COPY "klant"/ { inside = $2; next } $0 == "\\." { inside = "" } inside { print inside, $1 }' |
        sort | uniq -d >"$T/twice"
    [ ! -s "$T/twice" ] || fail "these rows were archived twice: $(cat "$T/twice")"
    sql "SELECT chain_no FROM waarborg.segment ORDER BY 1" | awk '$1 != NR { exit 1 }' ||
        fail "the chain has a gap"
    waarborg archive verify
    expect_status 0
    refute_log 'Jansen|Dorpsstraat'
done

# One has everything in its hands that the other wants: addresses, and rows to be detached.  The other
# leaves them for the second pass, and nobody is set aside for it.
prepare wanted 2 24
gate_close 1
night_start --json
other_is_done() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
              AND application_name = 'waarborg/retention.worker' AND state = 'idle'
              AND state_change < clock_timestamp() - interval '0.4 s'")" = 1 ] ||
        at_gate 2 # they collided earlier, and each holds a part of its batch
}
wait_at_gate
wait_for 20 other_is_done
gate_open
waarborg_wait
expect_status 0
expect_figures due=23 disposed=23 blocked=0 busy=0
expect_sql '8 9' "SELECT string_agg(id::text, ' ' ORDER BY id) FROM klant.address"

# Both workers are really at work at the same time, and a signal stops both.
prepare both 2 240
gate_close 1
night_start
wait_at_gate 2
kill -TERM "$started"
wait_for 5 grep -q 'finishing the present batch' "$T/err"
gate_open
waarborg_wait
expect_status 75
expect_sql t "SELECT count(*) BETWEEN 1 AND 2 FROM waarborg.segment"
gate_close 2
night_start
wait_at_gate 2
kill -TERM "$started"
wait_for 5 grep -q 'finishing the present batch' "$T/err"
kill -TERM "$started"
waarborg_wait
expect_status 75
gate_open
expect_sql t "SELECT count(*) BETWEEN 1 AND 2 FROM waarborg.segment"
wait_for 10 sessions_gone

# One worker's connection is cut: the run fails, the other's batch is finished or leaves nothing, and
# the next run does the rest.
gate_close 2
night_start
wait_at_gate 2
sql "SELECT pg_terminate_backend(min(pid)) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'waarborg/retention.worker'" >"$T/cut"
gate_open
waarborg_wait
expect_status 3
expect_err 'event=retention\.run\.failed .*(57P01|connection)'
wait_for 10 sessions_gone
night
expect_status 0
[ "$(left)" = 240 ] || fail "customers $(left) are left"
expect_sql '80 81' "SELECT string_agg(id::text, ' ' ORDER BY id) FROM klant.address"
waarborg archive verify
expect_status 0
