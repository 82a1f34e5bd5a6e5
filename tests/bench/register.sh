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
one=$(psql -XAtq -d register -c "SELECT max(breach_id) FROM waarborg.affected_count")
one=$(psql -XAtq -d register -c "SELECT reference FROM waarborg.breach WHERE id = $one")
most=$(psql -XAtq -d register -c "SELECT b.reference FROM waarborg.affected_count AS c
    JOIN waarborg.breach AS b ON b.id = c.breach_id ORDER BY c.n DESC LIMIT 1")

# measure NAME GOAL-MS EXIT-CODE ARGUMENTS
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
    sort -n "$work/times" | awk -v name="$name" -v goal="$goal" '{ t[NR] = $1 / 1000 } END {
        m = t[int((NR + 1) / 2)]
        printf "| %s | %.0f | %.0f | %d | %s |\n", name, t[1], m, goal, m <= goal ? "yes" : "no" }'
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
measure "\`evidence verify\`, $(psql -XAtq -d register -c 'SELECT seq FROM waarborg.audit_head') lines" 30000 0 evidence verify
echo "Load of the machine at the end: $(cut -d' ' -f1-3 /proc/loadavg)."
