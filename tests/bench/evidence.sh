#!/bin/sh
# How long does an auditor wait?  Times `waarborg evidence verify DIR` over a copy of archive and journal
# that all hold (tests/bench/history.c), on this machine.  Median of three, and the peak of its memory.
#   tests/bench/evidence.sh [manifests [subjects [lines]]]   10,000, 100 a manifest, and 1,000,000 lines
# Takes 450 MB below /tmp (SERVER_PARENT=DIRECTORY: elsewhere).  Builds into build; WAARBORG=PROGRAM
# HISTORY=PROGRAM measures another one.
set -eu
cd "$(dirname "$0")/../.."
manifests=${1:-10000}
subjects=${2:-100}
lines=${3:-1000000}
rounds=3
. tests/bench/lib.sh

if [ -z "${HISTORY:-}" ]; then
    sh conf/demo/build.sh build bench_history
    HISTORY=build/tests/bench_history
fi
"$HISTORY" "$work" "$manifests" "$subjects" "$lines"
bench_load
bench_times 0 --json evidence verify "$work/archive"
grep -q "\"disposals\": $((manifests * subjects))," "$work/out" || {
    echo "not every disposal was looked at:" >&2
    cat "$work/out" >&2
    exit 1
}
echo "| manifests | disposals | journal lines | least ms | median ms | peak MiB | goal ms |"
echo "|---|---|---|---|---|---|---|"
echo "| $manifests | $((manifests * subjects)) | $lines | $least | $median | $peak | 20000 |"
bench_load
