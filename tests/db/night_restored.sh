# The database is put back to an earlier point: people who were erased are there again, and the run
# stops until somebody has seen to it.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db today 20
small_conf 'batch = 5;'
sql "UPDATE klant.agreement SET ended_on = NULL WHERE id > 10"
night
expect_status 0
today=$db
new_db_from "$today" earlier
earlier=$db
db=$today
sql "UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id > 10"
night
expect_status 0
[ "$(left)" = '' ] || fail "customers $(left) are left"
expect_whole 140
find "$T/archive" -type f | sort >"$T/files.before"
cp "$T/journal.jsonl" "$T/journal.before"

db=$earlier
sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
[ "$(left)" = 11,12,13,14,15,16,17,18,19,20 ] || fail "the copy is not as it should be"
for words in 'retention run --accept-volume 99' 'retention run'; do
    # shellcheck disable=SC2086 # a list of words
    waarborg --as-of $AS_OF $words
    expect_status 4
    expect_err 'the journal names 2 segments that the ledger does not know: the database was restored to an earlier point, and people who were erased may be back'
done
[ "$(left)" = 11,12,13,14,15,16,17,18,19,20 ] || fail "customers $(left) are left"
find "$T/archive" -type f | sort | cmp - "$T/files.before" || fail "the archive changed"
cmp "$T/journal.jsonl" "$T/journal.before" || fail "the journal changed"
waarborg archive verify
expect_status 4
# Looking is always possible.
waarborg --as-of $AS_OF retention plan
expect_status 0

# A database that is new altogether: the same.
small_db new 3
sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
start_policy
night
expect_status 4
expect_err 'the journal names 4 segments that the ledger does not know'
[ "$(left)" = 1,2,3 ] || fail "customers $(left) are left"
find "$T/archive" -type f | sort | cmp - "$T/files.before" || fail "the archive changed"
