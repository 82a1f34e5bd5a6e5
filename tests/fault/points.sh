# kill -9 at every step of a night: at each FAULT_POINT of the sources (points_later.sh has the others).  What is left is what the
# table below says, the next run mends exactly that and finishes the work, and nothing is lost.  Also
# when that run is killed at each of its own steps.
#   WAARBORG_POINT_TIMES=10 sh tests/fault/points.sh    at so many passings of each point (2)
. "$(dirname "$0")/../harness/lib.sh"
WAARBORG=$WAARBORG_PLAIN
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/faults.sh"
. "$ROOT/tests/harness/proxy.sh"

grep -q WAARBORG_FAULT_POINT "$WAARBORG" ||
    skip "this build has no fault points; configure it with cmake -DFAULT_POINTS=ON"
times=${WAARBORG_POINT_TIMES:-2}

# Everything a run can meet: an owned parent, a reference that is unlinked, customers who share a row,
# one who cannot go (23, the last batch).
points_db() {
    small_db points 24
    sql "SET client_min_messages = warning;
         CREATE TABLE klant.address (id bigint PRIMARY KEY, street text);
         INSERT INTO klant.address SELECT i, 'Dorpsstraat ' || i FROM generate_series(1, 24) AS i;
         ALTER TABLE klant.customer ADD address_id bigint REFERENCES klant.address,
                                    ADD referred_by bigint REFERENCES klant.customer;
         UPDATE klant.customer SET address_id = id, referred_by = nullif(id - 1, 0);
         CREATE TABLE klant.joint (id bigint PRIMARY KEY, first bigint REFERENCES klant.customer,
                                   second bigint REFERENCES klant.customer);
         INSERT INTO klant.joint VALUES (1, 12, 13);
         CREATE INDEX ON klant.customer (address_id); CREATE INDEX ON klant.customer (referred_by);
         CREATE INDEX ON klant.joint (first); CREATE INDEX ON klant.joint (second);
         CREATE FUNCTION test.refuse() RETURNS trigger LANGUAGE plpgsql AS
             \$\$ BEGIN RAISE EXCEPTION 'no'; END \$\$;
         CREATE TRIGGER refuse BEFORE DELETE ON klant.contact FOR EACH ROW WHEN (old.customer_id = 23)
             EXECUTE FUNCTION test.refuse()"
    small_policy | sed 's/^  links/  owns = [ "klant.address" ]; detach = [ "klant.customer.referred_by" ];\n&/' |
        write_conf unsealed 'batch = 6; chunk = 3; workers = 1;'
    start_policy
    rows=$(row_count)
    keep_start
}

# workers NUMBER: from now on.
workers() {
    sed -i "s/workers = [0-9]*/workers = $1/" "$T/waarborg.conf"
}

# ---- One case: prepare, kill at a point, look, run again -------------------------------------------

# run_at HOW NAME[:N]: a night in which HOW happens, killed there.
run_at() {
    case $1 in
    night) fault_night "WAARBORG_FAULT_POINT=$2" ;;
    busy) # somebody holds the address of customer 3, which is locked late
        app_begin
        app "BEGIN; SELECT FROM klant.address WHERE id = 3 FOR UPDATE"
        fault_night "WAARBORG_FAULT_POINT=$2"
        app COMMIT
        app_end
        ;;
    answered | before) # the first COMMIT of a batch is cut so
        proxy_start commit 1 "$1"
        fault_night "WAARBORG_FAULT_POINT=$2"
        proxy_stop
        ;;
    torn:*) # the power goes while the line of the first segment is written
        fault_night "WAARBORG_FAULT_POINT=${1#torn:}"
        settle
        truncate -s "-$(($(tail -n 1 "$T/journal.jsonl" | wc -c) - 40))" "$T/journal.jsonl"
        fault_night "WAARBORG_FAULT_POINT=$2"
        ;;
    *) # the run that comes after one that was killed there
        fault_night "WAARBORG_FAULT_POINT=$1"
        [ "$status" -eq 137 ] || fail "no run passes $1"
        settle
        fault_night "WAARBORG_FAULT_POINT=$2"
        ;;
    esac
}

# The next run finishes the work.
finish() {
    fault_night
    expect_status 1 # customer 23 stays
    expect_mended
    [ "$(left)" = 23 ] || fail "customers $(left) are left"
    expect_whole "$rows"
}

killed_at() { # HOW NAME[:N] EXPECTED
    fresh
    run_at "$1" "$2"
    [ "$status" -eq 137 ] || fail "a run ($1) does not pass $2 so often"
    look_at_left "$rows"
    [ "${3:-$found}" = "$found" ] || fail "killed at $2 ($1): $found was left instead of $3"
    finish
}

# ---- The table: POINT[:PASSING] | HOW | WHAT IS LEFT -------------------------------------------------

cat >"$T/table" <<'TABLE'
run.locked|night|nothing
run.claimed|night|nothing
reconcile.done|night|nothing
journal.made|night|nothing
journal.opened|night|nothing
file.dir_made|night|nothing
run.reconciled|night|nothing
run.scanned|night|nothing
run.started|night|nothing
batch.picked|night|nothing
batch.subjects_locked|night|nothing
batch.rows_locked|night|nothing
batch.judged|night|nothing
dispose.agreed|night|nothing
file.created|night|temporary
segment.opened|night|temporary
file.wrote|night|temporary
segment.created|night|temporary
rows.owned_locked|night|temporary
segment.member_begun|night|temporary
rows.row_came|night|temporary
rows.statement_done|night|temporary
segment.member_ended|night|temporary
rows.unlinked|night|temporary
rows.table_deleted|night|temporary
rows.owned_deleted|night|temporary
rows.moved|night|temporary
segment.sealed|night|temporary
file.synced|night|temporary
file.read_back|night|temporary
segment.finished|night|temporary
record.turn_came|night|temporary
file.closed|night|temporary
file.renamed|night|segment
file.published|night|segment
record.segment_published|night|segment
record.chain_locked|night|segment
file.created:2|night|segment+temporary
file.synced:2|night|segment+temporary
file.read_back:2|night|segment+temporary
file.closed:2|night|segment+temporary
file.renamed:2|night|segment+manifest
file.published:2|night|segment+manifest
record.manifest_published|night|segment+manifest
record.segment_inserted|night|segment+manifest
record.tables_inserted|night|segment+manifest
record.ledger_written|night|segment+manifest
record.committed|night|line
journal.locked|night|nothing
journal.trimmed|night|nothing
journal.wrote|night|nothing
journal.synced|night|nothing
journal.locked:2|night|line
journal.trimmed:2|night|line
journal.wrote:2|night|nothing
journal.synced:2|night|nothing
record.done|night|nothing
dispose.tried|night|nothing
dispose.shared|night|nothing
file.discarded|night|nothing
dispose.split|night|nothing
dispose.set_aside|night|nothing
run.worked|night|nothing
run.finished|night|nothing
run.reported|night|nothing
dispose.left_busy|busy|nothing
record.answer_lost|answered|line
record.ledger_asked|answered|line
record.answer_lost|before|segment+manifest
record.ledger_asked|before|segment+manifest
record.failed|before|segment+manifest
file.unlinked|before|segment
file.unlinked:2|before|segment
file.unlinked:3|before|nothing
reconcile.segment_line|record.committed|nothing
reconcile.orphan|record.ledger_written|nothing
reconcile.temporary|rows.moved|nothing
TABLE

# The run that mends, killed: what is left is mended by the one after it.
cat >"$T/mending" <<'TABLE'
file.unlinked|rows.moved|nothing
file.unlinked|record.segment_published|segment
file.unlinked:3|record.segment_published|nothing
file.unlinked|record.ledger_written|segment
file.unlinked:3|record.ledger_written|nothing
file.unlinked:4|file.created:2|nothing
journal.locked|record.committed|line
journal.trimmed|record.committed|line
journal.wrote|record.committed|nothing
journal.synced|record.committed|nothing
run.claimed|record.committed|line
run.claimed|record.ledger_written|segment+manifest
reconcile.done|record.committed|nothing
run.locked|torn:journal.wrote:2|line
journal.locked|torn:journal.wrote:2|line
journal.trimmed|torn:journal.wrote:2|line
journal.wrote|torn:journal.wrote:2|nothing
reconcile.segment_line|torn:journal.wrote:2|nothing
TABLE

# How often a whole night passes each point.
list_night() {
    fault_night "WAARBORG_FAULT_LIST=$T/passed"
    expect_status 1
    expect_whole "$rows"
    sort "$T/passed" | uniq -c >"$T/passings"
    awk -F '[:|]' '$2 == "night" { print $1 }' "$T/table" | sort -u >"$T/night.names"
    sort -u "$T/passed" >"$T/passed.names"
    [ "$(found_count "$T/night.names" "$T/passed.names")" -eq 0 ] ||
        fail "not passed by a night: $(comm -23 "$T/night.names" "$T/passed.names" | tr '\n' ' ')"
}

row() { # FAULT
    fault_row "$1" "$(wc -l <"$T/found")" "$(found_so_far)" \
        "$2 and finished the work"
    : >"$T/found"
}

points_db
check_points "$T/table" -v
list_night

while IFS='|' read -r point how expected; do
    echo "case: killed at $point ($how)"
    killed_at "$how" "$point" "$expected" </dev/null
done <"$T/table"
row 'kill -9 at each named point, 1 worker' 'mended exactly that'

while IFS='|' read -r point how expected; do
    echo "case: $how, then killed at $point"
    killed_at "$how" "$point" "$expected" </dev/null
done <"$T/mending"
row 'kill -9 of the run that mends, at each of its steps' 'mended the rest'

# Later passings of each point, with two workers: how many there are is up to the race, so the last
# ones are not asked for.
workers 2
while read -r passings name; do
    [ "$passings" -gt 1 ] || continue
    for i in $(seq 2 "$times"); do
        n=$((1 + (i - 1) * (passings - 1) / times))
        echo "case: killed at $name:$n, two workers"
        killed_at night "$name:$n" '' </dev/null
    done
done <"$T/passings"
row 'kill -9 at later passings of each point, 2 workers' 'mended exactly that'
refute_log 'Jansen|NL00PROEF|Dorpsstraat'
