# A night of 2,000 due customers among 20,000 stays below 64 MiB, however large the batch; so does the
# next one, on which nothing is due.  With the program that has no sanitizers.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

[ -x /usr/bin/time ] || skip "GNU time is not installed"
! ldd "$WAARBORG_PLAIN" | grep -q libasan || skip "WAARBORG_PLAIN was built with sanitizers"

for batch in 500 5000; do
    new_demo_db "memory$batch" 20000
    rm -rf "$T/archive" "$T/journal.jsonl"
    demo_policy | write_conf sealed "batch = $batch; workers = 2;"
    rows=$(row_count)
    waarborg migrate
    approve
    for night in first next; do
        last_command="/usr/bin/time waarborg retention run"
        status=0
        /usr/bin/time -o "$T/peak" -f %M "$WAARBORG_PLAIN" -c "$T/waarborg.conf" --as-of $AS_OF \
            retention run --accept-volume 99999 >"$T/out" 2>"$T/err" || status=$?
        expect_status 0
        kib=$(tail -n 1 "$T/peak")
        echo "batch = $batch, $night night: $kib KiB"
        [ "$kib" -lt $((64 * 1024)) ] || fail "$kib KiB is more than 64 MiB"
    done
    expect_sql t "SELECT sum(rows) BETWEEN 30000 AND $rows FROM waarborg.segment"
done
