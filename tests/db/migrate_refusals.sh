# migrate and its readers: a newer schema, a changed digest, an older and a missing schema.
. "$(dirname "$0")/../harness/lib.sh"

new_db strict
write_conf unsealed <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years"; start = "exact";
              clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } ); }
CONF

# state: everything in the schema that a refused command must leave as it is.
state() {
    sql "SELECT string_agg(m::text, ' ' ORDER BY number) FROM waarborg.migration AS m"
    sql "SELECT count(*) FROM pg_class WHERE relnamespace = 'waarborg'::regnamespace"
}

# refused STATUS REGEX COMMAND...: it refuses, one line, and changes nothing.
refused() {
    expected=$1 sentence=$2
    shift 2
    before=$(state)
    waarborg "$@"
    expect_status "$expected"
    expect_err "event=[a-z.]*\.failed .*message=\".*$sentence"
    [ "$(wc -l <"$T/err")" -eq 1 ] || fail "one line was expected"
    [ ! -s "$T/out" ] || fail "no output was expected"
    [ "$(state)" = "$before" ] || fail "a refused command changed the schema"
}

waarborg hold list
expect_status 2
expect_err "event=hold\.list\.failed .*has no schema waarborg yet: run waarborg migrate"

waarborg migrate
expect_status 0
waarborg hold list
expect_status 0

sql "INSERT INTO waarborg.migration VALUES (999, '999_future', 'x', '2030-01-01', '9.9')"
refused 2 "is at 999_future, newer than this program" migrate
refused 2 "is at 999_future, newer than this program" hold list
sql "DELETE FROM waarborg.migration WHERE number = 999"

right=$(sql "SELECT sha256 FROM waarborg.migration WHERE number = 1")
sql "UPDATE waarborg.migration SET sha256 = repeat('0', 64) WHERE number = 1"
refused 4 "migration 001_ledger was applied in another form" migrate
refused 4 "migration 001_ledger was applied in another form" migrate --json
sql "UPDATE waarborg.migration SET sha256 = '$right' WHERE number = 1"

# A step that fails half-way leaves nothing: its tables are there already.
sql "DELETE FROM waarborg.migration"
refused 2 "older than this program .*run waarborg migrate" hold list
refused 3 "migration 001_ledger: database: ERROR 42P07" migrate
refused 3 "migration 001_ledger: database: ERROR 42P07" migrate

role=wt_reader_$$
sql "CREATE ROLE $role LOGIN"
sed -i "s/user='[^']*'/user='$role'/" "$T/waarborg.conf"
refused 2 "GRANT USAGE ON SCHEMA waarborg TO $role; GRANT SELECT" hold list
refused 2 "may not read waarborg.migration" migrate
sql "DROP ROLE $role"
