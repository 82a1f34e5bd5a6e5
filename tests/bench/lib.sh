# What the benches share, in sh.  Source it from the checkout; it builds the program unless WAARBORG names
# one.  It gives
#
#   $work                  a directory of its own, removed at exit
#   bench_configure NAME   a private PostgreSQL, stopped at exit, a database in it, and a configuration
#                          with a policy on klant.customer
#   waarborg WORDS         the program, with that configuration
#   bench_times CODE WORDS runs it $rounds times; each must give exit code CODE.  What the last one said
#                          stands in $work/out; sets $least, $median (milliseconds, start of the program
#                          included) and $peak (MiB)
#   bench_load             says how busy the machine is
. conf/demo/server.sh

work='' conf=''
bench_stop() {
    server_stop
    [ -z "$work" ] || rm -rf "$work"
}
trap bench_stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

sh conf/demo/prepare.sh tests
if [ -z "${WAARBORG:-}" ]; then
    sh conf/demo/build.sh build waarborg
    WAARBORG=build/waarborg
fi
WAARBORG=$(realpath "$WAARBORG")
work=$(mktemp -d "${SERVER_PARENT:-/tmp}/waarborg-bench.XXXXXXXX")

bench_configure() {
    server_start shared_buffers=1GB max_wal_size=8GB
    createdb "$1"
    mkdir -m 700 "$work/archive"
    openssl rand -hex 32 >"$work/reference.key"
    chmod 600 "$work/reference.key"
    # A mail system that takes everything at once.
    printf '#!/bin/sh\ncat >/dev/null\n' >"$work/sendmail"
    chmod 755 "$work/sendmail"
    conf=$work/waarborg.conf
    cat >"$conf" <<CONF
database = "host='$PGHOST' port=$PGPORT user=$PGUSER dbname=$1";
archive = { directory = "$work/archive"; unsealed = true; seal_to = []; keep = "90 days"; };
evidence = { journal = "$work/journal.jsonl"; reference_key = "$work/reference.key"; };
breach = { templates = "$PWD/conf/templates"; sendmail = "$work/sendmail";
           mail_from = "waarborg@voorbeeld.example"; security = [ "security@voorbeeld.example" ]; };
policies = ( { name = "customers"; version = "1"; legal_basis = "bench";
    subject = { table = "klant.customer"; key = [ "id" ]; };
    rules = ( { name = "former"; window = "7 years";
                clocks = ( { table = "klant.agreement"; ends = "ended_on"; } );
                requires = [ "klant.agreement" ]; } ); } );
CONF
}

waarborg() {
    command time -f '%M' -o "$work/peak" "$WAARBORG" -q ${conf:+-c "$conf"} "$@"
}

bench_times() {
    expected=$1
    shift
    : >"$work/times"
    for _ in $(seq "$rounds"); do
        status=0
        begun=$(date +%s%N)
        waarborg "$@" >"$work/out" 2>"$work/err" || status=$?
        echo $((($(date +%s%N) - begun) / 1000)) "$(tail -n 1 "$work/peak")" >>"$work/times"
        [ "$status" -eq "$expected" ] || {
            echo "waarborg $* gave exit code $status, expected $expected" >&2
            tail -n 5 "$work/err" >&2
            exit 1
        }
    done
    sort -n -o "$work/times" "$work/times"
    least=$(awk 'NR == 1 { printf "%.0f", $1 / 1000 }' "$work/times")
    median=$(awk '{ t[NR] = $1 } END { printf "%.0f", t[int((NR + 1) / 2)] / 1000 }' "$work/times")
    peak=$(awk '$2 > most { most = $2 } END { printf "%.0f", most / 1024 }' "$work/times")
}

bench_load() {
    echo "Load of the machine: $(cut -d' ' -f1-3 /proc/loadavg)."
}
