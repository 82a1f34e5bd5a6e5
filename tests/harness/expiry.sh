# The end of archives, in tests.  Source it after lib.sh and night.sh.
#
#   remember_segments N     $segment_1 .. $segment_N: the ids in the order of the chain
#   after DAYS              the local date that many days after the one the first was created on
#   customer_in N           a customer who was disposed of with segment N: the lowest, batches being
#                           filled in the order of the key
#   manifest_of ID, file_of ID
#   expect_expired "ID ..." exactly these are destroyed: in the ledger, the journal, the directory
#   new_archive NAME CUSTOMERS [sealed|unsealed]  a new $db, $T/archive and journal after a night with
#                           two customers a segment
#   expire_gate             archive expire waits at gate 5 when it holds the lock and has seen no hold
#   expire_start, expire_at_gate, expire_waits_for_lock

remember_segments() {
    number=0
    for id in $(sql "SELECT id FROM waarborg.segment ORDER BY chain_no"); do
        number=$((number + 1))
        eval "segment_$number=$id"
    done
    [ "$number" -eq "$1" ] || fail "there are $number segments, $1 were expected"
    per_segment=$(sql "SELECT max(subjects) FROM waarborg.segment")
}

after() {
    sql "SELECT (min(created_at) AT TIME ZONE 'Europe/Amsterdam')::date + $1 FROM waarborg.segment"
}

customer_in() {
    echo $((($1 - 1) * per_segment + 1))
}

manifest_of() {
    find "$T/archive" -name "*-$1.manifest.json"
}

file_of() {
    find "$T/archive" -name "*-$1.sql.gz*"
}

expired_lines() {
    sed -n 's/.*"event":"expire".*"segment":"\([0-9a-f]*\)".*/\1/p' "$T/journal.jsonl"
}

expect_expired() {
    printf '%s\n' $1 | sed '/^$/d' | sort >"$T/expected.ids"
    sql "SELECT id FROM waarborg.segment WHERE destroyed_at IS NOT NULL ORDER BY id" >"$T/ledger.ids"
    expired_lines | sort >"$T/journal.ids"
    find "$T/archive" -type f -name '*.manifest.json' | while read -r manifest; do
        file=${manifest%.manifest.json}
        [ -f "$file.sql.gz" ] || [ -f "$file.sql.gz.cms" ] || echo "${file##*-}"
    done | sort >"$T/directory.ids"
    for place in ledger journal directory; do
        cmp -s "$T/expected.ids" "$T/$place.ids" ||
            fail "destroyed in the $place: $(tr '\n' ' ' <"$T/$place.ids"); expected: $1"
    done
    [ "$(find "$T/archive" -type f -name '*.manifest.json' | wc -l)" -eq \
        "$(sql 'SELECT count(*) FROM waarborg.segment')" ] || fail "a manifest is gone"
}

new_archive() {
    rm -rf "$T/archive" "$T/journal.jsonl"
    small_db "$1" "$2"
    small_policy | write_conf "${3:-unsealed}" 'batch = 2;'
    start_policy
    night
    expect_status 0
    remember_segments $(($2 / 2))
}

expire_gate() {
    sql "CREATE TRIGGER expire_gate BEFORE UPDATE ON waarborg.segment EXECUTE FUNCTION test.wait(5)"
}

expire_start() {
    waarborg_start --as-of "$(after 91)" archive expire --rehearsal "$@"
}

expire_sessions_in() { # CONDITION of pg_stat_activity
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
              AND application_name = 'waarborg/archive.expire' AND $1")" -ge 1 ]
}

expire_at_gate() {
    expire_sessions_in "wait_event = 'PgSleep'"
}

expire_waits_for_lock() {
    expire_sessions_in "wait_event_type = 'Lock'"
}
