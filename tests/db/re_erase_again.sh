# The database is restored to an earlier point more than once, and what was put back or held in between:
# nobody who must stay goes, no hold on an archive is lost, and the nights go on.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

point_at() { # TEMPLATE NAME
    new_db_from "$1" "$2"
    sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
}

use() { # DATABASE
    db=$1
    sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
}

re_erase() { # STATUS
    waarborg --as-of $AS_OF retention run --re-erase
    expect_status "$1"
}

# An ordinary night and everything that checks the evidence have nothing to say.
all_holds() { # STATUS OF THE NIGHT
    waarborg --as-of $AS_OF retention run
    expect_status "$1"
    for command in 'archive verify' 'evidence verify'; do
        # shellcheck disable=SC2086 # words
        waarborg $command
        expect_status 0
    done
}

segment_of() { # NUMBER IN THE CHAIN
    sql "SELECT id FROM waarborg.segment WHERE chain_no = $1"
}

stays() { # CUSTOMERS
    [ "$(left)" = "$1" ] || fail "customers $(left) are left, expected $1"
}

# Customers 1 and 2 go in the first night; then the backup is made; 3 and 4 go in the second.
small_db today 6
small_conf 'batch = 2;'
sql "UPDATE klant.agreement SET ended_on = NULL WHERE id > 2"
night
expect_status 0
cp -a "$T/archive" "$T/archive.first"
cp "$T/journal.jsonl" "$T/journal.first"
today=$db
new_db_from "$today" backup
backup=$db
for db in "$today" "$backup"; do
    sql "UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id IN (3, 4)"
done
use "$today"
night
expect_status 0
second=$(segment_of 2)
cp -a "$T/archive" "$T/archive.good"
cp "$T/journal.jsonl" "$T/journal.good"

fresh() {
    echo "case: $1"
    rm -rf "$T/archive"
    cp -a "$T/archive.good" "$T/archive"
    cp "$T/journal.good" "$T/journal.jsonl"
}

# 3 stands in two segments by now.  It is put back from the older one; whatever happens to the database
# afterwards, it is held.
fresh 'put back from the older of two segments'
point_at "$backup" older1
re_erase 0
stays 5,6
waarborg archive restore "$second" --subject 3 --reason 'court order'
expect_status 0
for again in older2 older3; do
    point_at "$backup" $again
    re_erase 0
    stays 3,5,6
    expect_sql 1 "SELECT count(*) FROM waarborg.hold WHERE released_at IS NULL AND subject_key = '{3}'"
    all_holds 0
    stays 3,5,6
done

# The same, but the backup is of a moment at which 3 was gone: somebody has to be told.
fresh 'a restore that nobody finds again'
point_at "$backup" lost1
re_erase 0
gone=$db
new_db_from "$gone" lost_backup
lost_backup=$db
use "$gone"
waarborg archive restore "$second" --subject 3 --reason 'court order'
expect_status 0
point_at "$lost_backup" lost2
re_erase 0
expect_err "event=retention\.restore_lost segment=$second subjects=1"
fresh 'a restore, and the rows are gone'
use "$today"
new_db_from "$today" lost3
use "$db"
waarborg archive restore "$second" --subject 3 --reason 'court order'
expect_status 0
point_at "$backup" lost4
sql "SET session_replication_role = replica; DELETE FROM klant.customer WHERE id = 3"
re_erase 0
expect_err "event=retention\.restore_lost segment=$second subjects=1 mend="
expect_err 'event=retention\.not_found policy=customers subjects=1 what='
sql "SET session_replication_role = replica; DELETE FROM klant.agreement WHERE id = 3;
     DELETE FROM klant.complaint WHERE id = 3; DELETE FROM klant.contact WHERE id = 3"

# Holds on archives, one of them released, get other numbers when those are taken: once.
fresh 'numbers of holds that were given twice'
point_at "$today" numbers
for customer in 1 2 3; do
    waarborg hold add $customer --kind claim --reason x
    expect_status 0
done
waarborg hold release 2 --reason x
expect_status 0
for again in numbers1 numbers2 numbers3; do
    point_at "$backup" $again
    for customer in 5 6; do
        waarborg hold add $customer --kind claim --reason x
        expect_status 0
    done
    re_erase 0
    stays 5,6
    expect_sql '2|2' "SELECT count(*), count(DISTINCT reference) FROM waarborg.hold
                      WHERE reference IS NOT NULL AND released_at IS NULL"
    expect_sql 2 "SELECT count(*) FROM waarborg.hold WHERE subject_key IS NOT NULL AND released_at IS NULL"
    all_holds 0
    waarborg --as-of 2030-01-01 archive expire --rehearsal --dry-run
    expect_out '^0 of [0-9]+ segments past archive\.keep'
done

# A hold that was placed through a policy which the restored database has never heard of.
fresh 'a hold through a younger policy'
point_at "$today" younger
cp "$T/waarborg.conf" "$T/conf.good"
{
    small_policy
    echo ,
    small_policy | sed 's/"customers"/"second"/'
} | write_conf unsealed 'batch = 2;'
waarborg hold add 1 --policy second --kind claim --reason x
expect_status 0
mv "$T/conf.good" "$T/waarborg.conf"
point_at "$backup" younger1
re_erase 0
stays 5,6
expect_sql 1 "SELECT count(*) FROM waarborg.hold WHERE reference IS NOT NULL AND released_at IS NULL"
all_holds 0

# The SQL function of such a hold can be called with any instant, and a hold be written without any:
# neither may spoil the journal.
fresh 'holds that no command would place'
point_at "$today" nonsense
sql "INSERT INTO waarborg.hold (subject_table, key_columns, reference, kind, reason, placed_at, placed_by)
     VALUES ('klant.customer', '{id}', '\\xabcd', 'claim', 'x', '2026-01-01', 'x')"
for at in 2099-01-01 infinity -infinity; do
    sql "SELECT count(*) FROM waarborg.archive_hold_add('customers',
         (SELECT min(reference::text)::bytea FROM waarborg.disposal), 'claim', 'x', NULL, '$at', 'x')" >"$T/placed"
    for _ in 1 2; do
        waarborg --as-of $AS_OF retention run
        expect_status 0
    done
done
[ "$(grep -c '"event":"hold"' "$T/journal.jsonl")" = 3 ] || fail "three lines of holds were expected"

# A run is killed between COMMIT and its line; the subject is put back before the next run writes it.
if grep -q 'record\.committed' "$WAARBORG"; then
    fresh 'the line of a restore before that of its segment'
    point_at "$backup" order
    rm -rf "$T/archive"
    cp -a "$T/archive.first" "$T/archive"
    cp "$T/journal.first" "$T/journal.jsonl"
    WAARBORG_FAULT_POINT=record.committed waarborg_start --as-of $AS_OF retention run --accept-volume 9
    waarborg_wait
    [ "$status" -eq 137 ] || fail "it was not killed"
    wait_for 20 sessions_gone
    waarborg archive restore "$(segment_of 2)" --subject 3 --reason 'court order'
    expect_status 0
    all_holds 0
    stays 3,5,6
    point_at "$backup" order1
    re_erase 0
    stays 3,5,6
    all_holds 0
fi
