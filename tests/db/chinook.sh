# A database nobody here wrote: customers, invoices and invoice lines of a music shop.  Four years
# after its last invoice a customer may go; the invoices of 2021 to 2025 make that about half of them.
. "$(dirname "$0")/../harness/lib.sh"

data=$ROOT/../shared/data/chinook.sql
[ -f "$data" ] || skip "there is no chinook.sql in ../shared/data next to the checkout"

# The file creates a database and connects to it; here that is ours.
new_db chinook
sed '/^DROP DATABASE/d; /^CREATE DATABASE/d; /^\\c/d' "$data" | sql_file - >"$T/load" 2>&1 ||
    fail "chinook.sql does not load: $(tail -n 1 "$T/load")"
write_conf sealed 'max_share = 1.0; batch = 10; chunk = 4;' <<'CONF'
{ name = "listeners"; version = "1"; legal_basis = "test";
  subject = { table = "public.customer"; key = [ "customer_id" ]; };
  rules = ( { name = "quiet"; window = "4 years"; clocks = ( { table = "public.invoice"; ends = "invoice_date"; } ); } ); }
CONF
waarborg migrate
expect_status 0
as_of=$(sql "SELECT (percentile_disc(0.5) WITHIN GROUP (ORDER BY last) + interval '4 years')::date + 1
               FROM (SELECT max(invoice_date) AS last FROM invoice GROUP BY customer_id) AS x")
dump_all >"$T/before"
rows=$(row_count)
due=$(sql "SELECT string_agg(customer_id::text, ' ' ORDER BY customer_id)
             FROM (SELECT customer_id FROM invoice GROUP BY customer_id
                   HAVING max(invoice_date)::date + interval '4 years' < '$as_of') AS x")
count=$(echo "$due" | wc -w)
[ "$count" -ge 25 ] && [ "$count" -le 35 ] || fail "$count of 59 customers are due on $as_of"
lines=$(sql "SELECT count(*) FROM invoice_line JOIN invoice USING (invoice_id)
              WHERE customer_id = ANY (string_to_array('$due', ' ')::int[])")
invoices=$(sql "SELECT count(*) FROM invoice WHERE customer_id = ANY (string_to_array('$due', ' ')::int[])")
waarborg --as-of="$as_of" check
expect_status 0
expect_out '^ *public\.invoice \(customer_id -> public\.customer\)'
expect_out '^ *public\.invoice_line \(invoice_id -> public\.invoice\)'
waarborg retention approve
expect_status 0
waarborg --as-of="$as_of" retention plan
expect_status 0
expect_out "$count of 59 subjects are due"
dump_all >"$T/after"
cmp -s "$T/before" "$T/after" || fail "the plan changed rows"

waarborg --as-of="$as_of" retention run --rehearsal
expect_status 0
expect_sql '' "SELECT customer_id FROM customer WHERE customer_id = ANY (string_to_array('$due', ' ')::int[])"
expect_sql $((59 - count)) "SELECT count(*) FROM customer"
expect_sql $((412 - invoices)) "SELECT count(*) FROM invoice"
expect_sql $((2240 - lines)) "SELECT count(*) FROM invoice_line"
expect_conserved "$rows"
[ "$(archived_rows)" -eq $((count + invoices + lines)) ] || fail "other tables lost rows"
refute_evidence 'Gon.alves|@|Street'
refute_log 'Gon.alves|@'
waarborg archive verify --key "$T/fg.key"
expect_status 0
waarborg --as-of="$as_of" retention run --rehearsal
expect_status 0
expect_sql "$count" "SELECT count(*) FROM waarborg.disposal"

for segment in $(sql "SELECT id FROM waarborg.segment ORDER BY chain_no DESC"); do
    waarborg archive restore "$segment" --key "$T/fg.key" --reason 'a test'
    expect_status 0
done
dump_all >"$T/after"
cmp -s "$T/before" "$T/after" || fail "what was restored is not what was there"
waarborg --as-of="$as_of" retention run --rehearsal
expect_sql 59 "SELECT count(*) FROM customer"
