#!/bin/sh
# Builds the fuzz targets with clang, replays what once failed (regressions/TARGET/), and lets each
# target look for more.
#   smoke.sh [TARGET...]
#     WAARBORG_FUZZ_SECONDS   for each target, default 60
#     WAARBORG_FUZZ_BUILD     directory of the build, default build/fuzz; corpus/TARGET and
#                             findings/TARGET in it stay, so that the next run goes on from there
# A finding fails the run; its input is kept and named.  When it is mended, move the input to
# regressions/TARGET/.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${WAARBORG_FUZZ_BUILD:-$root/build/fuzz}
seconds=${WAARBORG_FUZZ_SECONDS:-60}
slice=300 # of one process: libconfig 1.5 leaks a little with every syntax error
targets=${*:-config segment journal manifest seal}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/waarborg-fuzz.XXXXXXXX")
children=''
stop() {
    trap '' INT TERM HUP
    for child in $children; do
        kill "$child" 2>/dev/null || :
    done
    rm -rf "$scratch" ${memory:+"$memory"}
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Every input becomes a file, and a journal fsyncs: in memory where that is possible.
memory=$(mktemp -d /dev/shm/waarborg-fuzz.XXXXXXXX 2>/dev/null) || memory=''
TMPDIR=${memory:-$scratch}
export TMPDIR
ASAN_OPTIONS=${ASAN_OPTIONS:-}:print_suppressions=0
LSAN_OPTIONS=${LSAN_OPTIONS:-}:print_suppressions=0
export ASAN_OPTIONS LSAN_OPTIONS

echo 'int LLVMFuzzerTestOneInput(const void *d, unsigned long n) { return !d && n; }' >"$scratch/try.c"
if ! clang -fsanitize=fuzzer,address,undefined -o "$scratch/try" "$scratch/try.c" 2>"$scratch/log"; then
    echo "clang with libFuzzer is missing; install the packages clang and libclang-rt-dev:"
    head -n 3 "$scratch/log"
    [ -z "${CI:-}" ] || exit 1
    echo "SKIPPED: nothing was fuzzed"
    exit 77
fi

cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER=clang \
    -DFUZZ=ON >"$scratch/log" 2>&1 && ninja -C "$build" fuzz_targets >>"$scratch/log" 2>&1 || {
    cat "$scratch/log"
    echo "FAILED: the fuzz targets cannot be built"
    exit 1
}

# What each target must have come to, or it fuzzes nothing but the outermost check; and the least
# number of runs in 60 seconds, a tenth of what a slow machine does.
depths_of() {
    case $1 in
    config) echo 'accepted|password' ;;
    segment) echo 'accepted|accepted, no damage of it seen|opened sealed|rows read|refused' ;;
    journal) echo 'accepted|accepted chained anew|appended|history|history with faults' ;;
    manifest) echo 'accepted|accepted made to fit|written again' ;;
    seal) echo 'opened|refused' ;;
    esac
}
least_of() {
    case $1 in
    config) echo 1000 ;;
    segment) echo 1000 ;;
    journal) echo 1000 ;;
    manifest) echo 2000 ;;
    seal) echo 500 ;;
    esac
}

make_seeds() { # TARGET
    mkdir -p "$scratch/seeds/$1"
    "$build/tests/fuzz/make_seeds" "$scratch/seeds/$1" "$1"
    if [ "$1" = config ]; then # without its comments
        sed -e 's/#.*//' -e '/^ *$/d' "$root/conf/waarborg.conf" >"$scratch/seeds/config/example"
    fi
}

# In the background, so that the subshell it runs in can end it.
run_program() {
    "$program" "$@" &
    running=$!
    wait "$running"
}

# Runs one target to its end; its lines go to $scratch/TARGET.log.
run_target() { # TARGET
    running=''
    trap 'kill $running 2>/dev/null || :; exit 143' TERM
    program=$build/tests/fuzz/fuzz_$1
    mkdir -p "$build/corpus/$1" "$build/findings/$1"
    make_seeds "$1"
    [ ! -d "$here/regressions/$1" ] ||
        find "$here/regressions/$1" -type f -exec "$program" -timeout=25 \
            -artifact_prefix="$build/findings/$1/" {} + || return 1
    case $1 in
    config) # libconfig leaks with a syntax error: looked for once, at exit, where that is told apart
        set -- "$1" "-dict=$here/config.dict" -detect_leaks=0
        ;;
    journal | manifest) set -- "$1" "-dict=$here/json.dict" ;;
    esac
    name=$1
    shift
    left=$seconds
    while [ "$left" -gt 0 ]; do
        now=$((left < slice ? left : slice))
        run_program "$@" -max_total_time="$now" -rss_limit_mb=2048 -timeout=25 -max_len=8192 \
            -print_final_stats=1 -artifact_prefix="$build/findings/$name/" \
            "$build/corpus/$name" "$scratch/seeds/$name" || return 1
        left=$((left - now))
    done
}

# Says what one target did; false when it found something or did next to nothing.
judge_target() { # TARGET STATUS
    log=$scratch/$1.log
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | awk '{ n += $1 } END { print n + 0 }')
    covered=$(sed -n 's/.*DONE *\(cov: [0-9]* ft: [0-9]* corp: [0-9]*\).*/\1/p' "$log" | tail -n 1)
    echo "$1: $runs runs, ${covered:-nothing covered}"
    sed -n 's/^reached:/  &/p' "$log" | tail -n 1
    if [ "$2" -ne 0 ]; then
        tail -n 60 "$log"
        echo "FAILED: $1 found something; $(grep 'Test unit written' "$log" || echo 'see above')"
        return 1
    fi
    if [ "$runs" -lt $(($(least_of "$1") * seconds / 60)) ]; then
        echo "FAILED: $1 ran $runs times, fewer than $(($(least_of "$1") * seconds / 60)): it does not work"
        return 1
    fi
    depths_of "$1" | tr '|' '\n' | while read -r depth; do
        grep -Eq "^reached:(.*,)? $depth [0-9]" "$log" || {
            echo "FAILED: $1 never came to '$depth': its seeds or its repairs do not work"
            exit 1
        }
    done
}

faults=0
judge_pair() {
    for pair in $pending; do
        status=0
        wait "${pair#*:}" || status=$?
        judge_target "${pair%:*}" "$status" || faults=1
    done
    pending='' children=''
}

pending=''
for target in $targets; do
    run_target "$target" >"$scratch/$target.log" 2>&1 &
    children="$children $!" pending="$pending $target:$!"
    case $pending in
    *' '*' '*) judge_pair ;; # at most two at a time
    esac
done
judge_pair
exit "$faults"
