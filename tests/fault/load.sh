# Nights under load: a mixed workload on the very customers that are due, while nights are run one after
# the other with --as-of moving forward.  The application never fails, nobody who was reopened,
# complained or was held before our lock is disposed of, and every row is left or archived.
#   WAARBORG_LOAD_SECONDS=600 sh tests/fault/load.sh      longer (30); half as long without a run
# The workload is in load/*.sql: READ COMMITTED, each session on customers of its own (so that none is
# in the way of another), looks whether a customer is still there before adding to it, no retries.  Its
# sessions look for a deadlock after 10 ms instead of a second, so that they find every one.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
WAARBORG=$WAARBORG_PLAIN

seconds=${WAARBORG_LOAD_SECONDS:-30}
sessions=6
share=$((seconds * 7)) # of the customers that are due on one day: each session's own
[ "$share" -le 2100 ] || share=2100
customers=$((share * sessions * 21))
command -v pgbench >/dev/null || skip "pgbench is not installed (it comes with the server)"

# Of 21 customers in a row one is due each day; table audit stands outside the graph and is written in the
# transaction it speaks of.
small_db load $customers
sql "CREATE SCHEMA load;
     CREATE SEQUENCE load.id START 1000000000;
     CREATE TABLE load.night (day int);
     INSERT INTO load.night VALUES (0);
     CREATE TABLE load.month (changes bigint);
     INSERT INTO load.month VALUES (0);
     CREATE TABLE load.audit (id bigint GENERATED ALWAYS AS IDENTITY, customer bigint,
         rows bigint NOT NULL DEFAULT 0, kind text, opens boolean,
         at timestamptz NOT NULL DEFAULT clock_timestamp(), tx xid8 NOT NULL DEFAULT pg_current_xact_id());
     UPDATE klant.agreement SET ended_on = date '2015-11-01' + ((customer_id - 1) % 21)::int"
sql "VACUUM ANALYZE"
rows=$(row_count)
small_conf 'max_share = 1.0;'
day_of() { # N
    date -u -d "2022-11-02 + $1 days" +%F
}

# ---- The application --------------------------------------------------------------------------

application_start() { # NAME SECONDS
    mkdir "$T/$1"
    scripts=''
    for script in child@25 visit@10 change@20 leaf_first@8 customer_first@8 long@1 agreement@10 complaint@10 hold@8; do
        scripts="$scripts -f $ROOT/tests/fault/load/${script%@*}.sql@${script#*@}"
    done
    # shellcheck disable=SC2086 # a list of words
    PGOPTIONS='-c deadlock_timeout=10ms' pgbench -n -c "$sessions" -j 1 -T "$2" -R 250 -D share="$share" -l \
        --log-prefix="$T/$1/log" -d "$db" $scripts >"$T/$1/said" 2>&1 &
    application=$!
    harness_children="$harness_children $application"
}

# Ended by itself, with no transaction that failed and no session that was ended.
application_end() { # NAME
    wait "$application" || fail "the application failed ($1): $(cat "$T/$1/said")"
    grep -q '^number of failed transactions: 0 ' "$T/$1/said" || fail "transactions failed: $(cat "$T/$1/said")"
    ! grep -iE 'error|aborted|fatal' "$T/$1/said" || fail "the application failed ($1)"
}

# latency NAME LABEL: of the scripts that do not sleep; waiting for their turn does not count.
latency() {
    tps=$(sed -n 's/^tps = \([0-9]*\).*/\1/p' "$T/$1/said")
    cat "$T/$1"/log* | awk '$4 < 3 || $4 > 5 { print $3 - $7 }' | sort -n |
        awk -v label="$2" -v tps="$tps" '{ all[NR] = $1; sum += $1 } END {
            printf "%-28s %6d %9d %9.2f %9.2f %9.2f %9.1f\n", label, tps, NR, sum / NR / 1000,
                all[int(NR * 0.95)] / 1000, all[int(NR * 0.99)] / 1000, all[NR] / 1000 }'
}

# ---- The holds of the office ------------------------------------------------------------------

# Placed and released by the program, beside all that; on the archive when the customer is there, or
# exit code 1 when the batch that takes the customer is not committed.
office() {
    number=0
    while [ ! -e "$T/office.end" ]; do
        number=$((number + 1))
        customer=$((number * 7919 % customers + 1)) code=0
        "$WAARBORG" -c "$T/waarborg.conf" hold add $customer --kind claim --reason load \
            >"$T/office.out" 2>"$T/office.err" || code=$?
        case $code in
        0) placed=$(sed -n 's/^Hold \([0-9]*\) .*/\1/p' "$T/office.out") ;;
        1) placed='' ;;
        *) cat "$T/office.err" >>"$T/office.failed" ;;
        esac
        if [ -n "$placed" ] && [ $((number % 2)) = 0 ]; then
            "$WAARBORG" -c "$T/waarborg.conf" hold release "$placed" --reason load >"$T/office.out" \
                2>"$T/office.err" || grep -q 'released' "$T/office.err" || cat "$T/office.err" >>"$T/office.failed"
        fi
        echo "$code" >>"$T/office.codes"
        sleep 0.1
    done
}

# ---- The nights -------------------------------------------------------------------------------

night_of() { # DAY WORKERS BATCH
    sql "UPDATE load.night SET day = $1"
    sed -i "s/^run = .*/run = { max_share = 1.0; workers = $2; batch = $3; };/" "$T/waarborg.conf"
    waarborg --as-of "$(day_of "$1")" retention run --accept-volume 1000000 --json
    [ "$status" -le 1 ] || fail "night $1 ended with exit code $status"
    echo "$1 $2 $3 $(night_figure due) $(night_figure disposed) $(night_figure busy) $(night_figure blocked) \
$(night_figure held) $(night_figure segments) $(night_figure seconds)" >>"$T/nights"
}

application_start without $((seconds / 2))
application_end without

application_start with "$seconds"
office &
office=$!
harness_children="$harness_children $office"
begun=$(date +%s)
: >"$T/nights"
last_day=-1
while kill -0 "$application" 2>/dev/null; do
    day=$((($(date +%s) - begun) * 21 / seconds))
    if [ "$day" -gt 20 ] || [ "$day" -eq "$last_day" ]; then
        sleep 0.05
        continue
    fi
    last_day=$day
    case $(($(wc -l <"$T/nights") % 5)) in
    0) night_of $day 1 100 ;;
    1) night_of $day 2 100 ;;
    2) night_of $day 1 5000 ;;
    3) night_of $day 2 500 ;;
    4) night_of $day 2 5000 ;;
    esac
done
: >"$T/office.end"
wait "$office"
application_end with
[ ! -s "$T/office.failed" ] || fail "holds of the program failed: $(cat "$T/office.failed")"

# ---- What holds afterwards --------------------------------------------------------------------

expect_sql 0 "SELECT pg_stat_get_db_deadlocks(oid) FROM pg_database WHERE datname = current_database()"
expect_sql 0 "SELECT count(*) FROM (SELECT DISTINCT ON (customer, kind) customer, opens FROM load.audit
               WHERE kind IS NOT NULL ORDER BY customer, kind, id DESC) AS last
               WHERE opens AND NOT EXISTS (SELECT 1 FROM klant.customer AS c WHERE c.id = last.customer)"
expect_sql 0 "SELECT count(*) FROM waarborg.hold AS h WHERE released_at IS NULL AND subject_key IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM klant.customer AS c WHERE c.id = h.subject_key[1]::bigint)"
# The audit tells the truth about those who are left, or the two queries above would prove nothing.
expect_sql 0 "SELECT count(*) FROM klant.customer AS c
               WHERE EXISTS (SELECT 1 FROM klant.agreement WHERE customer_id = c.id AND ended_on IS NULL) IS DISTINCT FROM
                     coalesce((SELECT opens FROM load.audit WHERE customer = c.id AND kind = 'agreement'
                                ORDER BY id DESC LIMIT 1), false)"
conserved() {
    expect_whole $((rows + $(sql "SELECT coalesce(sum(rows), 0) + count(*) FROM load.audit")))
}
conserved
disposed=$(sql "SELECT count(*) FROM waarborg.disposal")
[ "$disposed" -gt 0 ] || fail "nobody was disposed of"

# A quiet night: whoever was in the way is no more, and everybody who is due goes.
night_of 20 1 5000
expect_sql 0 "SELECT count(*) FROM klant.customer AS c
  WHERE NOT EXISTS (SELECT 1 FROM klant.agreement WHERE customer_id = c.id AND ended_on IS NULL)
    AND NOT EXISTS (SELECT 1 FROM klant.complaint WHERE customer_id = c.id AND closed_on IS NULL)
    AND NOT EXISTS (SELECT 1 FROM waarborg.hold WHERE subject_key = ARRAY[c.id::text] AND released_at IS NULL)"
conserved
refute_log 'Jansen|Vries|Bakker|NL00PROEF|gebeld'

echo 'day workers batch | due disposed busy blocked held segments seconds'
awk '{ printf "%3d %d %4d | %5d %5d %4d %3d %5d %3d %5.1f\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 }' "$T/nights"
printf '\n%-28s %6s %9s %9s %9s %9s %9s\n' 'application' tps counted 'avg ms' 'p95 ms' 'p99 ms' 'max ms'
latency without 'without a run'
latency with 'with nights all the time'
opened=$(sql "SELECT count(*) FROM load.audit WHERE opens")
transactions=$(sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' "$T/with/said")
nights=$(wc -l <"$T/nights")
echo "$transactions transactions beside $nights nights, $opened reopened, complaints and holds; $disposed customers disposed of"
fault_row "mixed workload on customers that are due, nights all the time" "$transactions transactions, $nights nights" \
    "no transaction failed; busy customers" "took them once they were free"
