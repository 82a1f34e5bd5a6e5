# The connection of a worker is cut by a proxy (tests/fault/proxy.c): at each COMMIT of a night, before
# it is sent on, in the middle of its bytes, after it was sent, and with its answer lost; and at random
# statements.  The program asks the ledger over a new connection; where it cannot, the next run does.
#   WAARBORG_CUTS=300 sh tests/fault/commit.sh      more of the random ones (40)
. "$(dirname "$0")/../harness/lib.sh"
WAARBORG=$WAARBORG_PLAIN
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/faults.sh"
. "$ROOT/tests/harness/proxy.sh"

cuts=${WAARBORG_CUTS:-40}
small_db commit 24
rows=$(row_count)
small_conf 'batch = 8; chunk = 3; workers = 1;'
keep_start

ledger() {
    sql "SELECT count(*) FROM waarborg.segment"
}

# cut WHAT N HOW: a night with that fault.
cut() {
    fresh
    proxy_start "$@"
    fault_night
    proxy_met || fail "the night has no $1 number $2"
    proxy_stop
}

# The run went on by itself, or the next one does.
finish() {
    if [ "$status" -ne 0 ]; then
        fault_night
        expect_status 0
        expect_mended
    fi
    [ "$(left)" = '' ] || fail "customers $(left) are left"
    expect_whole "$rows"
}

row() { # FAULT, WHAT THE RUN AND THE NEXT ONE DID
    fault_row "$1" "$(wc -l <"$T/found")" "$(found_so_far)" "$2"
    : >"$T/found"
}

# ---- Each COMMIT.  HOW | EXIT CODE | WHAT IS LEFT | SEGMENTS THAT ARE COMMITTED, beside those before it ----
# What was not sent whole did not commit: the batch is rolled back, its files are removed, and the run
# ends, for a worker that lost its connection is a failure.  What was sent is committed, and the run
# goes on.  Where nobody can be asked, the files stay.

workers() {
    sed -i "s/workers = [0-9]*/workers = $1/" "$T/waarborg.conf"
}

commit_cut() { # WORKERS BATCH HOW CODE LEFT SEGMENTS
    echo "case: $1 workers, COMMIT of batch $2: $3"
    workers "$1"
    cut commit "$2" "$3"
    expect_status "$4"
    look_at_left "$rows"
    [ "$found" = "$5" ] || fail "$3 at COMMIT $2 left $found"
    # Another worker may commit before it sees that it must stop.
    [ "$4" -eq 0 ] || [ "$1" -gt 1 ] || [ "$(ledger)" -eq $(($2 - 1 + $6)) ] ||
        fail "$3 at COMMIT $2: $(ledger) segments in the ledger"
    finish
}

commits() {
    while IFS='|' read -r how code expected more words; do
        for workers in 1 2; do
            for batch in 1 2 3; do
                commit_cut "$workers" "$batch" "$how" "$code" "$expected" "$more" </dev/null
            done
        done
        row "connection $words" "$(case $code in
            0) echo "the same run asked the ledger and finished the work" ;;
            *) echo "finished the work (the run itself ended with $code)" ;;
            esac)"
    done <<'CASES'
before|3|nothing|0|cut before COMMIT was sent
middle|3|nothing|0|cut in the middle of COMMIT
sent|0|nothing|1|cut after COMMIT was sent
answered|0|nothing|1|cut with the answer to COMMIT lost
stall|0|nothing|1|slow: the answer to COMMIT came half a second late
before-dead|3|segment+manifest|0|cut before COMMIT, and nobody to ask
middle-dead|3|segment+manifest|0|cut in the middle of COMMIT, and nobody to ask
sent-dead|3|line|1|cut after COMMIT was sent, and nobody to ask
answered-dead|3|line|1|cut with the answer lost, and nobody to ask
CASES
}

# ---- Any statement, at random but repeatable ---------------------------------------------------------

random_cuts() {
    workers 1
    fresh
    proxy_start any 1000000 before
    fault_night
    expect_status 0
    proxy_stop
    [ "$proxy_seen" -gt 100 ] || fail "a night has only $proxy_seen statements"
    awk -v count="$cuts" -v most="$proxy_seen" 'BEGIN {
        split("before middle sent answered before-dead sent-dead answered-dead", how)
        srand(7)
        for (i = 0; i < count; i++)
            print 1 + int(rand() * most), how[1 + int(rand() * 7)], 1 + i % 2
    }' >"$T/random"
    while read -r number how workers; do
        echo "case: $workers workers, statement $number: $how"
        workers "$workers"
        fresh
        proxy_start any "$number" "$how"
        fault_night </dev/null
        # Two workers send some statements more or fewer: the fault may not have been met.
        proxy_met || [ "$workers" -eq 2 ] || fail "the night has no statement number $number"
        proxy_stop
        case $status in
        0 | 3) ;;
        *) expect_status '0 or 3' ;;
        esac
        look_at_left "$rows"
        finish </dev/null
    done <"$T/random"
    row "connection cut at a random statement" "finished the work"
}

commits
random_cuts
refute_log 'Jansen|NL00PROEF'
