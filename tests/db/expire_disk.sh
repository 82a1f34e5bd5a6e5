# archive expire on a disk that fails (tests/fault/shim.c) when the ledger says already that a segment
# is destroyed: exit code 3, no other segment is begun, and the next run finishes this one.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/expiry.sh"

shim=${WAARBORG_SHIM:-$(dirname "$WAARBORG_PLAIN")/tests/libfault_shim.so}
[ -f "$shim" ] || skip "$shim was not built"
! ldd "$WAARBORG_PLAIN" | grep -q libasan || skip "WAARBORG_PLAIN was built with sanitizers"
WAARBORG=$WAARBORG_PLAIN

# WHERE | CALL | files left | what is said.  The first unlink and the third fsync are for the sealed
# form of the name, which is not there; the fsyncs before come at the start, as does the first of the
# journal.
trial=0
while IFS='|' read -r where fault files sentence; do
    echo "case: $fault $where"
    trial=$((trial + 1))
    new_archive "disk$trial" 4
    : >"$T/calls"
    (
        export LD_PRELOAD="$shim" WAARBORG_FAULT_UNDER="$T/$where" WAARBORG_FAULT="$fault" \
            WAARBORG_FAULT_LOG="$T/calls"
        exec "$WAARBORG" -c "$T/waarborg.conf" --as-of "$(LD_PRELOAD='' after 91)" \
            archive expire --rehearsal
    ) >"$T/out" 2>"$T/err" && status=0 || status=$?
    last_command="archive expire with $fault $where"
    grep -q ' failed$' "$T/calls" || fail "no call failed"
    expect_status 3
    expect_err "event=archive\.expire\.failed .*message=\"segment $segment_1: $sentence"
    expect_out '^0 of 2 segments past'
    expect_sql "$segment_1" "SELECT id FROM waarborg.segment WHERE destroyed_at IS NOT NULL"
    [ "$(segments | wc -l)" -eq "$files" ] || fail "$(segments | wc -l) files are left"
    waarborg --as-of "$(after 91)" archive expire --rehearsal
    expect_status 0
    expect_expired "$segment_1 $segment_2"
    waarborg archive verify
    expect_status 0
done <<'CASES'
archive/|unlink:1:EIO|2|ledger and journal have it as destroyed, but its file may still be there; the next run removes it: .*Input/output error
archive/|unlink:2:EIO|2|ledger and journal have it as destroyed, but its file may still be there
archive/|fsync:4:EIO|1|ledger and journal have it as destroyed, but its file may still be there
journal.jsonl|pwrite:1:ENOSPC|2|the ledger has it as destroyed, but the journal could not be written and its file is still there; the next run does both: .*No space left
journal.jsonl|fsync:2:EIO|2|the ledger has it as destroyed, but the journal could not be written and its file is still there; the next run does both
CASES
