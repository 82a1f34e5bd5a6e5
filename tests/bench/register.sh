#!/bin/sh
# How fast is the breach register?  Times the commands as an officer does, start of the program
# included, on this machine.
#   tests/bench/register.sh [breaches [affected [lines]]]    10,000, 1,000,000 and 1,000,000
# Filling it takes some minutes and 2 GB below /tmp (SERVER_PARENT=DIRECTORY: elsewhere).  Builds
# build/waarborg; WAARBORG=PROGRAM measures another one.
set -eu
cd "$(dirname "$0")/../.."
breaches=${1:-10000}
affected=${2:-1000000}
lines=${3:-1000000}
rounds=5
. conf/demo/server.sh

work=''
stop() {
    server_stop
    [ -z "$work" ] || rm -rf "$work"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

sh conf/demo/prepare.sh tests
if [ -z "${WAARBORG:-}" ]; then
    sh conf/demo/build.sh build waarborg
    WAARBORG=build/waarborg
fi
WAARBORG=$(realpath "$WAARBORG")
server_start shared_buffers=1GB max_wal_size=8GB
work=$(mktemp -d "${SERVER_PARENT:-/tmp}/waarborg-bench.XXXXXXXX")

createdb register
mkdir -m 700 "$work/archive"
openssl rand -hex 32 >"$work/reference.key"
chmod 600 "$work/reference.key"
# A mail system that takes everything at once.
printf '#!/bin/sh\ncat >/dev/null\n' >"$work/sendmail"
chmod 755 "$work/sendmail"
cat >"$work/waarborg.conf" <<CONF
database = "host='$PGHOST' port=$PGPORT user=$PGUSER dbname=register";
archive = { directory = "$work/archive"; unsealed = true; seal_to = []; keep = "90 days"; };
evidence = { journal = "$work/journal.jsonl"; reference_key = "$work/reference.key"; };
breach = { templates = "$PWD/conf/templates"; sendmail = "$work/sendmail";
           mail_from = "waarborg@voorbeeld.example"; security = [ "security@voorbeeld.example" ]; };
policies = ( { name = "customers"; version = "1"; legal_basis = "bench";
    subject = { table = "klant.customer"; key = [ "id" ]; };
    rules = ( { name = "former"; window = "7 years";
                clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } ); } );
CONF
waarborg() {
    "$WAARBORG" -c "$work/waarborg.conf" -q "$@"
}
waarborg migrate >/dev/null

echo "Filling: $breaches breaches, $affected affected customers, $lines lines of the audit log."
started=$(date +%s)
psql -Xq -v ON_ERROR_STOP=1 -d register -v breaches="$breaches" -v affected="$affected" \
    -v lines="$lines" -f tests/bench/register.sql
echo "($(($(date +%s) - started)) s)"
open=$(psql -XAtq -d register -c "SELECT min(reference) FROM waarborg.breach WHERE closed_at IS NULL")

# measure NAME GOAL-MS EXIT-CODE ARGUMENTS: the median of some rounds
measure() {
    name=$1 goal=$2 expected=$3
    shift 3
    : >"$work/times"
    for _ in $(seq "$rounds"); do
        status=0
        begun=$(date +%s%N)
        waarborg "$@" >"$work/out" 2>"$work/err" || status=$?
        echo $((($(date +%s%N) - begun) / 1000)) >>"$work/times"
        [ "$status" -eq "$expected" ] || {
            echo "waarborg $* gave exit code $status, expected $expected" >&2
            tail -n 5 "$work/err" >&2
            exit 1
        }
    done
    sort -n "$work/times" | awk -v name="$name" -v goal="$goal" '{ t[NR] = $1 } END {
        m = t[int((NR + 1) / 2)] / 1000
        printf "| %-40s | %9.0f | %7d | %s |\n", name, m, goal, m <= goal ? "yes" : "no" }'
}

echo "| command                                  | median ms | goal ms | met |"
echo "|---|---|---|---|"
measure "breach due" 200 1 breach due
measure "breach due --nagios" 200 2 breach due --nagios
measure "breach list" 200 0 breach list
measure "breach list --all" 200 0 breach list --all
measure "breach show" 200 0 breach show "$open"
# The first time every overdue breach is reminded of; what is promised is the quarter of an hour after it.
waarborg breach remind >/dev/null 2>&1 || :
measure "breach remind, nothing new" 2000 0 breach remind
waarborg evidence verify >/dev/null
measure "evidence verify" 30000 0 evidence verify
