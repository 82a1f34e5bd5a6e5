#!/bin/sh
# How fast is the breach register?  Times the commands as an officer does, start of the program
# included, on this machine: with all breaches open, and with two in three closed.  Medians.
#   tests/bench/register.sh [breaches [affected [lines]]]    10,000, 1,000,000 and 1,000,000
# Filling it takes some minutes and 2 GB below /tmp (SERVER_PARENT=DIRECTORY: elsewhere).  Builds
# build/waarborg; WAARBORG=PROGRAM measures another one.
set -eu
cd "$(dirname "$0")/../.."
breaches=${1:-10000}
affected=${2:-1000000}
lines=${3:-1000000}
rounds=7
. tests/bench/lib.sh

bench_configure register
waarborg migrate >/dev/null

echo "Filling: $breaches breaches, $affected affected customers, $lines lines of the audit log."
started=$(date +%s)
psql -Xq -v ON_ERROR_STOP=1 -d register -v breaches="$breaches" -v affected="$affected" \
    -v lines="$lines" -f tests/bench/register.sql
echo "($(($(date +%s) - started)) s)"
one=$(psql -XAtq -d register -c "SELECT max(breach_id) FROM waarborg.affected_count")
one=$(psql -XAtq -d register -c "SELECT reference FROM waarborg.breach WHERE id = $one")
most=$(psql -XAtq -d register -c "SELECT b.reference FROM waarborg.affected_count AS c
    JOIN waarborg.breach AS b ON b.id = c.breach_id ORDER BY c.n DESC LIMIT 1")

# measure NAME GOAL-MS EXIT-CODE ARGUMENTS
measure() {
    name=$1 goal=$2 expected=$3
    shift 3
    bench_times "$expected" "$@"
    met=yes
    [ "$median" -le "$goal" ] || met=no
    echo "| $name | $least | $median | $goal | $met |"
}

# all_of_them MIX: what an officer looks at, and cron every quarter of an hour
all_of_them() {
    measure "\`breach due\`, $1" 200 1 breach due
    measure "\`breach due --nagios\`, $1" 200 2 breach due --nagios
    measure "\`breach list\`, $1" 200 0 breach list
    measure "\`breach list --all\`, $1" 200 0 breach list --all
    measure "\`breach show\`, $1" 200 0 breach show "$one"
    measure "\`breach show\`, half of the affected, $1" 200 0 breach show "$most"
    measure "\`breach affected\`, half of the affected, $1" 200 0 breach affected "$most"
    measure "\`breach draft\`, half of the affected, $1" 200 0 breach draft "$most" ap
    measure "\`breach remind\`, nothing new, $1" 2000 0 breach remind
}

echo "| command | least ms | median ms | goal ms | met |"
echo "|---|---|---|---|---|"
all_of_them "all open"
psql -Xq -v ON_ERROR_STOP=1 -d register -c 'CALL klant.close_most()' -c 'VACUUM ANALYZE'
all_of_them "2 in 3 closed"
rounds=3
# Every affected customer who still has to be told is looked for among the customers.
measure "\`check\`" 30000 0 check
measure "\`evidence verify\`, $(psql -XAtq -d register -c 'SELECT seq FROM waarborg.audit_head') lines" 30000 0 evidence verify
bench_load
