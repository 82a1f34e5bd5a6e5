# Rows that belong to two subjects go with both, in one batch, or stay with both.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

# Customers 1..60, all due but 50.  Transfers tie: 1-31 (far apart: other batches), 11-12-...-20 (a
# chain of ten), 48-49-50-51 (50 stays), 40-40 (with itself), 5-6 and 6-35 (three in a row).
small_db shared 60
sql "UPDATE klant.agreement SET ended_on = NULL WHERE id = 50;
     CREATE TABLE klant.transfer (id bigint PRIMARY KEY,
         sender bigint REFERENCES klant.customer, receiver bigint REFERENCES klant.customer);
     CREATE INDEX ON klant.transfer (sender);
     CREATE INDEX ON klant.transfer (receiver);
     INSERT INTO klant.transfer SELECT i, i, i + 1 FROM generate_series(11, 19) AS i;
     INSERT INTO klant.transfer VALUES (101, 1, 31), (148, 48, 49), (149, 49, 50), (151, 51, 50),
                                       (140, 40, 40), (105, 5, 6), (106, 35, 6), (107, NULL, 7)"
rows=$(row_count)
small_conf 'batch = 10; chunk = 3;'

night --json
expect_status 1
expect_figures due=59 disposed=56 blocked=3
[ "$(left)" = 48,49,50,51 ] || fail "customers $(left) are left"
expect_sql '48,49,51|blocked|shared klant.transfer' \
    "SELECT string_agg(subject_key[1], ',' ORDER BY subject_key[1]), min(state), min(reason)
       FROM waarborg.worklist"
expect_sql '148 149 151' "SELECT string_agg(id::text, ' ' ORDER BY id) FROM klant.transfer"
expect_whole "$rows"

# A group is in one segment, and each row once.
together() { # FIRST ... LAST: customers
    for file in $(segments); do
        segment_text "$file" | awk '/^COPY "klant"."customer"/ { inside = 1; next } $0 == "\\." { inside = 0 }
            inside { print $1 }' | sort -n | tr '\n' ',' >"$T/customers"
        case ,$(cat "$T/customers") in
        *,"$1",*)
            for customer; do
                case ,$(cat "$T/customers") in
                *,"$customer",*) ;;
                *) fail "customers $* are not in one segment" ;;
                esac
            done
            ;;
        esac
    done
}
together 1 31
together 11 12 13 14 15 16 17 18 19 20
together 5 6 35
for file in $(segments); do segment_text "$file"; done |
    awk '/^COPY "klant"."transfer"/ { inside = 1; next } $0 == "\\." { inside = 0 } inside { print $1 }' |
    sort -n | tr '\n' ' ' >"$T/transfers"
[ "$(cat "$T/transfers")" = "11 12 13 14 15 16 17 18 19 101 105 106 107 140 " ] ||
    fail "the segments hold the transfers $(cat "$T/transfers")"

# The one who stayed ends, or a tie is cut: the others follow the next night.
sql "DELETE FROM klant.transfer WHERE id = 151"
night
expect_status 1
[ "$(left)" = 48,49,50 ] || fail "customers $(left) are left"
sql "UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id = 50"
night
expect_status 0
[ "$(left)" = '' ] || fail "customers $(left) are left"
expect_whole $((rows - 1))

# A held partner keeps the other; so does one that is locked, for as long as it is.
sql "INSERT INTO klant.customer SELECT i, 'Jansen' FROM generate_series(201, 204) AS i;
     INSERT INTO klant.agreement SELECT i, i, '2015-01-01' FROM generate_series(201, 204) AS i;
     INSERT INTO klant.transfer VALUES (201, 201, 202), (203, 203, 204)"
waarborg hold add 202 --kind claim --reason dossier
app_begin
app "BEGIN; SELECT 1 FROM klant.customer WHERE id = 204 FOR UPDATE"
night 4>&-
expect_status 1
app "COMMIT"
app_end
[ "$(left)" = 201,202,203,204 ] || fail "customers $(left) are left"
night
expect_status 1
[ "$(left)" = 201,202 ] || fail "customers $(left) are left"
waarborg hold release 1 --reason settled
night
expect_status 0

# More than a batch in one group: nobody of it can go, and the reason says so.
sql "INSERT INTO klant.customer SELECT i, 'Jansen' FROM generate_series(301, 330) AS i;
     INSERT INTO klant.agreement SELECT i, i, '2015-01-01' FROM generate_series(301, 330) AS i;
     INSERT INTO klant.transfer SELECT i, i, i + 1 FROM generate_series(301, 329) AS i"
night --json
expect_status 1
expect_figures due=30 disposed=0 blocked=30
expect_sql 'shared by more than a batch' "SELECT DISTINCT reason FROM waarborg.worklist"
sed -i 's/batch = 10/batch = 30/' "$T/waarborg.conf"
night
expect_status 0
expect_whole $((rows - 1 + 10 + 89))
