#!/bin/sh
# How fast is a night?  Measures waarborg beside the floor, a bare DELETE, on this machine.
#   tests/bench/run.sh [customers [rounds]]      300,000 customers, 3 rounds; medians are printed
# Takes about 6 GB below /tmp (SERVER_PARENT=DIRECTORY: elsewhere) for 300,000 customers.  Builds
# build/waarborg; WAARBORG=PROGRAM measures another one.  VARIANTS="delete waarborg_1" runs only
# those.
set -eu
cd "$(dirname "$0")/../.."
customers=${1:-300000}
rounds=${2:-3}
. tests/bench/lib.sh

watcher=''
stop() {
    [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || :
    bench_stop
}
trap stop EXIT

# checkpoint_timeout: no checkpoint but the one before each variant.  autovacuum: it would start
# in the middle of one variant and not of another.
settings='shared_buffers=1GB max_wal_size=8GB checkpoint_timeout=1h fsync=on autovacuum=off
    maintenance_work_mem=512MB'
# shellcheck disable=SC2086 # a list of words
server_start $settings

query() { # DATABASE TEXT
    psql -XAtq -v ON_ERROR_STOP=1 -d "$1" -c "$2"
}

count_rows() { # DATABASE
    query "$1" "SELECT (SELECT count(*) FROM bench.customer) + (SELECT count(*) FROM bench.agreement)
        + (SELECT count(*) FROM bench.payment) + (SELECT count(*) FROM bench.complaint)
        + (SELECT count(*) FROM bench.contact) + (SELECT count(*) FROM bench.web_visit)"
}

# ---- What is measured, each in a fresh copy of the same database, in $db --------------------

run_delete() {
    measured psql -Xq -v ON_ERROR_STOP=1 -d "$db" -f "$work/delete.sql"
}

run_copy_delete() {
    measured psql -Xq -v ON_ERROR_STOP=1 -d "$db" -f "$work/copy_delete.sql" |
        gzip -6 >"$work/out.gz"
}

run_select_delete() {
    measured psql -Xq -v ON_ERROR_STOP=1 -d "$db" -f "$work/select_delete.sql" |
        gzip -6 >"$work/out.gz"
}

run_waarborg_1() {
    measured "$WAARBORG" -q -c "$work/waarborg.conf" --as-of 2026-11-22 --json retention run \
        --accept-volume "$customers" >"$work/report"
    awk '/"scan_ms":/ { print "scan", $2 + 0 }' "$work/report" >>"$work/figures"
}

run_waarborg_2() {
    run_waarborg_1
}

measured() {
    command time -f '%M' -o "$work/peak" "$@" 2>"$work/messages" || {
        echo "$variant failed:" >&2
        tail -n 5 "$work/messages" >&2
        exit 1
    }
}

# ---- Around it ------------------------------------------------------------------------------

write_conf() { # WORKERS
    mkdir -m 700 "$work/archive"
    cat >"$work/waarborg.conf" <<CONF
database = "host='$PGHOST' port=$PGPORT user=$PGUSER dbname=$db";
archive = { directory = "$work/archive"; seal_to = [ "$work/fg.crt" ]; keep = "90 days"; compression = 3; };
evidence = { journal = "$work/journal.jsonl"; reference_key = "$work/reference.key"; };
run = { batch = 5000; chunk = 500; workers = $1; max_share = 1.0; };
policies = ( {
  name = "bench"; version = "1"; legal_basis = "none: a measurement";
  subject = { table = "bench.customer"; key = [ "id" ]; };
  rules = ( { name = "former-customer"; window = "7 years";
              clocks = ( { table = "bench.agreement"; ends = "ended_on"; },
                         { table = "bench.complaint"; ends = "closed_on"; } );
              requires = [ "bench.agreement" ]; } );
  links = ( { table = "bench.web_visit"; columns = [ "customer_id" ];
              references = "bench.customer"; to = [ "id" ]; } );
} );
CONF
}

# prepare_waarborg WORKERS: all that happens once, before the first night; not measured.
prepare_waarborg() {
    rm -rf "$work/archive" "$work/journal.jsonl"
    write_conf "$1"
    for command in migrate 'retention approve'; do
        # shellcheck disable=SC2086 # one or two words
        "$WAARBORG" -q -c "$work/waarborg.conf" --as-of 2026-11-22 $command >"$work/messages" 2>&1 || {
            cat "$work/messages" >&2
            exit 1
        }
    done
}

# The largest file that is not complete yet, while the program runs.
watch_temporary() {
    largest=0
    echo 0 >"$work/largest"
    while :; do
        size=$(find "$work/archive" -name '.*.tmp' -printf '%s\n' 2>/dev/null | sort -n | tail -n 1)
        if [ "${size:-0}" -gt "$largest" ]; then
            largest=$size
            echo "$largest" >"$work/largest"
        fi
        sleep 0.2
    done
}

# measure VARIANT: one line "VARIANT milliseconds wal-bytes peak-kB written-bytes" in $work/results.
measure() {
    variant=$1
    db=bench_$variant
    query postgres "CREATE DATABASE $db TEMPLATE bench STRATEGY file_copy"
    case $variant in
    waarborg_*)
        prepare_waarborg "${variant#waarborg_}"
        watch_temporary &
        watcher=$!
        ;;
    esac
    rm -f "$work/out.gz"
    query postgres CHECKPOINT
    wal=$(query postgres 'SELECT pg_current_wal_insert_lsn()')
    start=$(date +%s%N)
    "run_$variant"
    milliseconds=$((($(date +%s%N) - start) / 1000000))
    wal=$(query postgres "SELECT pg_current_wal_insert_lsn() - '$wal'::pg_lsn")
    [ -z "$watcher" ] || kill "$watcher"
    watcher=''
    written=0
    [ ! -f "$work/out.gz" ] || written=$(stat -c %s "$work/out.gz")
    case $variant in
    waarborg_*)
        written=$(find "$work/archive" -name '*.sql.gz*' -printf '%s\n' | awk '{ s += $1 } END { print s }')
        find "$work/archive" -name '*.sql.gz*' -printf 'segment %s\n' >>"$work/figures"
        echo "temporary $(cat "$work/largest")" >>"$work/figures"
        ;;
    esac
    left=$(count_rows "$db")
    [ "$left" -eq $((total - due)) ] || {
        echo "$variant left $left rows, expected $((total - due))" >&2
        exit 1
    }
    echo "$variant $milliseconds $wal $(tail -n 1 "$work/peak") $written" >>"$work/results"
    query postgres "DROP DATABASE $db"
    printf '%s: %s.%03d s\n' "$variant" $((milliseconds / 1000)) $((milliseconds % 1000)) >&2
}

# median COLUMN VARIANT: of that column of the results.
median() {
    awk -v c="$1" -v v="$2" '$1 == v { print $c }' "$work/results" | sort -n |
        awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

largest_figure() { # NAME
    awk -v name="$1" '$1 == name && $2 > most { most = $2 } END { print most + 0 }' "$work/figures"
}

# ---- The measurement ------------------------------------------------------------------------

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj '/CN=bench' \
    -keyout "$work/fg.key" -out "$work/fg.crt" 2>"$work/messages" || {
    cat "$work/messages" >&2
    exit 1
}
(umask 077 && openssl rand -hex 32 >"$work/reference.key")
: >"$work/figures"

echo "building $customers customers" >&2
createdb bench
psql -Xq -v customers="$customers" -d bench -f tests/bench/schema.sql
total=$(count_rows bench)
due=$(query bench "SELECT sum(rows) FROM (
    SELECT count(*) AS rows FROM bench.customer WHERE id % 10 = 0
    UNION ALL SELECT count(*) FROM bench.agreement WHERE customer_id % 10 = 0
    UNION ALL SELECT count(*) FROM bench.payment AS p
              JOIN bench.agreement AS a ON a.id = p.agreement_id WHERE customer_id % 10 = 0
    UNION ALL SELECT count(*) FROM bench.complaint WHERE customer_id % 10 = 0
    UNION ALL SELECT count(*) FROM bench.contact WHERE customer_id % 10 = 0
    UNION ALL SELECT count(*) FROM bench.web_visit WHERE customer_id % 10 = 0) AS t")
subjects=$(query bench 'SELECT count(*) FROM bench.customer WHERE id % 10 = 0')
for form in delete copy_delete select_delete; do
    psql -XAtq -d bench -v form=$form -f tests/bench/statements.sql >"$work/$form.sql"
done
size=$(query bench "SELECT pg_size_pretty(pg_database_size('bench'))")

variants=${VARIANTS:-delete copy_delete select_delete waarborg_1 waarborg_2}
# The first to run would pay for new WAL files and a cold disk: it is run once more than counted.
echo "warming up" >&2
measure delete
rm "$work/results"
round=1
while [ "$round" -le "$rounds" ]; do
    echo "round $round of $rounds" >&2
    for variant in $variants; do
        measure "$variant"
    done
    round=$((round + 1))
done

floor=$(median 2 delete)
cat <<END
$(date +%Y-%m-%d), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(awk \
    '/MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo), $("$SERVER_BIN/postgres" --version)
$(echo "$settings" | tr -s '\n ' ' ')
$customers customers, $total rows, $size; due: $subjects customers, $due rows; median of $rounds

END
printf '%-38s %8s %9s %7s %8s %9s %10s\n' \
    variant seconds rows/s ratio 'WAL MB' 'peak MiB' 'written MB'
for variant in $variants; do
    case $variant in
    delete) name='bare DELETE' ;;
    copy_delete) name='psql COPY (DELETE RETURNING) | gzip -6' ;;
    select_delete) name='psql COPY (SELECT), DELETE | gzip -6' ;;
    waarborg_1) name='waarborg, 1 worker, sealed' ;;
    waarborg_2) name='waarborg, 2 workers, sealed' ;;
    esac
    awk -v name="$name" -v ms="$(median 2 "$variant")" -v wal="$(median 3 "$variant")" \
        -v peak="$(median 4 "$variant")" -v written="$(median 5 "$variant")" \
        -v rows="$due" -v floor="$floor" 'BEGIN {
            printf "%-38s %8.1f %9d %7.2f %8.0f %9.1f %10.1f\n", name, ms / 1000, rows * 1000 / ms,
                ms / floor, wal / 1e6, peak / 1024, written / 1e6 }'
done
awk -v scan="$(largest_figure scan)" -v segment="$(largest_figure segment)" -v temporary="$(largest_figure temporary)" 'BEGIN {
        printf "\nlongest scan of all subjects: %.2f s; largest segment %.1f MB, largest temporary file %.1f MB\n",
            scan / 1000, segment / 1e6, temporary / 1e6 }'
