# The application works on customers that are being disposed of, in every order.  It never fails but
# for the one honest reason: what it writes about is gone.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db app 40
rows=$(row_count)
small_conf 'batch = 40; chunk = 7; lock_timeout_ms = 300;'
deadlocks_before=$(sql "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")

# Before our lock, in a transaction that ends in our batch: an agreement reopened, one that is only
# looked after, new complaints (open, closed), a customer and a payment changed.
app_begin
app "BEGIN; UPDATE klant.agreement SET ended_on = NULL WHERE customer_id = 3;
     UPDATE klant.agreement SET ended_on = '2015-01-02' WHERE customer_id = 4;
     INSERT INTO klant.complaint VALUES (105, 5, NULL);
     INSERT INTO klant.complaint VALUES (106, 6, '2014-01-01');
     UPDATE klant.customer SET name = 'de Vries' WHERE id = 7;
     UPDATE klant.payment SET amount = 1 WHERE agreement_id = 8"
gate_close 1
night_start 4>&-
# Nobody is waited for: 3, 4 and 7 are left, and 8 makes the batch collide once.
wait_at_gate
app "COMMIT"
gate_open
waarborg_wait
app_end
expect_status 0
[ "$(left)" = 3,5 ] || fail "customers $(left) are left"
expect_sql '' "SELECT ended_on FROM klant.agreement WHERE customer_id = 3"
expect_sql 0 "SELECT count(*) FROM waarborg.worklist"
expect_whole $((rows + 2))
# What the application wrote last is what was archived.
segments | while read -r file; do segment_text "$file"; done >"$T/text"
grep -q '^7	de Vries' "$T/text" || fail "the customer was not archived as it was last"
grep -q '^106	6	2014-01-01' "$T/text" || fail "the new complaint was not archived"

# The application still holds its rows when the run ends: they are busy, still due, and the run says
# so; nobody else is kept.
new_customers() { # FIRST LAST
    sql "INSERT INTO klant.customer SELECT i, 'Jansen' FROM generate_series($1, $2) AS i;
         INSERT INTO klant.agreement SELECT i, i, '2015-01-01' FROM generate_series($1, $2) AS i;
         INSERT INTO klant.contact SELECT i, i, 'x' FROM generate_series($1, $2) AS i"
}
new_customers 1001 1020
app_begin
app "BEGIN; UPDATE klant.customer SET iban = NULL WHERE id = 1003;
     UPDATE klant.agreement SET ended_on = NULL WHERE customer_id = 1004;
     INSERT INTO klant.contact VALUES (5005, 1005, 'x')"
night --json 4>&-
expect_status 1
expect_figures due=20 disposed=17 blocked=0 busy=3
[ "$(left)" = 3,5,1003,1004,1005 ] || fail "customers $(left) are left"
expect_sql '1003|due|busy 1004|due|busy 1005|due|busy' \
    "SELECT string_agg(concat_ws('|', subject_key[1], state, reason), ' ' ORDER BY subject_key[1])
       FROM waarborg.worklist"
app "COMMIT"
app_end
night
expect_status 0
[ "$(left)" = 3,5,1004 ] || fail "customers $(left) are left"

# After our lock: the application waits, and then finds nothing (an update) or is told by its
# foreign key (a new row); a row elsewhere does not wait at all.
# NAME | GATE | STATEMENT | ROWS IT TOUCHES, OR THE ERROR
while IFS='|' read -r name gate statement answer; do
    echo "case: $name, at gate $gate"
    [ "$(sql "SELECT count(*) FROM klant.customer WHERE id = 2001")" = 1 ] || new_customers 2001 2003
    gate_close "$gate"
    night_start 4>&-
    wait_at_gate
    app_begin
    app "UPDATE klant.customer SET name = 'de Boer' WHERE id = 3"
    app_send "WITH w AS ($statement RETURNING 1) SELECT 'rows', count(*) FROM w"
    wait_for 10 app_waits
    gate_open
    waarborg_wait
    expect_status 0
    case $answer in
    rows*) app_end && grep -qx "$answer" "$T/app" || fail "expected $answer: $(cat "$T/app")" ;;
    *) app_end "$answer" ;;
    esac
    [ "$(left)" = 3,5,1004 ] || fail "customers $(left) are left"
done <<'CASES'
an agreement is reopened|4|UPDATE klant.agreement SET ended_on = NULL WHERE customer_id = 2002|rows|0
an agreement is reopened|2|UPDATE klant.agreement SET ended_on = NULL WHERE customer_id = 2002|rows|0
the customer is changed|4|UPDATE klant.customer SET name = 'x' WHERE id = 2002|rows|0
the customer is changed|2|UPDATE klant.customer SET name = 'x' WHERE id = 2002|rows|0
the customer is deleted|4|DELETE FROM klant.customer WHERE id = 2002|rows|0
the customer is deleted|2|DELETE FROM klant.customer WHERE id = 2002|rows|0
a contact is changed|2|UPDATE klant.contact SET note = 'x' WHERE customer_id = 2002|rows|0
a new complaint|4|INSERT INTO klant.complaint VALUES (2902, 2002, NULL)|ERROR:  insert or update on table "complaint" violates foreign key
a new complaint|2|INSERT INTO klant.complaint VALUES (2902, 2002, NULL)|ERROR:  insert or update on table "complaint" violates foreign key
a new payment|4|INSERT INTO klant.payment VALUES (2902, 2002, 1)|ERROR:  insert or update on table "payment" violates foreign key
a new payment|2|INSERT INTO klant.payment VALUES (2902, 2002, 1)|ERROR:  insert or update on table "payment" violates foreign key
an agreement of somebody else comes over|4|UPDATE klant.agreement SET customer_id = 2002 WHERE id = 3|ERROR:  insert or update on table "agreement" violates foreign key
an agreement of somebody else comes over|2|UPDATE klant.agreement SET customer_id = 2002 WHERE id = 3|ERROR:  insert or update on table "agreement" violates foreign key
CASES

# The application holds a row of a customer and waits for the customer, whom the batch holds: it looks
# for a deadlock once, a second after it began to wait, and the batch must not be waiting for it then.
sed -i 's/lock_timeout_ms = 300/lock_timeout_ms = 900/' "$T/waarborg.conf"
new_customers 2501 2503
gate_close 1
night_start 4>&-
wait_at_gate
app_begin
app "BEGIN; UPDATE klant.contact SET note = 'y' WHERE customer_id = 2502"
app_send "UPDATE klant.customer SET name = 'y' WHERE id = 2502"
wait_for 10 app_waits
sleep 0.6
gate_open
waarborg_wait
expect_status 1
app "COMMIT"
app_end
[ "$(left)" = 3,5,1004,2502 ] || fail "customers $(left) are left"
night
expect_status 0
sed -i 's/lock_timeout_ms = 900/lock_timeout_ms = 300/' "$T/waarborg.conf"

# A batch that is rolled back lets the application go on as if nothing had been.
new_customers 3001 3003
gate_close 2
night_start 4>&-
wait_at_gate
app_begin
app_send "UPDATE klant.agreement SET ended_on = NULL WHERE customer_id = 3002"
wait_for 10 app_waits
kill -INT "$started"
wait_for 5 grep -q 'finishing the present batch' "$T/err"
kill -INT "$started"
waarborg_wait
expect_status 75
app "SELECT 1"
app_end
gate_open
night
expect_status 0
[ "$(left)" = 3,5,1004,3002 ] || fail "customers $(left) are left"

expect_sql "$deadlocks_before" \
    "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
refute_log 'Jansen|Vries|NL00PROEF'
refute_evidence 'Jansen|Vries|NL00PROEF'
