# Holds against a real run, in both orders; review dates and released holds in the night.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db holds 30
rows=$(row_count)
small_conf 'batch = 10;'

# Placed before: the customer stays, and is listed as held.
waarborg hold add 11 --kind claim --reason dossier
expect_status 0
waarborg hold add 12 --kind request --reason dossier --review 2026-11-30
expect_status 0

# The disposal has customer 5 in its hands: the hold waits, came too late for the rows, and is placed
# on the archive; a hold on somebody who is not in the batch is placed at once.
hold_waits() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
              AND application_name = 'waarborg/hold' AND wait_event_type = 'Lock'")" = 1 ]
}
gate_close 2
night_start
run=$started
wait_at_gate
waarborg hold add 25 --kind complaint --reason dossier
expect_status 0
waarborg_start hold add 5 --kind claim --reason dossier
wait_for 10 hold_waits
gate_open
waarborg_wait
expect_status 0
expect_out '^Hold 4 \(claim\) is placed on its archive and keeps segment [0-9a-f]+\.$'
started=$run
waarborg_wait
expect_status 0
[ "$(left)" = 11,12,25 ] || fail "customers $(left) are left"
expect_sql '11 12 25' "SELECT string_agg(subject_key[1], ' ' ORDER BY subject_key[1])
                         FROM waarborg.worklist WHERE state = 'held'"
expect_sql '3|1' "SELECT count(subject_key), count(reference) FROM waarborg.hold"

# The hold is being placed while the run comes by: the customer is left for the second pass, and is
# seen as held there or, when it is still not placed, stays due.
sql "INSERT INTO klant.customer SELECT i, 'Jansen' FROM generate_series(41, 44) AS i;
     INSERT INTO klant.agreement SELECT i, i, '2015-01-01' FROM generate_series(41, 44) AS i;
     INSERT INTO klant.contact SELECT i, i, 'x' FROM generate_series(41, 44) AS i"
app_begin
app "BEGIN; SELECT waarborg.hold_add('customers', '{42}', 'claim', 'dossier', NULL, now(), 'x')"
gate_close 2
night_start 4>&-
wait_at_gate
app "COMMIT"
app_end
gate_open
waarborg_wait
expect_status 0
expect_sql 'held hold 5' "SELECT state || ' ' || reason FROM waarborg.worklist WHERE subject_key = '{42}'"
[ "$(left)" = 11,12,25,42 ] || fail "customers $(left) are left"

# A released hold frees; a review that is due asks for attention; the key in another form is the same.
waarborg hold release 1 --reason 'claim settled'
expect_status 0
waarborg hold add 0012 --kind other --reason dossier
expect_status 0
waarborg hold release 2 --reason 'answered'
expect_status 0
night
expect_status 0
[ "$(left)" = 12,25,42 ] || fail "customers $(left) are left"
waarborg hold add 25 --kind other --reason dossier --review 2026-11-23
expect_status 0
waarborg --as-of 2026-11-23 retention run --accept-volume 99
expect_status 1
expect_out '^1 hold is to be reviewed'
expect_whole $((rows + 12))
refute_log 'dossier|Jansen'
refute_evidence 'dossier|Jansen'
