#!/bin/sh
# How fast are the reports?  Times them, start of the program included, on this machine, over a database
# that has seen some years of nights (tests/bench/report.sql).  Medians.
#   tests/bench/report.sh [customers [worklist [runs [breaches]]]]   1,000,000, 100,000, 1,000 and 10,000
# Filling it takes some minutes and 4 GB below /tmp (SERVER_PARENT=DIRECTORY: elsewhere).  Builds
# build/waarborg; WAARBORG=PROGRAM measures another one.  KEEP=DIRECTORY keeps the last page of each report.
set -eu
cd "$(dirname "$0")/../.."
customers=${1:-1000000}
worklist=${2:-100000}
runs=${3:-1000}
breaches=${4:-10000}
rounds=3
. tests/bench/lib.sh

bench_configure report
waarborg migrate >/dev/null
echo "Filling: $customers customers, $worklist on the worklist, $runs runs, $breaches breaches."
started=$(date +%s)
psql -Xq -v ON_ERROR_STOP=1 -d report -v customers="$customers" -v worklist="$worklist" -v runs="$runs" \
    -v breaches="$breaches" -f tests/bench/report.sql
waarborg retention approve >/dev/null
echo "($(($(date +%s) - started)) s, $(psql -XAtq -d report -c "SELECT pg_size_pretty(pg_database_size('report'))"))"

# measure NAME GOAL-MS EXIT-CODE WORDS: a line of the table, in three formats
measure() {
    name=$1 goal=$2 code=$3
    shift 3
    cells='' most=0
    for format in text html json; do
        bench_times "$code" report "$@" --format "$format"
        cells="$cells $median |"
        [ "$peak" -le "$most" ] || most=$peak
        [ -z "${KEEP:-}" ] || cp "$work/out" "$KEEP/$1.$format"
    done
    echo "| $name |$cells $most | $goal |"
}

one=$(psql -XAtq -d report -c 'SELECT max(reference) FROM waarborg.breach')
bench_load
echo "| report | text ms | html ms | json ms | peak MiB | goal ms |"
echo "|---|---|---|---|---|---|"
measure "\`summary\`" 2000 1 summary
measure "\`summary\`, since 2018" 2000 1 summary --from 2018-05-25
measure "\`retention\`" '' 0 retention
measure "\`retention\`, since 2018" '' 0 retention --from 2018-05-25
measure "\`breaches --section figures\`" '' 0 breaches --section figures
measure "\`breaches\`, all $breaches" '' 0 breaches
measure "\`breach\`, one of them" '' 0 breach "$one"
measure "\`holds\`" '' 0 holds
measure "\`run last\`" '' 0 run last
measure "\`schedule\`" '' 0 schedule
measure "\`forecast\`" '' 0 forecast
bench_load
