# A role with exactly the rights it needs does the whole night; each right that is missing is named,
# with the statement that grants it, before anything changes.  Row security hides nothing unnoticed.
. "$(dirname "$0")/../harness/lib.sh"

new_db rights
role=wt_rights_$$
sql_file "$ROOT/tests/db/cases/prelude.sql" >/dev/null
sql "CREATE SCHEMA \"Other side\";
     CREATE TABLE klant.address (id int PRIMARY KEY);
     ALTER TABLE klant.customer ADD address_id int REFERENCES klant.address, ADD referred_by bigint REFERENCES klant.customer;
     CREATE TABLE \"Other side\".\"Ledger\" (id int PRIMARY KEY, customer_id bigint REFERENCES klant.customer);
     CREATE TABLE klant.house (id int PRIMARY KEY, home int REFERENCES klant.address);
     CREATE INDEX ON klant.customer (address_id);
     CREATE INDEX ON klant.customer (referred_by);
     CREATE INDEX ON \"Other side\".\"Ledger\" (customer_id);
     CREATE INDEX ON klant.house (home);
     INSERT INTO klant.address SELECT i FROM generate_series(1, 5) AS i;
     INSERT INTO klant.house VALUES (1, 2);
     INSERT INTO \"Other side\".\"Ledger\" SELECT i, i FROM generate_series(1, 5) AS i;
     UPDATE klant.customer SET address_id = id, referred_by = 1 WHERE id > 1"
write_conf sealed 'max_share = 1.0;' <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years"; clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } );
  owns = [ "klant.address" ];
  detach = [ "klant.customer.referred_by", "\"Other side\".\"Ledger\".customer_id" ]; }
CONF
waarborg migrate
expect_status 0
sql "CREATE ROLE $role LOGIN;
     GRANT USAGE ON SCHEMA klant, \"Other side\", waarborg TO $role;
     GRANT SELECT, DELETE, UPDATE ON klant.customer, klant.agreement, klant.address TO $role;
     GRANT SELECT, UPDATE (customer_id) ON \"Other side\".\"Ledger\" TO $role;
     GRANT SELECT ON klant.house TO $role;
     GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA waarborg TO $role;
     GRANT USAGE ON ALL SEQUENCES IN SCHEMA waarborg TO $role;
     GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA waarborg TO $role"
drop_role() {
    sql "DROP OWNED BY $role; DROP ROLE $role" || :
    harness_exit
}
trap drop_role EXIT
sed -i "s/user='[^']*'/user='$role'/" "$T/waarborg.conf"
dump_all >"$T/before"
waarborg --as-of=2026-11-22 check
expect_status 0
waarborg --as-of=2026-11-22 retention approve
expect_status 0

# statement | what takes it back | what is refused | its mend
while IFS='|' read -r change back refused mend; do
    echo "case: $change"
    sql "$(echo "$change" | sed "s/ROLE/$role/g")"
    for job in check 'retention run --rehearsal'; do
        # shellcheck disable=SC2086
        waarborg --as-of=2026-11-22 $job
        expect_status 2
        cat "$T/out" >>"$T/err"
        expect_err "$refused"
        expect_err "mend: .*$mend"
    done
    dump_all >"$T/after"
    cmp -s "$T/before" "$T/after" || fail "rows were changed"
    sql "$(echo "$back" | sed "s/ROLE/$role/g")"
done <<'CASES'
REVOKE DELETE ON klant.agreement FROM ROLE|GRANT DELETE ON klant.agreement TO ROLE|a right is missing on klant\.agreement|GRANT SELECT, DELETE, UPDATE ON "klant"\."agreement"
REVOKE SELECT ON klant.customer FROM ROLE|GRANT SELECT ON klant.customer TO ROLE|a right is missing on klant\.customer|GRANT SELECT
REVOKE UPDATE ON klant.agreement FROM ROLE|GRANT UPDATE ON klant.agreement TO ROLE|a right is missing on klant\.agreement|GRANT SELECT
REVOKE DELETE ON klant.address FROM ROLE|GRANT DELETE ON klant.address TO ROLE|a right is missing on klant\.address|GRANT SELECT, DELETE
REVOKE UPDATE ON klant.address FROM ROLE|GRANT UPDATE ON klant.address TO ROLE|a right is missing on klant\.address|GRANT SELECT, DELETE
REVOKE UPDATE (customer_id) ON "Other side"."Ledger" FROM ROLE|GRANT UPDATE (customer_id) ON "Other side"."Ledger" TO ROLE|a right is missing on "Other side"\."Ledger"|GRANT SELECT, UPDATE ON "Other side"\."Ledger"
REVOKE SELECT ON klant.house FROM ROLE|GRANT SELECT ON klant.house TO ROLE|klant\.house refers to owned rows of klant\.address, and we may not see all its rows|GRANT SELECT ON "klant"\."house"
REVOKE USAGE ON SCHEMA "Other side" FROM ROLE|GRANT USAGE ON SCHEMA "Other side" TO ROLE|may not look into schema "Other side"|GRANT USAGE ON SCHEMA "Other side"
ALTER TABLE klant.agreement ENABLE ROW LEVEL SECURITY|ALTER TABLE klant.agreement DISABLE ROW LEVEL SECURITY|klant\.agreement has row security that applies to us|BYPASSRLS
ALTER TABLE klant.customer ENABLE ROW LEVEL SECURITY|ALTER TABLE klant.customer DISABLE ROW LEVEL SECURITY|klant\.customer has row security that applies to us|BYPASSRLS
ALTER TABLE "Other side"."Ledger" ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON "Other side"."Ledger" USING (id > 3)|ALTER TABLE "Other side"."Ledger" DISABLE ROW LEVEL SECURITY|Ledger" has row security|BYPASSRLS
ALTER TABLE klant.house ENABLE ROW LEVEL SECURITY|ALTER TABLE klant.house DISABLE ROW LEVEL SECURITY|klant\.house refers to owned rows|BYPASSRLS
CASES

# Row security that does not apply to us is none.
sql "ALTER TABLE klant.agreement ENABLE ROW LEVEL SECURITY; ALTER ROLE $role BYPASSRLS"
rows=$(row_count)
waarborg --as-of=2026-11-22 check
expect_status 0
waarborg --as-of=2026-11-22 retention run --rehearsal
expect_status 0
expect_sql '4 5' "SELECT string_agg(id::text, ' ' ORDER BY id) FROM klant.customer"
expect_sql '1 2 4 5' "SELECT string_agg(id::text, ' ' ORDER BY id) FROM klant.address"
expect_sql '2' "SELECT count(customer_id) FROM \"Other side\".\"Ledger\""
expect_sql "$((rows - $(row_count)))" "SELECT sum(rows) FROM waarborg.segment_table WHERE kind = 'rows'"

# Putting rows back needs INSERT and TEMP as well.
segment=$(sql "SELECT id FROM waarborg.segment")
waarborg archive restore "$segment" --key "$T/fg.key" --reason test
expect_status 3
expect_err 'permission denied'
sql "GRANT INSERT ON klant.customer, klant.agreement, klant.address TO $role"
waarborg archive restore "$segment" --key "$T/fg.key" --reason test
expect_status 0
dump_all >"$T/after"
cmp -s "$T/before" "$T/after" || fail "what was restored is not what was there"
