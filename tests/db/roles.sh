# The roles of migrate --roles: what each may and may not do, as a login that has nothing else; whole
# nights, holds, archives and a breach from opening to closing under them; who runs does not approve.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/logins.sh"

small_db roles 12
# An owned parent with a guard outside the graph, columns to detach in a table that stays and in the
# subject itself, names that need quotes.
sql "CREATE SCHEMA \"Other side\";
     CREATE TABLE klant.address (id int PRIMARY KEY, street text);
     ALTER TABLE klant.customer ADD address_id int REFERENCES klant.address,
                                ADD referred_by bigint REFERENCES klant.customer;
     CREATE TABLE \"Other side\".\"Led\"\"ger\" (id int PRIMARY KEY, customer_id bigint REFERENCES klant.customer, note text);
     CREATE TABLE \"Other side\".house (id int PRIMARY KEY, home int REFERENCES klant.address);
     CREATE TABLE klant.unrelated (id int PRIMARY KEY);
     GRANT USAGE ON SCHEMA test TO PUBLIC; GRANT SELECT ON test.gate TO PUBLIC;
     CREATE INDEX ON klant.customer (address_id);
     CREATE INDEX ON klant.customer (referred_by);
     CREATE INDEX ON \"Other side\".\"Led\"\"ger\" (customer_id);
     CREATE INDEX ON \"Other side\".house (home);
     INSERT INTO klant.address SELECT i, 'Dorpsstraat ' || i FROM generate_series(1, 12) AS i;
     INSERT INTO \"Other side\".house VALUES (1, 2);
     INSERT INTO \"Other side\".\"Led\"\"ger\" SELECT i, i, 'staat er' FROM generate_series(1, 12) AS i;
     UPDATE klant.customer SET address_id = id, referred_by = nullif(1, id)"
small_policy | sed 's/  links = /  owns = [ "klant.address" ];\n  detach = [ "klant.customer.referred_by", "\\"Other side\\".\\"Led\\"\\"ger\\".customer_id" ];\n  links = /' |
    write_conf sealed 'max_share = 1.0; batch = 4; chunk = 2;'

# The four roles are the cluster's, too, with their fixed names, which other databases of this server do
# not look at unless migrate --roles was run there.
logins job sec dpo aud out two
as() { # NAME COMMAND...: the program as that login
    sed "s/user='[^']*'/user='$(login "$1")'/" "$T/waarborg.conf" >"$T/as.conf"
    shift
    last_command="waarborg $*"
    status=0
    "$WAARBORG" -c "$T/as.conf" --as-of $AS_OF "$@" >"$T/out" 2>"$T/err" || status=$?
    ! grep -qE 'AddressSanitizer|LeakSanitizer|runtime error:' "$T/err" ||
        fail "a sanitizer found a fault"
}
sql_as() { # NAME TEXT: error messages begin with the SQLSTATE
    printf '\\set VERBOSITY sqlstate\n%s;\n' "$2" |
        psql -XAtq -v ON_ERROR_STOP=1 -U "$(login "$1")" -d "$db"
}

# ---- migrate --roles ----------------------------------------------------------------------------

waarborg migrate
expect_status 0
# Until then whoever may write may approve, as before.
waarborg --as-of $AS_OF retention approve
expect_status 0

# Somebody who may not create roles is told what a superuser has to run; only where they are missing.
if [ "$(sql "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'waarborg\\_%'")" = 0 ]; then
    sql "GRANT USAGE ON SCHEMA waarborg TO $(login out); GRANT SELECT ON waarborg.migration TO $(login out)"
    as out migrate --roles
    expect_status 2
    expect_err "user $(login out) may not create roles: .*CREATE ROLE waarborg_job NOLOGIN;"
    sql "REVOKE ALL ON SCHEMA waarborg FROM $(login out); REVOKE ALL ON waarborg.migration FROM $(login out)"
fi
waarborg migrate --roles
expect_status 0
expect_out '^Set the rights of waarborg_job'
for role in job security dpo auditor; do
    expect_sql f "SELECT rolcanlogin OR rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = 'waarborg_$role'"
done
sql "GRANT waarborg_job TO $(login job); GRANT waarborg_security TO $(login sec);
     GRANT waarborg_dpo TO $(login dpo); GRANT waarborg_auditor TO $(login aud)"

rights() { # every right of the four roles in this database, one a line
    sql "SELECT r.rolname, o.what, a.privilege_type FROM (
             SELECT oid::regclass::text AS what, relacl AS acl FROM pg_class
             UNION ALL SELECT attrelid::regclass || '.' || attname, attacl FROM pg_attribute WHERE attacl IS NOT NULL
             UNION ALL SELECT oid::regprocedure::text, proacl FROM pg_proc WHERE pronamespace = 'waarborg'::regnamespace
             UNION ALL SELECT oid::regnamespace::text, nspacl FROM pg_namespace) AS o
         CROSS JOIN LATERAL aclexplode(o.acl) AS a JOIN pg_roles AS r ON r.oid = a.grantee
         WHERE r.rolname LIKE 'waarborg\\_%' ORDER BY 1, 2, 3"
}
rights >"$T/rights"
[ "$(wc -l <"$T/rights")" -gt 150 ] || fail "too few rights: $(wc -l <"$T/rights")"

# Again, after somebody gave too much in the schema waarborg: the same as before.
sql "GRANT DELETE ON waarborg.run TO waarborg_auditor; GRANT ALL ON waarborg.breach TO waarborg_security;
     GRANT UPDATE (title) ON waarborg.breach TO waarborg_dpo; REVOKE SELECT ON waarborg.run FROM waarborg_job;
     GRANT EXECUTE ON FUNCTION waarborg.breach_open TO PUBLIC"
waarborg --json migrate --roles
expect_status 0
rights >"$T/again"
diff "$T/rights" "$T/again" >&2 || fail "a second time the rights differ"
expect_sql 0 "SELECT count(*) FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) AS a
              WHERE pronamespace = 'waarborg'::regnamespace AND a.grantee = 0"

# A right on a customer table that no policy needs is told, and left to people.
sql "GRANT DELETE ON klant.unrelated TO waarborg_job"
waarborg migrate --roles
expect_status 1
expect_out '^waarborg_job has DELETE on klant.unrelated, which no policy needs$'
expect_out 'mend: REVOKE ALL ON klant.unrelated FROM waarborg_job;'
sql "REVOKE ALL ON klant.unrelated FROM waarborg_job"

# What a DBA gets to read does the same.
waarborg migrate --print-roles
expect_status 0
cp "$T/out" "$T/dba.sql"
sql "REVOKE ALL ON ALL TABLES IN SCHEMA waarborg, klant, \"Other side\" FROM waarborg_job, waarborg_security, waarborg_dpo, waarborg_auditor"
sql_file "$T/dba.sql" >/dev/null
rights >"$T/again"
diff "$T/rights" "$T/again" >&2 || fail "the printed statements give other rights"

# A policy whose graph cannot be built: its tables are left out, everything else is done.
cp "$T/waarborg.conf" "$T/good.conf"
sed -i 's/klant.web_visit/klant.no_such_table/' "$T/waarborg.conf"
sql "REVOKE ALL ON waarborg.run FROM waarborg_job"
waarborg migrate --roles
expect_status 1
expect_out '^Not set: the rights on the tables of policy customers'
expect_err 'klant.no_such_table'
expect_sql t "SELECT has_table_privilege('waarborg_job', 'waarborg.run', 'INSERT')"
cp "$T/good.conf" "$T/waarborg.conf"

# Exactly what the graph needs.
expect_rights() { # TABLE RIGHTS: of waarborg_job, with the columns it may update
    expect_sql "$2" "SELECT string_agg(DISTINCT p, ' ' ORDER BY p) FROM (
        SELECT a.privilege_type FROM pg_class, aclexplode(relacl) AS a
         WHERE pg_class.oid = '$1'::regclass AND a.grantee = 'waarborg_job'::regrole
        UNION ALL SELECT a.privilege_type || '(' || attname || ')' FROM pg_attribute, aclexplode(attacl) AS a
         WHERE attrelid = '$1'::regclass AND a.grantee = 'waarborg_job'::regrole) AS g (p)"
}
expect_rights klant.customer 'DELETE INSERT SELECT UPDATE(referred_by)'
expect_rights klant.payment 'DELETE INSERT SELECT UPDATE(id)'
expect_rights klant.address 'DELETE INSERT SELECT UPDATE(id)'
expect_rights '"Other side"."Led""ger"' 'SELECT UPDATE(customer_id)'
expect_rights '"Other side".house' SELECT
expect_rights klant.unrelated ''

# ---- Every function is somebody's, or nobody's on purpose ----------------------------------------

sql "SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'waarborg'::regnamespace
       AND p.prorettype <> 'trigger'::regtype
       AND NOT EXISTS (SELECT 1 FROM aclexplode(p.proacl) AS a
                        WHERE a.grantee::regrole::text LIKE 'waarborg\\_%') ORDER BY 1" >"$T/nobody"
cat >"$T/expected" <<'EOS'
affected_recount
affected_settle
audit_add
because
breach_field_faults
breach_lock
breach_start_clocks
delay_fault
refuse_faults
refuse_unknown_fields
subject_key_or_null
subject_keys_lock
subject_keys_text
subject_lock
EOS
diff "$T/expected" "$T/nobody" >&2 ||
    fail "a function is granted to no role: add it to sql/roles/grant_schema.sql, or to this list"

# ---- What a caller leaves in their temporary schema is not found by functions with the owner's rights --

expect_sql '' "SELECT string_agg(p.oid::regprocedure::text, ' ') FROM pg_proc AS p
    WHERE p.pronamespace = 'waarborg'::regnamespace AND p.prosqlbody IS NULL
      AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)"
sql_as sec "CREATE FUNCTION pg_temp.trap(p text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN
                RAISE EXCEPTION USING ERRCODE = ''TRAPS''; END';
            CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (pg_temp.trap(VALUE));
            CREATE DOMAIN pg_temp.jsonb AS pg_catalog.jsonb CHECK (pg_temp.trap(VALUE::pg_catalog.text));
            SELECT waarborg.breach_timeline_add('DL-2026-0001', now(), 'val')" 2>"$T/err" &&
    fail "there is no such breach"
expect_err WB010

# ---- What each may do: "." works, anything else is the SQLSTATE ---------------------------------

sql "SELECT waarborg.breach_open('{\"title\": \"eerste\", \"what_happened\": \"een brief\",
     \"aware_at\": \"2026-01-05 10:00+01\", \"nature\": [\"CONFIDENTIALITY\"]}')" >/dev/null
# statement | job | security | dpo | auditor | a login with none of them
cat >"$T/cases" <<'CASES'
SELECT * FROM klant.customer|.|42501|.|42501|42501
DELETE FROM klant.payment WHERE id = 3|.|42501|42501|42501|42501
UPDATE klant.customer SET name = 'x'|42501|42501|42501|42501|42501
UPDATE klant.customer SET referred_by = NULL|.|42501|42501|42501|42501
UPDATE "Other side"."Led""ger" SET note = 'x'|42501|42501|42501|42501|42501
DELETE FROM "Other side"."Led""ger"|42501|42501|42501|42501|42501
DELETE FROM "Other side".house|42501|42501|42501|42501|42501
SELECT * FROM "Other side".house|.|42501|.|42501|42501
TRUNCATE klant.payment|42501|42501|42501|42501|42501
SELECT * FROM klant.unrelated|42501|42501|42501|42501|42501
SELECT * FROM waarborg.run|.|42501|.|.|42501
SELECT * FROM waarborg.worklist|.|42501|.|42501|42501
SELECT policy, state, count(*) FROM waarborg.worklist GROUP BY 1, 2|.|42501|.|.|42501
SELECT subject_key FROM waarborg.hold|.|42501|.|42501|42501
SELECT kind, reason FROM waarborg.hold|.|42501|.|.|42501
SELECT * FROM waarborg.standing_hold|.|42501|.|42501|42501
SELECT * FROM waarborg.disposal|.|.|.|.|42501
SELECT * FROM waarborg.approval|.|42501|.|.|42501
SELECT * FROM waarborg.audit|.|.|.|.|42501
SELECT waarborg.audit_bytes(a) FROM waarborg.audit AS a|.|.|.|.|42501
SELECT * FROM waarborg.audit_head|.|42501|.|.|42501
INSERT INTO waarborg.audit SELECT * FROM waarborg.audit|42501|42501|42501|42501|42501
UPDATE waarborg.audit SET reason = 'x'|42501|42501|42501|42501|42501
DELETE FROM waarborg.audit|42501|42501|42501|42501|42501
UPDATE waarborg.audit_head SET seq = 0|42501|42501|42501|42501|42501
SELECT waarborg.audit_add('x', 'y', NULL, NULL, NULL)|42501|42501|42501|42501|42501
SELECT * FROM waarborg.breach|42501|.|.|.|42501
SELECT * FROM waarborg.breach_clock_state|42501|.|.|.|42501
SELECT * FROM waarborg.breach_duty|42501|.|.|.|42501
SELECT * FROM waarborg.code|42501|.|.|.|42501
SELECT * FROM waarborg.affected_count|42501|.|.|.|42501
SELECT subject_key FROM waarborg.affected|.|.|.|42501|42501
SELECT reference, state FROM waarborg.affected|.|.|.|.|42501
INSERT INTO waarborg.breach (title) VALUES ('x')|42501|42501|42501|42501|42501
UPDATE waarborg.breach SET title = 'x'|42501|42501|42501|42501|42501
DELETE FROM waarborg.breach|42501|42501|42501|42501|42501
DELETE FROM waarborg.affected|42501|42501|42501|42501|42501
UPDATE waarborg.affected SET state = 'told'|42501|42501|42501|42501|42501
INSERT INTO waarborg.assessment (breach_id) VALUES (1)|42501|42501|42501|42501|42501
INSERT INTO waarborg.clock_limit SELECT * FROM waarborg.clock_limit|42501|42501|42501|42501|42501
UPDATE waarborg.breach_number SET last = 0|42501|42501|42501|42501|42501
SELECT nextval('waarborg.breach_id_seq')|42501|42501|42501|42501|42501
SELECT waarborg.breach_open('{"title": "t", "what_happened": "w", "aware_at": "2026-01-05 10:00+01", "nature": ["INTEGRITY"]}')|42501|.|42501|42501|42501
SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"title": "u"}', 'daarom')|42501|.|42501|42501|42501
SELECT waarborg.breach_timeline_add('DL-2026-0001', now() - interval '1 minute', 'gezien')|42501|.|42501|42501|42501
SELECT waarborg.affected_add('DL-2026-0001', 'customers', '{"{3}"}')|42501|.|42501|42501|42501
SELECT waarborg.affected_forget('klant.customer', '{"{3}"}', '{"\\x00"}')|.|42501|42501|42501|42501
SELECT waarborg.affected_settle('DL-2026-0001', 'customers', '{}', 'exempt', NULL, NULL, 'x')|42501|42501|42501|42501|42501
SELECT waarborg.wft_switch(true)|42501|.|42501|42501|42501
SELECT waarborg.wft_told(true)|42501|.|.|.|42501
SELECT waarborg.subject_lock('customers', '{3}')|42501|42501|42501|42501|42501
SELECT waarborg.hold_add('customers', '{3}', 'claim', 'brief', NULL, now(), 'x')|.|42501|.|42501|42501
UPDATE waarborg.hold SET reason = 'x'|42501|42501|42501|42501|42501
DELETE FROM waarborg.hold|42501|42501|42501|42501|42501
INSERT INTO waarborg.hold (subject_table, key_columns, reference, kind, reason, placed_at, placed_by, released_at, released_by, release_reason) VALUES ('a.b', '{id}', '\x00', 'claim', 'x', now(), 'x', now(), 'ik', 'x')|WB016|42501|42501|42501|42501
INSERT INTO waarborg.hold (subject_table, key_columns, reference, kind, reason, placed_at, placed_by, released_at, released_by, release_reason) VALUES ('a.b', '{id}', '\x00', 'claim', 'x', now(), 'x', now(), 'journal', 'x')|.|42501|42501|42501|42501
INSERT INTO waarborg.approval (policy, fingerprint, definition, approved_at, approved_by, os_user) VALUES ('customers', 'x', 'x', now(), session_user, 'x')|42501|42501|.|42501|42501
INSERT INTO waarborg.approval (policy, fingerprint, definition, approved_at, approved_by, os_user) VALUES ('customers', 'x', 'x', now(), 'iemand', 'x')|42501|42501|WB016|42501|42501
UPDATE waarborg.approval SET fingerprint = 'x'|42501|42501|42501|42501|42501
SELECT waarborg.policy_register('customers', 'klant', 'customer', '{id}')|.|.|.|42501|42501
SELECT waarborg.policy_register('customers', 'klant', 'unrelated', '{id}')|42501|42501|.|42501|42501
CREATE TEMP TABLE trap (id int); SELECT waarborg.policy_register('customers', nspname, 'trap', '{id}') FROM pg_namespace WHERE oid = pg_my_temp_schema()|42501|42501|WB016|42501|42501
UPDATE waarborg.chain SET head_no = head_no|.|42501|42501|42501|42501
UPDATE waarborg.segment SET sha256 = 'x'|42501|42501|42501|42501|42501
DELETE FROM waarborg.disposal|42501|42501|42501|42501|42501
DELETE FROM waarborg.worklist|.|42501|42501|42501|42501
INSERT INTO waarborg.roles_in_force VALUES (true, now(), 'x')|42501|42501|42501|42501|42501
DELETE FROM waarborg.migration|42501|42501|42501|42501|42501
CREATE TABLE waarborg.mine (id int)|42501|42501|42501|42501|42501
CASES
faults=0 column=1
for name in job sec dpo aud out; do
    column=$((column + 1))
    {
        echo '\set VERBOSITY sqlstate'
        cut -d'|' -f1 "$T/cases" | awk '{ printf "\\warn case %d\nBEGIN; %s;\nROLLBACK;\n", NR, $0 }'
    } | psql -XAtq -U "$(login $name)" -d "$db" >/dev/null 2>"$T/err" || fail "psql failed"
    awk '/^case / { n = $2 } /ERROR:/ && !(n in state) { state[n] = $NF }
         END { for (i = 1; i <= n; i++) print i in state ? state[i] : "." }' "$T/err" >"$T/found"
    cut -d'|' -f$column "$T/cases" >"$T/expected"
    cmp -s "$T/expected" "$T/found" || {
        echo "as $name (found, expected, statement):" >&2
        cut -d'|' -f1 "$T/cases" | paste -d'|' "$T/found" "$T/expected" - | awk -F'|' '$1 != $2' >&2
        faults=$((faults + 1))
    }
done
[ "$faults" = 0 ] || fail "the rights of $faults logins are not what they should be"

# ---- Who runs does not approve -------------------------------------------------------------------

as job retention approve
expect_status 2
expect_err 'permission denied for table approval'
# Too much was granted by hand: the rule in the database stands by itself, also for a superuser who
# carries out, and for a member through another role.
sql "GRANT INSERT ON waarborg.approval TO waarborg_job; GRANT waarborg_dpo TO $(login job)"
as job retention approve
expect_status 2
expect_err "a policy is approved by a member of waarborg_dpo, not by the role that runs it: $(login job) is a member of waarborg_job"
sql "REVOKE waarborg_dpo FROM $(login job); ALTER ROLE $(login job) SUPERUSER"
as job retention approve
expect_status 2
expect_err 'is a member of waarborg_job'
sql "ALTER ROLE $(login job) NOSUPERUSER; GRANT $(login job) TO $(login two); ALTER ROLE $(login two) NOINHERIT;
     GRANT USAGE ON SCHEMA waarborg TO $(login two); GRANT INSERT ON waarborg.approval TO $(login two)"
approval="INSERT INTO waarborg.approval (policy, fingerprint, definition, approved_at, approved_by, os_user)
          VALUES ('customers', 'x', 'x', now(), session_user, 'x')"
sql_as two "$approval" 2>"$T/err" && fail "a member of a member approved"
expect_err WB016
sql_as two "SET ROLE $(login job); $approval" 2>"$T/err" && fail "a member of a member approved"
expect_err WB016
sql "REVOKE $(login job) FROM $(login two)"
sql_as two "$approval" 2>"$T/err" && fail "an outsider approved"
expect_err WB016
psql -XAtq -d "$db" -c "SET session_replication_role = replica" -c "SET SESSION AUTHORIZATION $(login job)" \
    -c "$approval" 2>"$T/err" && fail "replica mode lets the job approve"
sql "DROP OWNED BY $(login two)"
waarborg migrate --roles
expect_status 0

# The approval of before was given by the superuser, and the superuser runs.
waarborg --as-of $AS_OF retention run --rehearsal
expect_status 2
expect_err 'policy customers was approved by the role that runs it'
# The DPO looks, and approves.
as dpo retention plan
expect_status 0
expect_out '12 of 12 subjects are due'
as dpo retention approve
expect_status 0

# ---- Rights that are missing in the schema waarborg: exit 2, with the mend -----------------------

as out retention run
expect_status 2
as sec retention run
expect_status 2
expect_err 'GRANT waarborg_job TO|GRANT SELECT'
as aud hold add 3 --kind claim --reason x
expect_status 2
expect_err 'permission denied for function .*waarborg migrate --roles, then GRANT waarborg_dpo TO this user'
for table in run worklist segment audit_head; do
    sql "REVOKE ALL ON waarborg.$table FROM waarborg_job"
    as job retention run
    expect_status 2
    expect_err "$table"
    expect_err 'waarborg migrate --roles, then GRANT waarborg_job TO'
    waarborg migrate --roles
    expect_status 0
done
expect_sql '0 12' "SELECT (SELECT count(*) FROM waarborg.segment) || ' ' || count(*) FROM klant.customer"

# ---- A night, holds, archive: as a member of waarborg_job and nothing else -----------------------

dump_all >"$T/before"
rows=$(row_count)
as job check
expect_status 0
as job hold add 3 --kind claim --reason 'brief'
expect_status 0
as dpo hold add 4 --kind complaint --reason 'belde'
expect_status 0
held=$(sql 'SELECT max(id) FROM waarborg.hold')
as job hold release "$held" --reason 'ik wil verder'
expect_status 2
expect_err 'a hold is released by a member of waarborg_dpo: .* is a member of waarborg_job'
backup=$db
new_db_from "$backup" backup
early=$db
db=$backup
as job retention run
expect_status 0
expect_sql '3,4' "SELECT string_agg(id::text, ',' ORDER BY id) FROM klant.customer"
expect_sql '2,3,4' "SELECT string_agg(id::text, ',' ORDER BY id) FROM klant.address"
expect_sql 2 'SELECT count(customer_id) FROM "Other side"."Led""ger"'
expect_conserved "$rows"
as dpo hold release "$held" --reason 'opgelost'
expect_status 0
as job retention run
expect_status 0
expect_sql 3 "SELECT string_agg(id::text, ',' ORDER BY id) FROM klant.customer"
for command in 'archive list' 'archive verify' 'retention status' 'hold list' 'evidence 5'; do
    # shellcheck disable=SC2086
    as job $command
    expect_status 0
done
as dpo evidence 5
expect_status 0
AS_OF=$(TZ=Europe/Amsterdam date +%F)
for command in 'report retention' 'report run last' 'report holds' 'report schedule'; do
    for name in dpo aud; do
        # shellcheck disable=SC2086
        as $name $command
        expect_status 0
    done
done
for name in dpo aud; do
    as $name report breaches
    expect_status 0
    as $name report summary
    expect_status 1
    grep -q 'Is the promise kept' "$T/out" || fail "$name gets no summary"
done
for what in forecast "pack $T/pack"; do
    for name in aud job sec; do
        # shellcheck disable=SC2086
        [ "$name $what" = 'job forecast' ] || {
            as $name report $what
            expect_status 2
            expect_err 'GRANT (waarborg_auditor, for report forecast )?waarborg_dpo,? TO this user'
        }
    done
    # shellcheck disable=SC2086
    as dpo report $what
    expect_status 0
done
as job report summary
expect_status 2
expect_err 'GRANT waarborg_auditor'
AS_OF=2026-11-22
as dpo hold add 5 --kind request --reason 'vraagt inzage'
expect_status 0
expect_out 'is placed on its archive'
as dpo hold release "$(sql 'SELECT max(id) FROM waarborg.hold')" --reason 'beantwoord'
expect_status 0
as aud evidence verify
expect_status 0

segment=$(sql "SELECT id FROM waarborg.segment ORDER BY chain_no LIMIT 1")
as job archive restore "$segment" --key "$T/fg.key" --reason 'te vroeg'
expect_status 0
[ "$(sql 'SELECT count(*) FROM klant.customer')" -gt 1 ] || fail "nobody came back"
AS_OF=2027-06-01
as job archive expire --dry-run
expect_status 0
expect_out 'would be destroyed'
AS_OF=2026-11-22

# The database of before the first night is put back: the job says so, and erases again.
sql_in postgres "ALTER DATABASE $db RENAME TO ${db}_late"
sql_in postgres "ALTER DATABASE $early RENAME TO $db"
harness_databases="$harness_databases ${db}_late"
as job retention run
expect_status 4
as job retention run --re-erase
[ "$status" -le 1 ] || fail "the job cannot erase again"
[ "$(sql 'SELECT count(*) FROM klant.customer')" -lt 12 ] || fail "nobody was erased again"

# ---- A breach from opening to closing: as a member of waarborg_security and nothing else ---------

# statement; each must work
while IFS= read -r statement; do
    sql_as sec "SELECT set_config('waarborg.at', now()::text, false); $statement" >"$T/out" 2>"$T/err" ||
        fail "the security officer may not: $statement: $(cat "$T/err")"
done <<'STEPS'
SELECT waarborg.breach_open('{"title": "verkeerde brief", "what_happened": "een brief", "aware_at": "2026-11-20 10:00+01", "nature": ["CONFIDENTIALITY"], "consequences": ["CONF_WIDER"]}', '{}', 72, 336)
SELECT waarborg.breach_amend('DL-2026-0002', 1, '{"persons_min": 1, "persons_max": 3}', 'geteld')
SELECT waarborg.affected_add('DL-2026-0002', 'customers', ARRAY[ARRAY[id::text]::text]) FROM (SELECT 3 AS id) AS x
SELECT waarborg.affected_feed('DL-2026-0002')
SELECT waarborg.breach_assess('DL-2026-0002', '{"risk": "high", "notify_ap": true, "notify_customers": true, "because": "medische brief"}')
SELECT waarborg.breach_notify('{DL-2026-0002}', '{"recipient": "ap", "kind": "initial", "complete": true, "sent_at": "2026-11-21 10:00+01"}')
SELECT waarborg.breach_measure_add('DL-2026-0002', '{"type": "REPAIR", "status": "taken", "description": "brief opgehaald"}')
SELECT waarborg.breach_attachment_add('DL-2026-0002', '/tmp/x', repeat('0', 64), 3)
SELECT waarborg.letters_prepare('DL-2026-0002')
SELECT waarborg.letters_start(ARRAY[id], 'mail'), waarborg.letters_not_started(ARRAY[id]), waarborg.letters_start(ARRAY[id], 'mail') FROM waarborg.letter
SELECT waarborg.letters_done(ARRAY[id], 'mail') FROM waarborg.letter
SELECT waarborg.letter_returned(id, token, '5.1.1') FROM waarborg.letter
SELECT waarborg.affected_told('DL-2026-0002', 'customers', NULL, NULL, 'telefoon')
SELECT waarborg.reminder_claim(max(id), 'ap', now(), '24', '{}') FROM waarborg.breach
SELECT waarborg.reminder_take(id), waarborg.reminder_sent(id) FROM waarborg.reminder
SELECT 1 / count(*) FROM waarborg.breach_clock_state WHERE reference = 'DL-2026-0002' AND clock = 'customers' AND met_at IS NOT NULL
SELECT waarborg.breach_close('DL-2026-0002', 'klaar')
SELECT waarborg.breach_reopen('DL-2026-0002', 'toch niet')
STEPS
for command in 'breach list' 'breach show DL-2026-0002' 'breach due'; do
    for name in sec dpo aud; do
        # shellcheck disable=SC2086
        as $name $command
        [ "$status" -le 1 ] || fail "$name cannot read the register"
    done
    # shellcheck disable=SC2086
    as job $command
    expect_status 2
    expect_err 'GRANT waarborg_security TO this user'
done
expect_sql "$(login sec)" "SELECT DISTINCT db_role FROM waarborg.audit WHERE breach = 'DL-2026-0002'"
