# SIGTERM and SIGINT at every named point and at random moments, once and twice: the run ends in order,
# with exit code 75, or 0 when its work was done; nothing is left over, and the next run goes on.
#   WAARBORG_SIGNALS=1000 sh tests/fault/signals.sh      more of the random ones (100)
. "$(dirname "$0")/../harness/lib.sh"
WAARBORG=$WAARBORG_PLAIN
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/faults.sh"

signals=${WAARBORG_SIGNALS:-100}
small_db signals 40
expected=$(row_count)
small_conf 'batch = 8; chunk = 3; workers = 2;'
endless_work

row() { # FAULT
    fault_row "$1" "$(wc -l <"$T/found")" "$(found_so_far)" "went on; exit codes $(sort "$T/codes" | uniq -c |
        awk '{ printf "%s%s (%d)", (NR > 1 ? ", " : ""), $2, $1 }')"
    : >"$T/found"
    : >"$T/codes"
}

ended_in_order() {
    echo "$status" >>"$T/codes"
    case $status in
    0 | 75) ;;
    143 | 130) # before the program listens to signals, at the very start
        [ ! -s "$T/err" ] || fail "a signal killed a run that had begun"
        ;;
    *) expect_status '75 or 0' ;;
    esac
    look_at_left "$expected"
    [ "$found" = nothing ] || fail "a run that ended in order left $found"
}

# ---- At every point ----------------------------------------------------------------------------------

number=0
if grep -q WAARBORG_FAULT_POINT "$WAARBORG"; then
    fault_night "WAARBORG_FAULT_LIST=$T/passed"
    expect_status 0
    for point in $(sort -u "$T/passed"); do
        number=$((number + 1))
        expected=$((expected + $(refill $number)))
        echo "case: SIGTERM at $point"
        fault_night "WAARBORG_FAULT_POINT=$point" WAARBORG_FAULT_SIGNAL=15
        ended_in_order
    done
    row 'SIGTERM at each named point'
else
    echo "this build has no fault points (cmake -DFAULT_POINTS=ON): random moments only"
fi

# ---- At random moments, seeded by the round ------------------------------------------------------------

for round in $(seq "$signals"); do
    expected=$((expected + $(refill $((number + round)))))
    awk -v seed="$round" 'BEGIN {
        srand(seed)
        printf "%.3f %s %.3f\n", 0.01 + rand() * 0.25, rand() < 0.5 ? "TERM" : "INT", rand() * 0.1
    }' >"$T/moment"
    read -r first signal second <"$T/moment"
    night_start
    sleep "$first"
    kill -s "$signal" "$started" 2>/dev/null || :
    if [ $((round % 2)) -eq 0 ]; then
        sleep "$second"
        kill -s "$signal" "$started" 2>/dev/null || :
    fi
    waarborg_wait
    ended_in_order
done
row 'SIGTERM or SIGINT at a random moment, every other one twice'

night
expect_status 0
refute_log 'event=retention\.mended'
[ "$(left)" = '' ] || fail "customers $(left) are left"
expect_whole "$expected"
refute_log 'Jansen|NL00PROEF'
