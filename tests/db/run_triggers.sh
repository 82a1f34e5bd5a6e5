# Triggers that keep rows, raise errors that quote people, or delete more than they were asked to:
# the customer concerned is set aside with a reason, everybody else goes, nothing is half archived.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db triggers 24
rows=$(row_count)
sql "CREATE FUNCTION test.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
     CREATE FUNCTION test.quote() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN
         EXECUTE format('RAISE %s', 'x');
     EXCEPTION WHEN syntax_error THEN
         RAISE EXCEPTION 'keep % with %', (SELECT name FROM klant.customer WHERE id = 7), 'NL00PROEF'
             USING ERRCODE = TG_ARGV[0], DETAIL = 'Jansen', HINT = 'Jansen',
                   CONSTRAINT = 'Jansen', TABLE = 'Jansen', SCHEMA = 'Jansen', COLUMN = 'Jansen';
     END \$\$;
     CREATE FUNCTION test.cast() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN PERFORM (SELECT name FROM klant.customer WHERE id = 7)::int; END \$\$;
     CREATE FUNCTION test.dynamic() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN EXECUTE 'SELECT ' || (SELECT replace(name, ' ', '_') FROM klant.customer WHERE id = 7);
     END \$\$;
     CREATE FUNCTION test.notice() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN RAISE WARNING 'Jansen goes'; RETURN OLD; END \$\$;
     CREATE TABLE test.search_index (id bigint, words text);
     INSERT INTO test.search_index SELECT id, name FROM klant.customer;
     CREATE FUNCTION test.sweep() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN DELETE FROM test.search_index WHERE id = 7; RETURN OLD; END \$\$;
     CREATE FUNCTION test.eager() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN DELETE FROM klant.complaint WHERE customer_id IN (7, 3); RETURN OLD; END \$\$;
     CREATE FUNCTION test.late() RETURNS trigger LANGUAGE plpgsql AS \$\$
     BEGIN DELETE FROM klant.contact WHERE customer_id = 999; RETURN NULL; END \$\$;
     INSERT INTO klant.customer VALUES (999, 'Jansen');
     INSERT INTO klant.agreement VALUES (999, 999, NULL);
     INSERT INTO klant.contact VALUES (999, 999, 'x');"
rows=$(row_count)
small_conf 'batch = 24; chunk = 5;'

before=$(row_count)
# TABLE | COLUMN | FUNCTION(ARGUMENT) | KIND OF TRIGGER | REASON IN THE WORKLIST
while IFS='|' read -r table column function kind reason; do
    echo "case: $function on $table"
    sql "CREATE TRIGGER odd $kind ON $table FOR EACH ROW WHEN (OLD.$column = 7)
         EXECUTE FUNCTION test.$function"
    approve
    night
    expect_status 1
    expect_err "level=warning event=retention\.set_aside .*reason=\"$reason\""
    [ "$(left)" = 7,999 ] || fail "customers $(left) are left"
    expect_sql "7|blocked|$reason" \
        "SELECT concat_ws('|', subject_key[1], state, reason) FROM waarborg.worklist"
    expect_sql 1 "SELECT count(*) FROM test.search_index WHERE id = 7"
    expect_sql 1 "SELECT count(*) FROM klant.contact WHERE customer_id = 999"
    waarborg retention status
    expect_out "$(echo "$reason" | cut -c 1-20)"
    refute_out 'Jansen|NL00PROEF'
    expect_conserved "$rows"

    # Everybody back, for the next case.
    sql "DROP TRIGGER odd ON $table"
    sql "SET client_min_messages = warning; TRUNCATE klant.customer, klant.agreement, klant.payment, klant.complaint, klant.contact,
         klant.web_visit, waarborg.disposal, waarborg.segment_table, waarborg.segment, waarborg.worklist CASCADE;
         UPDATE waarborg.chain SET head_no = 0, manifest_sha256 = repeat('0', 64)"
    rm -rf "$T"/archive/* "$T/journal.jsonl"
    sql "INSERT INTO klant.customer SELECT i, 'Jansen nummer ' || i, 'NL00PROEF' || i
           FROM generate_series(1, 24) AS i;
         INSERT INTO klant.agreement SELECT id, id, '2015-01-01' FROM klant.customer;
         INSERT INTO klant.payment SELECT id * 2 + n, id, 9.5 FROM klant.customer, generate_series(0, 1) AS n;
         INSERT INTO klant.complaint SELECT id, id, '2014-06-01' FROM klant.customer;
         INSERT INTO klant.contact SELECT id, id, 'gebeld met ' || name FROM klant.customer;
         INSERT INTO klant.web_visit SELECT id, id, '192.0.2.7' FROM klant.customer;
         INSERT INTO klant.customer VALUES (999, 'Jansen');
         INSERT INTO klant.agreement VALUES (999, 999, NULL);
         INSERT INTO klant.contact VALUES (999, 999, 'x')"
    [ "$(row_count)" = "$before" ] || fail "the case was not undone"
done <<'CASES'
klant.web_visit|customer_id|swallow()|BEFORE DELETE|remains klant.web_visit
klant.contact|customer_id|swallow()|BEFORE DELETE|remains klant.contact
klant.agreement|customer_id|swallow()|BEFORE DELETE|remains klant.agreement
klant.payment|agreement_id|swallow()|BEFORE DELETE|remains klant.payment
klant.customer|id|swallow()|BEFORE DELETE|remains klant.customer
klant.contact|customer_id|quote('P0001')|BEFORE DELETE|P0001
klant.contact|customer_id|quote('23514')|BEFORE DELETE|23514
klant.customer|id|quote('ZZ123')|AFTER DELETE|ZZ123
klant.contact|customer_id|cast()|BEFORE DELETE|22P02
klant.contact|customer_id|sweep()|AFTER DELETE|also deletes test.search_index
klant.payment|agreement_id|eager()|BEFORE DELETE|remains klant.complaint
klant.customer|id|late()|AFTER DELETE|also deletes klant.contact
CASES
refute_log 'Jansen|NL00PROEF|gebeld'

# A statement of a trigger that cannot run sets aside whom it concerns; ours were planned before.
sql "CREATE TRIGGER odd BEFORE DELETE ON klant.contact FOR EACH ROW WHEN (OLD.customer_id = 7)
     EXECUTE FUNCTION test.dynamic()"
approve
night
expect_status 1
expect_sql 42703 "SELECT reason FROM waarborg.worklist WHERE state = 'blocked'"
expect_conserved "$rows"
sql "DROP TRIGGER odd ON klant.contact"

# A table that loses rows by a trigger and is named under outside was looked at.  Notices are nobody's
# log line.
small_policy | sed 's|} ); }$|} ); outside = [ "test.search_index" ]; }|' |
    write_conf unsealed 'batch = 24;'
sql "CREATE TRIGGER odd AFTER DELETE ON klant.contact FOR EACH ROW WHEN (OLD.customer_id = 7)
     EXECUTE FUNCTION test.sweep();
     CREATE TRIGGER talk BEFORE DELETE ON klant.contact FOR EACH ROW EXECUTE FUNCTION test.notice()"
approve
night
expect_status 0
expect_sql 0 "SELECT count(*) FROM test.search_index WHERE id = 7"
[ "$(left)" = 999 ] || fail "customers $(left) are left"
refute_log 'Jansen|NL00PROEF|gebeld'
refute_evidence 'Jansen|NL00PROEF|gebeld'
