# hold add against a disposal in progress: it waits, and then places the hold or says that the
# subject is gone.  The disposal is played by a session that does what a batch does to its subjects.
. "$(dirname "$0")/../harness/lib.sh"

new_db waits
sql "CREATE SCHEMA klant;
     CREATE TABLE klant.customer (id bigint PRIMARY KEY, name text);
     CREATE TABLE klant.agreement (id bigint PRIMARY KEY, customer_id bigint REFERENCES klant.customer,
                                   ended_on date);
     INSERT INTO klant.customer SELECT i, 'Jansen' FROM generate_series(1, 20) AS i"
write_conf unsealed <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; };
  rules = ( { name = "former"; window = "7 years"; start = "exact";
              clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } ); }
CONF
waarborg migrate
expect_status 0

waits_for_lock() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
              AND application_name = 'waarborg/hold' AND wait_event_type = 'Lock'")" = 1 ]
}

# session: psql reads what is written to descriptor 4, until it is closed.
session() {
    rm -f "$T/pipe"
    mkfifo "$T/pipe"
    psql -XAtq -v ON_ERROR_STOP=1 -d "$db" <"$T/pipe" >"$T/session" 2>&1 4>&- &
    harness_children="$harness_children $!"
    exec 4>"$T/pipe"
}
said() {
    grep -q "$1" "$T/session"
}

# LAST STATEMENT OF THE DISPOSAL | exit code of hold add | holds afterwards
while read -r ending code holds; do
    echo "case: $ending"
    session
    echo "BEGIN; SELECT id FROM klant.customer WHERE id = 7 FOR UPDATE SKIP LOCKED;
          DELETE FROM klant.customer WHERE id = 7; SELECT 'deleted';" >&4
    wait_for 5 said deleted
    waarborg_start hold add 7 --kind claim --reason dossier 4>&-
    wait_for 5 waits_for_lock
    # Others are not kept waiting by the one that waits.
    sql "INSERT INTO waarborg.policy VALUES ('customers', 'klant', 'customer', '{id}')
         ON CONFLICT (name) DO UPDATE SET key_columns = EXCLUDED.key_columns"
    echo "$ending;" >&4
    exec 4>&-
    waarborg_wait
    expect_status "$code"
    expect_sql "$holds" "SELECT count(*) FROM waarborg.hold WHERE released_at IS NULL"
    sql "UPDATE waarborg.hold SET released_at = now(), released_by = 'x', release_reason = 'x';
         INSERT INTO klant.customer VALUES (7) ON CONFLICT DO NOTHING"
done <<'CASES'
ROLLBACK 0 1
COMMIT 1 0
CASES
expect_err 'event=hold\.add\.failed .*sqlstate=WB001 message="this subject is not in table klant\.customer'
refute_log 'dossier|Jansen'

# The application's own update is no disposal: nobody waits for it.
session
echo "BEGIN; UPDATE klant.customer SET name = 'de Vries' WHERE id = 8; SELECT 'updated';" >&4
wait_for 5 said updated
waarborg hold add 8 --kind claim --reason dossier 4>&-
expect_status 0
exec 4>&-

# A hold that was placed first is seen by a batch that comes later, because the batch skips or
# waits for the subject while the hold is being placed.
session
echo "BEGIN; SELECT waarborg.hold_add('customers', '{9}', 'claim', 'x', NULL, now(), 'x');
      SELECT 'placed';" >&4
wait_for 5 said placed
expect_sql '' "SELECT id FROM klant.customer WHERE id = 9 FOR UPDATE SKIP LOCKED"
echo "COMMIT;" >&4
exec 4>&-
wait_for 5 sh -c "[ \"\$(psql -XAtqd $db -c 'SELECT count(*) FROM waarborg.hold WHERE released_at IS NULL')\" = 2 ]"
expect_sql 9 "SELECT id FROM klant.customer WHERE id = 9 FOR UPDATE SKIP LOCKED"
