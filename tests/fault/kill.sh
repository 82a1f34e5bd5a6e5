# kill -9 at chosen steps and at random moments: the next run finishes the work and nothing is lost,
# left over or done twice.
#   WAARBORG_KILLS=3000 sh tests/fault/kill.sh      more of the random ones (300)
. "$(dirname "$0")/../harness/lib.sh"
WAARBORG=$WAARBORG_PLAIN
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/faults.sh"

kills=${WAARBORG_KILLS:-300}
customers=400
small_db kill $customers
rows=$(row_count)
small_conf 'batch = 8; chunk = 3; workers = 2;'

killed() {
    kill -KILL "$started" 2>/dev/null || :
    wait "$started" 2>/dev/null || :
    cat "$T/err" >>"$T/log"
    gate_open
    wait_for 20 sessions_gone
}

# The brake fills the worklist and stops there.
waarborg --as-of $AS_OF retention run
expect_status 2

# Chosen: with rows deleted and not yet archived; with all deleted; with the files in place and
# COMMIT not sent.  PLACE | FILES THAT ARE LEFT, of both workers | WHAT THE NEXT RUN SAYS
while read -r place finished temporary; do
    echo "case: killed at gate $place"
    snapshot before
    gate_close "$place"
    night_start
    wait_at_gate 1
    [ "$place" -eq 3 ] || wait_at_gate 2
    killed
    count=$(find "$T/archive" -type f ! -name '.*' | wc -l)
    known=$(sql "SELECT count(*) * 2 FROM waarborg.segment")
    [ $((count - known)) -eq "$finished" ] || fail "$((count - known)) files were expected to be $finished"
    [ "$(find "$T/archive" -name '.*.tmp' | wc -l)" -ge "$temporary" ] || fail "no temporary file"
    # Only looking mends nothing, and says what it sees.
    waarborg archive verify
    gate_close 1
    night_start
    wait_at_gate 2
    kill -TERM "$started"
    wait_for 5 grep -q 'finishing the present batch' "$T/err"
    kill -TERM "$started"
    waarborg_wait
    expect_status 75
    expect_err 'event=retention\.mended .*what="'
    gate_open
    wait_for 10 sessions_gone
    snapshot after
    expect_same_snapshots before after
    expect_whole "$rows"
done <<'CASES'
1 0 2
2 0 2
3 2 1
CASES

# After COMMIT, before the journal line: the line is written by the next run.  A line that was torn by
# a power cut is removed.
sed -i 's/batch = 8/batch = 30/; s/workers = 2/workers = 1/' "$T/waarborg.conf"
gate_close 1
night_start
wait_at_gate
kill -TERM "$started"
wait_for 5 grep -q 'finishing the present batch' "$T/err"
gate_open
waarborg_wait
expect_status 75
[ "$(sql "SELECT count(*) FROM waarborg.segment")" = 1 ] || fail "one segment was expected"
last=$(grep -n '"event":"segment"' "$T/journal.jsonl" | tail -n 1 | cut -d: -f1)
head -n "$((last - 1))" "$T/journal.jsonl" >"$T/shorter"
sed -n "${last}p" "$T/journal.jsonl" | head -c 100 >>"$T/shorter"
cat "$T/shorter" >"$T/journal.jsonl"
sed -i 's/batch = 30/batch = 8/; s/workers = 1/workers = 2/' "$T/waarborg.conf"
waarborg --as-of $AS_OF retention run --accept-volume 1
expect_status 2
expect_err 'event=retention\.mended segment=[0-9a-f]+ what="journal line written"'
expect_err 'event=retention\.journal_torn bytes=100 '
expect_whole "$rows"

# At random moments.  The work is handed out again when it is done.
endless_work
expected=$rows
for round in $(seq "$kills"); do
    expected=$((expected + $(refill "$round")))
    night_start
    # Evenly over the start and the first batches; awk's generator is seeded by the round, so that it
    # can be repeated.
    sleep "$(awk -v seed="$round" 'BEGIN { srand(seed); printf "%.3f", 0.02 + rand() * 0.25 }')"
    kill -KILL "$started" 2>/dev/null || :
    wait "$started" 2>/dev/null || :
    cat "$T/err" >>"$T/log"
    look_at_left "$expected"
done
night
expect_status 0
expect_mended
[ "$(left)" = '' ] || fail "customers $(left) are left"
expect_whole "$expected"
fault_row 'kill -9 at a random moment, 2 workers' "$kills" "$(found_so_far)" \
    'mended exactly that and finished the work'
refute_log 'Jansen|NL00PROEF'
refute_evidence 'Jansen|NL00PROEF'
