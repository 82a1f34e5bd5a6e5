# One subject in 500 that cannot go: exactly that one is set aside, with SQLSTATE and constraint; it is
# tried again every night, keeps its first date, and goes when the reason is gone.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db splitting 500
sql "CREATE TABLE klant.lawsuit (id bigint PRIMARY KEY, party bigint REFERENCES klant.customer);
     CREATE INDEX ON klant.lawsuit (party);
     CREATE TABLE klant.fraud_file (id bigint PRIMARY KEY, agreement bigint REFERENCES klant.agreement
                                    DEFERRABLE INITIALLY DEFERRED);
     CREATE INDEX ON klant.fraud_file (agreement);
     CREATE FUNCTION test.never() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'; END \$\$;
     CREATE TRIGGER never BEFORE DELETE ON klant.contact FOR EACH ROW WHEN (OLD.customer_id = 100)
     EXECUTE FUNCTION test.never();
     INSERT INTO klant.lawsuit VALUES (1, 250), (2, 499);
     INSERT INTO klant.fraud_file VALUES (1, 500)"
rows=$(row_count)
small_policy | sed 's|} ); }$|} ); outside = [ "klant.lawsuit", "klant.fraud_file" ]; }|' |
    write_conf unsealed 'batch = 500; chunk = 64;'
start_policy
worklist() {
    sql "SELECT string_agg(concat_ws('|', subject_key[1], state, reason), ', '
                           ORDER BY subject_key[1]::int) FROM waarborg.worklist"
}

night --json
expect_status 1
expect_figures due=500 disposed=496 blocked=4 busy=0
all='100|blocked|23514, 250|blocked|23503 lawsuit_party_fkey, 499|blocked|23503 lawsuit_party_fkey, 500|blocked|23503 fraud_file_agreement_fkey'
[ "$(worklist)" = "$all" ] || fail "the worklist is: $(worklist)"
expect_whole "$rows"
since=$(sql "SELECT min(since) FROM waarborg.worklist")
segments_before=$(sql "SELECT count(*) FROM waarborg.segment")

# The next night: nobody else is due; the same four, no segment, the same date.
sleep 1.1
night --json
expect_status 1
expect_figures due=4 disposed=0 blocked=4
[ "$(worklist)" = "$all" ] || fail "the worklist is: $(worklist)"
expect_sql "$since|t" "SELECT max(since), bool_and(last_tried > since) FROM waarborg.worklist"
expect_sql "$segments_before" "SELECT count(*) FROM waarborg.segment"
waarborg --as-of 2026-12-01 retention status
expect_out '23503 lawsuit_party_fkey'
expect_whole "$rows"

# Mended for two of them; one is reopened meanwhile, and leaves the worklist.
sql "DELETE FROM klant.lawsuit WHERE id = 1; DELETE FROM klant.fraud_file;
     UPDATE klant.agreement SET ended_on = NULL WHERE id = 100"
night --json
expect_status 1
expect_figures due=3 disposed=2 blocked=1
[ "$(worklist)" = '499|blocked|23503 lawsuit_party_fkey' ] || fail "the worklist is: $(worklist)"
expect_sql "$since" "SELECT since FROM waarborg.worklist"
[ "$(left)" = 100,499 ] || fail "customers $(left) are left"
expect_whole $((rows - 2))

# Held while blocked, and blocked again: another reason begins another date.
waarborg hold add 499 --kind claim --reason dossier
night
expect_status 0
[ "$(worklist)" = '499|held|hold 1' ] || fail "the worklist is: $(worklist)"
waarborg hold release 1 --reason settled
night
expect_status 1
[ "$(worklist)" = '499|blocked|23503 lawsuit_party_fkey' ] || fail "the worklist is: $(worklist)"
sql "DELETE FROM klant.lawsuit"
night
expect_status 0
[ "$(left)" = 100 ] || fail "customers $(left) are left"
expect_sql 0 "SELECT count(*) FROM waarborg.worklist"
expect_whole $((rows - 3))

# Every other one cannot go.
sql "INSERT INTO klant.customer SELECT i, 'Jansen' FROM generate_series(1001, 1060) AS i;
     INSERT INTO klant.agreement SELECT i, i, '2015-01-01' FROM generate_series(1001, 1060) AS i;
     INSERT INTO klant.lawsuit SELECT i, i FROM generate_series(1001, 1060, 2) AS i"
night --json
expect_status 1
expect_figures due=60 disposed=30 blocked=30
expect_sql 30 "SELECT count(*) FROM klant.lawsuit AS l JOIN klant.customer AS c ON c.id = l.party"
expect_whole $((rows - 3 + 150))
refute_log 'Jansen|NL00PROEF'
