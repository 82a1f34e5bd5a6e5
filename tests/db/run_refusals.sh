# What refuses a run before anything is touched: the schema, the approval, the brakes.  And what only
# looks: plan and --dry-run, also for somebody who may not write.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db refusals 40
sql "INSERT INTO klant.customer SELECT i, 'Jansen' FROM generate_series(41, 100) AS i;
     INSERT INTO klant.agreement SELECT i, i, NULL FROM generate_series(41, 100) AS i"
rows=$(row_count)
small_conf 'batch = 10;'

# Not approved yet, under this name.
sed -i 's/name = "customers"/name = "clients"/' "$T/waarborg.conf"
night
expect_status 2
expect_err 'policy clients is not approved on this schema: .*waarborg retention approve'
sed -i 's/name = "clients"/name = "customers"/' "$T/waarborg.conf"

# CHANGE | ITS UNDOING | WHAT THE MESSAGES SAY; for an approval and a run, of which neither is given.
snapshot before
while IFS='|' read -r change undo sentence; do
    echo "case: $change"
    sql "SET client_min_messages = warning; $change"
    for words in 'retention approve' 'retention run --accept-volume 99'; do
        # shellcheck disable=SC2086 # a list of words
        waarborg --as-of $AS_OF $words
        expect_status 2
        expect_err "$sentence"
        expect_err 'event=retention\.[a-z]+\.failed .*nothing was changed'
    done
    sql "SET client_min_messages = warning; $undo"
    snapshot after
    expect_same_snapshots before after
done <<'CASES'
CREATE RULE keep AS ON DELETE TO klant.contact DO INSTEAD NOTHING|DROP RULE keep ON klant.contact|klant\.contact has a rule ON DELETE
CREATE TABLE klant.mail (id bigint, customer_id bigint)|DROP TABLE klant.mail|klant\.mail has a column \(customer_id\)
ALTER TABLE klant.agreement ALTER ended_on TYPE text|ALTER TABLE klant.agreement ALTER ended_on TYPE date USING ended_on::date|klant\.agreement\.ended_on is no date
ALTER TABLE klant.complaint RENAME TO klacht|ALTER TABLE klant.klacht RENAME TO complaint|klant\.complaint does not exist
CASES

# Drift: the schema or the policy is another than the one that was approved.
while IFS='|' read -r change undo difference; do
    echo "case: $change"
    sql "SET client_min_messages = warning; $change"
    night
    expect_status 2
    expect_err "^$difference"
    expect_err 'differs from what was approved; .*nothing was changed'
    sql "SET client_min_messages = warning; $undo"
    snapshot after
    expect_same_snapshots before after
done <<'CASES'
ALTER TABLE klant.contact ADD spoken text|ALTER TABLE klant.contact DROP spoken|[+] column .*"spoken"
CREATE TABLE klant.note (id bigint, customer_id bigint REFERENCES klant.customer)|DROP TABLE klant.note|[+] table "klant"\."note"
ALTER TABLE klant.contact DROP CONSTRAINT contact_customer_id_fkey, ADD CONSTRAINT contact_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES klant.customer ON DELETE CASCADE|ALTER TABLE klant.contact DROP CONSTRAINT contact_customer_id_fkey, ADD CONSTRAINT contact_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES klant.customer|[+] key .*on-delete=c
CASES
sed -i 's/window = "7 years"/window = "6 years"/' "$T/waarborg.conf"
night
expect_status 2
expect_err '^[+] policy .*72'
sed -i 's/window = "6 years"/window = "7 years"/' "$T/waarborg.conf"
snapshot after
expect_same_snapshots before after

# CASCADE from a table that somebody put outside: rows would go that no segment holds.
sql "CREATE TABLE klant.note (id bigint, customer_id bigint REFERENCES klant.customer ON DELETE CASCADE);
     INSERT INTO klant.note VALUES (1, 1)"
cp "$T/waarborg.conf" "$T/good.conf"
sed -i 's|} ); }$|} ); outside = [ "klant.note" ]; }|' "$T/waarborg.conf"
small_policy | sed 's|^  links|  outside = [ "klant.note" ]; links|' | write_conf unsealed
for words in 'retention approve' 'retention run --accept-volume 99'; do
    # shellcheck disable=SC2086 # a list of words
    waarborg --as-of $AS_OF $words
    expect_status 2
    expect_err '^refused: .*klant\.note.*CASCADE'
done
sql "DROP TABLE klant.note"
cp "$T/good.conf" "$T/waarborg.conf"

# The job's own role: row security that applies to it, and a right it lacks.
role=wt_$$_job
sql "CREATE ROLE $role LOGIN;
     GRANT USAGE ON SCHEMA klant, waarborg, test TO $role;
     GRANT SELECT ON ALL TABLES IN SCHEMA klant, waarborg TO $role;
     GRANT SELECT ON ALL SEQUENCES IN SCHEMA waarborg, test TO $role"
sed -i "s/user='[^']*'/user='$role'/" "$T/waarborg.conf"

# Without the right to delete, everything is refused before it begins.
night
expect_status 2
expect_err '^refused: a right is missing on klant\.customer'
sql "GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA klant TO $role"

# Looking writes nothing: these run where no transaction may write, and without rights in waarborg.
sql "ALTER ROLE $role SET default_transaction_read_only = on"
for words in 'retention plan' 'retention run --dry-run' 'retention plan --sql' 'retention plan --json' \
    'retention status'; do
    # shellcheck disable=SC2086 # a list of words
    waarborg --as-of $AS_OF $words
    expect_status 0
done
waarborg --as-of $AS_OF retention run --dry-run
expect_out '40'
waarborg --as-of $AS_OF check
expect_status 2
expect_out '^refused: rights in the schema waarborg are missing: DELETE on waarborg.worklist, .*INSERT on waarborg.segment, '
snapshot after
expect_same_snapshots before after
sql "ALTER ROLE $role RESET default_transaction_read_only"
night
expect_status 2
expect_err '^refused: rights in the schema waarborg are missing: .*USAGE on sequence waarborg.scan'
expect_err 'mend: .*waarborg migrate --roles, then GRANT waarborg_job TO'
snapshot after
expect_same_snapshots before after

# With every right, row security that applies to the role is refused.
sql "GRANT ALL ON ALL TABLES IN SCHEMA waarborg TO $role;
     GRANT ALL ON ALL SEQUENCES IN SCHEMA waarborg TO $role;
     ALTER TABLE klant.contact ENABLE ROW LEVEL SECURITY;
     CREATE POLICY part ON klant.contact TO $role USING (id <> 7)"
night
expect_status 2
expect_err '^refused: .*klant\.contact.*row'
snapshot after
expect_same_snapshots before after
sql "ALTER TABLE klant.contact DISABLE ROW LEVEL SECURITY"

# The brakes.  SETTINGS | ARGUMENTS | SENTENCE
while IFS='|' read -r settings arguments sentence; do
    echo "case: $settings $arguments"
    sed -i "s/run = .*/run = { batch = 10; $settings };/" "$T/waarborg.conf"
    # shellcheck disable=SC2086 # a list of words
    waarborg --as-of $AS_OF retention run $arguments
    expect_status 2
    expect_err "$sentence.*nobody was disposed of"
    expect_sql 100 "SELECT count(*) FROM klant.customer"
    [ "$(segments)" = '' ] || fail "a segment was written"
done <<'CASES'
||40 of 100 subjects are due, more than max_share allows; .*--accept-volume 40
max_share = 0.39;||more than max_share allows
max_share = 1.0; max_subjects = 39;||more than max_subjects allows
|--accept-volume 39|max_share allows and --accept-volume accepts
max_share = 1.0; max_subjects = 1;|--accept-volume 1|max_subjects allows and --accept-volume accepts
CASES
expect_sql 40 "SELECT count(*) FROM waarborg.worklist WHERE state = 'due'"

# Just enough, under the job's own role.
sed -i "s/run = .*/run = { batch = 10; max_share = 0.4; max_subjects = 40; };/" "$T/waarborg.conf"
waarborg --as-of $AS_OF retention run
expect_status 0
expect_sql 60 "SELECT count(*) FROM klant.customer"
expect_whole "$rows"
refute_log 'Jansen|NL00PROEF'
