#!/bin/sh
# For the reader who doubts that nothing is ever lost: builds the program with its fault points, starts
# a PostgreSQL of its own, does everything in this folder to the two of them, and prints one table of
# what was done, how often, what was left and what the next run did.
#   tests/fault/run.sh [ROUNDS]     random kills (300); all else that is random goes with it
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/conf/demo/server.sh"
rounds=${1:-300}
case $rounds in
'' | 0* | *[!0-9]*)
    echo "usage: tests/fault/run.sh [ROUNDS], a number of random kills" >&2
    exit 2
    ;;
esac

scratch='' child=''
stop() {
    trap '' INT TERM HUP
    if [ -n "$child" ] && kill -TERM "-$child" 2>/dev/null; then
        wait "$child" || :
    fi
    server_stop
    [ -z "$scratch" ] || rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

sh "$root/conf/demo/prepare.sh" tests
sh "$root/conf/demo/build.sh" "$root/build/test" all -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSANITIZE=OFF \
    -DFAULT_POINTS=ON
server_start
scratch=$(mktemp -d /tmp/waarborg-faults.XXXXXXXX)
chmod 711 "$scratch" # some tests run the program as another user
export WAARBORG="$root/build/test/waarborg" WAARBORG_PLAIN="$root/build/test/waarborg"
export WAARBORG_TEST_CACHE="$scratch" TMPDIR="$scratch" WAARBORG_FAULT_TABLE="$scratch/table"
export WAARBORG_FAULT_ROUNDS="$rounds" WAARBORG_KILLS="$rounds"
export WAARBORG_SIGNALS=$(((rounds + 2) / 3)) WAARBORG_CUTS=$(((rounds + 6) / 7))
export WAARBORG_LETTER_KILLS=$(((rounds + 19) / 20))
export WAARBORG_POINT_TIMES=$((rounds < 600 ? 2 : rounds / 300))
: >"$WAARBORG_FAULT_TABLE"

# A background command of sh ignores SIGINT, and so would every program the scripts start.
run_script() {
    setsid env --default-signal=INT,QUIT sh "$1" >"$scratch/log" 2>&1 &
    child=$!
    code=0
    wait "$child" || code=$?
    child=''
}

failed=''
for script in "$root"/tests/fault/*.sh; do
    [ "$script" != "$root/tests/fault/run.sh" ] || continue
    name=$(basename "$script")
    started=$(date +%s)
    run_script "$script"
    case $code in
    0) outcome='fine' ;;
    77) outcome=$(grep '^SKIPPED: ' "$scratch/log" || echo 'SKIPPED') ;;
    *)
        outcome="FAILED ($code)"
        failed="$failed $name"
        cat "$scratch/log"
        ;;
    esac
    echo "$name: $outcome, $(($(date +%s) - started)) s"
done

echo
echo '| fault | tried | what was left | what the next run did |'
echo '|---|---|---|---|'
awk -F '|' '{ printf "| %s | %s | %s | %s |\n", $1, $2, $3, $4; tried += $2 }
    END { printf "%d faults altogether.\n", tried }' "$WAARBORG_FAULT_TABLE"
[ -z "$failed" ] || {
    echo "FAILED:$failed"
    exit 1
}
