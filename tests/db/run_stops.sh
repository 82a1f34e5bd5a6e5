# One run at a time, and how a run ends early: a signal, a second one, the end of the window, a
# statement that takes too long.  Whatever was begun is finished or leaves nothing.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db stops 60
rows=$(row_count)
small_conf 'batch = 10; max_minutes = 1;'

# Another run at work: a second one ends at once; so do those that only look, which go on.
gate_close 1
night_start
wait_at_gate
first=$started
waarborg --as-of $AS_OF retention run
expect_status 75
expect_err 'message="another run is at work in the archive directory'
waarborg --as-of $AS_OF retention plan
expect_status 0

# SIGTERM in the middle of a batch: that batch is finished, nothing else is begun.
started=$first
kill -TERM "$started"
sleep 0.5
at_gate || fail "the batch was not left alone"
gate_open
waarborg_wait
expect_status 75
expect_sql 50 "SELECT count(*) FROM klant.customer"
expect_sql 'stopped|10' "SELECT outcome, disposed FROM waarborg.run ORDER BY id DESC LIMIT 1"
expect_sql 50 "SELECT count(*) FROM waarborg.worklist WHERE state = 'due'"
expect_whole "$rows"

# A second signal gives the batch up, at once and without a trace; any mixture of the two will do.
for signals in 'INT INT' 'TERM INT' 'TERM TERM'; do
    snapshot before
    gate_close 2
    night_start
    wait_at_gate
    for signal in $signals; do
        kill -s "$signal" "$started"
        sleep 0.5
    done
    begun=$(date +%s)
    waarborg_wait
    expect_status 75
    [ $(($(date +%s) - begun)) -le 3 ] || fail "it took too long to give up"
    expect_err 'what="giving up the present batch"'
    expect_out 'Stopped early: a signal asked to stop'
    refute_out 'rror'
    gate_open
    snapshot after
    expect_same_snapshots before after
    expect_sql 'stopped|0' "SELECT outcome, disposed FROM waarborg.run ORDER BY id DESC LIMIT 1"
    wait_for 5 sessions_gone
done
# The same with the files in place and COMMIT not sent.
gate_close 3
night_start
wait_at_gate
kill -INT "$started"
wait_for 5 grep -q 'finishing the present batch' "$T/err"
kill -INT "$started"
waarborg_wait
expect_status 75
gate_open
snapshot after
expect_same_snapshots before after
expect_whole "$rows"

# A run that was killed leaves its statement at work on the server for a while: the next run waits
# for nobody, and says so, until it has ended.
gate_close 1
night_start
wait_at_gate
kill -KILL "$started"
wait "$started" 2>/dev/null || :
waarborg --as-of $AS_OF retention run
expect_status 75
expect_err 'a worker of an earlier run still holds its lock|another run holds the lock'
gate_open
wait_for 10 sessions_gone
snapshot after
expect_same_snapshots_but_files() {
    grep -v '\.sql\.gz\|manifest' "$T/snapshot.before" >"$T/a"
    grep -v '\.sql\.gz\|manifest' "$T/snapshot.after" >"$T/b"
    cmp "$T/a" "$T/b" >&2 || fail "the killed run changed something"
}
expect_same_snapshots_but_files

# Time: a clock that jumps as soon as a file is there.
cat >"$T/clock.c" <<C
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *at)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == 0)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, at);
    if (id == CLOCK_MONOTONIC && access("$T/jump-11", F_OK) == 0)
        at->tv_sec += 11;
    if (id == CLOCK_MONOTONIC && access("$T/jump-60", F_OK) == 0)
        at->tv_sec += 60;
    return result;
}
C
cc -shared -fPIC -o "$T/clock.so" "$T/clock.c" -ldl || fail "the clock cannot be compiled"
printf '#!/bin/sh\nLD_PRELOAD=%s exec %s "$@"\n' "$T/clock.so" "$WAARBORG_PLAIN" >"$T/jumping"
chmod 700 "$T/jumping"
if "$T/jumping" --version >"$T/out" 2>&1; then
    WAARBORG=$T/jumping
    # The window is over: the batch is finished, the rest is for the next run.
    gate_close 1
    night_start
    wait_at_gate
    touch "$T/jump-60"
    sleep 0.5
    gate_open
    waarborg_wait
    expect_status 75
    expect_out 'Stopped early: the window \(max_minutes\) is over; the next run goes on'
    expect_sql 40 "SELECT count(*) FROM klant.customer"
    rm "$T/jump-60"

    # After one signal a statement may take ten seconds, and no more.
    gate_close 1
    night_start
    wait_at_gate
    kill -TERM "$started"
    sleep 0.5
    at_gate || fail "the batch was not left alone"
    touch "$T/jump-11"
    waarborg_wait
    expect_status 75
    expect_sql 40 "SELECT count(*) FROM klant.customer"
    gate_open
    rm "$T/jump-11"
else
    echo "no test of the clock: $(head -n 1 "$T/out")"
fi

# The rest, in peace.
night
expect_status 0
[ "$(left)" = '' ] || fail "customers $(left) are left"
expect_whole "$rows"
