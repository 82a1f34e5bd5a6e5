# migrate: creates the schema, does nothing the second time, and two at once share the work.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/json.sh"

policies() {
    cat <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years"; start = "exact";
              clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } ); }
CONF
}

migrations=$(find "$ROOT/sql/schema" -name '[0-9]*.sql' | wc -l)
last=$(find "$ROOT/sql/schema" -name '[0-9]*.sql' -exec basename {} .sql \; | sort | tail -n 1)

# recorded DIGESTS: each file stands in the list with its digest.
expect_recorded() {
    expect_sql "$migrations" "SELECT count(*) FROM waarborg.migration"
    for file in "$ROOT"/sql/schema/[0-9]*.sql; do
        expect_sql "$(sha256sum <"$file" | cut -c1-64)" \
            "SELECT sha256 FROM waarborg.migration WHERE name = '$(basename "$file" .sql)'"
    done
}

new_db once
policies | write_conf unsealed
waarborg migrate
expect_status 0
expect_out "^Applied 001_ledger\.$"
expect_out "^The schema waarborg is now at $last\.$"
expect_err "event=migrate\.applied .*migration=001_ledger sha256=[0-9a-f]{64}$"
expect_recorded
expect_sql "0.1.0 t" "SELECT DISTINCT program_version || ' ' || (applied_at > '2020-01-01')::text::char
                        FROM waarborg.migration"

before=$(sql "SELECT string_agg(m::text, ' ' ORDER BY number) FROM waarborg.migration AS m")
waarborg migrate
expect_status 0
expect_out "^The schema waarborg is up to date, nothing to do: it is at $last\.$"
[ ! -s "$T/err" ] || fail "a migrate that does nothing should have no messages"
expect_sql "$before" "SELECT string_agg(m::text, ' ' ORDER BY number) FROM waarborg.migration AS m"
waarborg migrate --json
expect_status 0
expect_json_keys "applied at number" "{}"
expect_json "[]" "{applied}"
expect_json "$last" "{at}"
expect_json "$migrations" "{number}"

# An administrator made the schema for a user who may create nothing else.
new_db given
policies | write_conf unsealed
role=wt_migrate_$$
sql "CREATE ROLE $role LOGIN"
sed -i "s/user='[^']*'/user='$role'/" "$T/waarborg.conf"
waarborg migrate
expect_status 2
expect_err "message=\"user $role may not create the schema .*GRANT CREATE ON DATABASE $db TO $role;"
sql "CREATE SCHEMA waarborg"
waarborg migrate
expect_status 2
expect_err "GRANT USAGE, CREATE ON SCHEMA waarborg TO $role;"
expect_sql "0" "SELECT count(*) FROM pg_class WHERE relnamespace = 'waarborg'::regnamespace"
sql "GRANT USAGE, CREATE ON SCHEMA waarborg TO $role"
waarborg migrate
expect_status 0
expect_recorded
sql "DROP OWNED BY $role CASCADE; DROP ROLE $role"

# Two at once, a few times: every step is done once.
for round in 1 2 3; do
    new_db "pair$round"
    policies | write_conf unsealed
    "$WAARBORG" -c "$T/waarborg.conf" migrate >"$T/first" 2>"$T/err" &
    first=$!
    harness_children="$harness_children $first"
    waarborg migrate
    expect_status 0
    wait "$first" || fail "the first of two migrates failed: $(cat "$T/err")"
    expect_recorded
    applied=$(cat "$T/first" "$T/out" | grep -c '^Applied ' || :)
    [ "$applied" -eq "$migrations" ] || fail "$applied steps by two at once, $migrations expected"
done

# The second waits as long as the first needs, and then finds nothing to do.
new_db wait
policies | write_conf unsealed
waarborg migrate
{
    echo "BEGIN; SELECT pg_advisory_xact_lock(('x77616172626700' || '64')::bit(64)::bigint);"
    sleep 2
    echo "COMMIT;"
} | sql_file - >/dev/null &
wait_for 5 sh -c "psql -XAtqc \"SELECT 1/count(*) FROM pg_locks AS l JOIN pg_database AS d
    ON d.oid = l.database WHERE l.locktype = 'advisory' AND l.granted AND d.datname = '$db'\""
waarborg_start migrate
wait_for 5 sh -c "psql -XAtqc \"SELECT 1/count(*) FROM pg_locks AS l JOIN pg_database AS d
    ON d.oid = l.database WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = '$db'\""
waarborg_wait
expect_status 0
expect_out 'nothing to do'
