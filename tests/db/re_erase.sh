# The database is restored to an earlier point: `retention run --re-erase` tells the ledger what it
# forgot, finds who is back by reference, and disposes of them again; holds and moved clocks stop it.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

# Customers 1 to 10 go in the first night; then the backup is made; 11 to 20 go in the second, and 21
# stays.
small_db today 21
small_conf 'batch = 5;'
sql "UPDATE klant.agreement SET ended_on = NULL WHERE id > 10"
night
expect_status 0
today=$db
new_db_from "$today" backup
backup=$db
db=$today
sql "UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id BETWEEN 11 AND 20"
sql_in "$backup" "UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id BETWEEN 11 AND 20"
night
expect_status 0
[ "$(left)" = 21 ] || fail "customers $(left) are left"
records="SELECT encode(reference, 'hex'), policy, rule, due_on FROM waarborg.disposal ORDER BY 1"
sql "$records" >"$T/records"

cases=0
# The backup as it is put back, with archive and journal of today; beside() changes them first.
restored() { # WHAT
    echo "case: $1"
    cases=$((cases + 1))
    [ -d "$T/archive.good" ] || {
        cp -a "$T/archive" "$T/archive.good"
        cp "$T/journal.jsonl" "$T/journal.good"
        cp "$T/waarborg.conf" "$T/conf.good"
    }
    rm -rf "$T/archive"
    cp -a "$T/archive.good" "$T/archive"
    cp "$T/journal.good" "$T/journal.jsonl"
    cp "$T/conf.good" "$T/waarborg.conf"
    point_at "$backup" "case$cases"
}

point_at() { # TEMPLATE NAME
    new_db_from "$1" "$2"
    sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
}

stays() { # CUSTOMERS
    [ "$(left)" = "$1" ] || fail "customers $(left) are left, expected $1"
}

re_erase() {
    waarborg --as-of $AS_OF retention run --re-erase
}

refused() { # REGEX: nothing was changed
    snapshot before
    cp "$T/journal.jsonl" "$T/journal.before" 2>/dev/null || : >"$T/journal.before"
    re_erase
    expect_status 4
    expect_err "$1"
    snapshot after
    expect_same_snapshots before after
    [ ! -e "$T/journal.jsonl" ] || cmp "$T/journal.jsonl" "$T/journal.before" || fail "the journal changed"
}

restored 'all who went are back'
waarborg --as-of $AS_OF retention run --accept-volume 99
expect_status 4
expect_err 'names 2 segments that the ledger does not know.*retention run --re-erase'
stays 11,12,13,14,15,16,17,18,19,20,21
re_erase
expect_status 0
expect_out '^policy customers, as of 2026-11-22: 10 of 10 subjects who came back disposed of again; 70 rows in 2 segments'
stays 21
[ "$(grep -c '"event":"re-erase"' "$T/journal.jsonl")" = 1 ] || fail "one line re-erase was expected"
# Both disposals stand in the ledger, with rule and day of the first.
sql "SELECT DISTINCT encode(reference, 'hex'), policy, rule, due_on FROM waarborg.disposal ORDER BY 1" |
    cmp - "$T/records" || fail "the disposal records differ"
expect_sql 30 "SELECT count(*) FROM waarborg.disposal"
expect_sql 6 "SELECT max(chain_no) FROM waarborg.segment"
expect_sql '10|disposed' "SELECT count(*), max(outcome) FROM waarborg.returned"
# The numbers of runs go on.
expect_sql 't' "SELECT count(*) = count(DISTINCT id) AND max(id) >= 3 FROM waarborg.run"
waarborg archive verify
expect_status 0
for again in '' --re-erase; do
    # shellcheck disable=SC2086 # perhaps none
    waarborg --as-of $AS_OF retention run $again
    expect_status 0
    expect_out 'nobody (is due|came back)'
done
stays 21

restored 'one is held, one has a running agreement'
waarborg --as-of $AS_OF hold add 12 --kind claim --reason 'letter'
expect_status 0
sql "UPDATE klant.agreement SET ended_on = NULL WHERE id = 13"
sql "UPDATE klant.agreement SET ended_on = '2026-10-01' WHERE id = 14"
re_erase
expect_status 1
stays 12,13,14,21
expect_out '3 who were disposed of before the database was restored are back and could not go'
waarborg --as-of $AS_OF retention status
expect_out '^customers +blocked .*erased before, its clocks have moved +2 '
expect_out '^customers +held .*hold: claim +1 '
waarborg --as-of $AS_OF retention run
expect_status 1
expect_out '3 who were disposed of before'
waarborg --as-of $AS_OF hold release 1 --reason 'settled'
sql "UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id IN (13, 14)"
# An ordinary night takes who is due by the rules of today, and they count as gone again.
waarborg --as-of $AS_OF retention run --accept-volume 9
expect_status 0
stays 21
expect_sql 10 "SELECT count(*) FROM waarborg.returned WHERE outcome = 'disposed'"

restored 'the rules of today would keep them'
sed -i 's/window = "7 years"/window = "30 years"/' "$T/waarborg.conf"
approve
re_erase
expect_status 0
stays 21

restored 'who is not there any more needs nothing'
sql "SET session_replication_role = replica; DELETE FROM klant.customer WHERE id = 15;
     DELETE FROM klant.agreement WHERE id = 15"
re_erase
expect_status 0
expect_out ' 9 of 9 subjects who came back'
expect_sql 1 "SELECT count(*) FROM waarborg.returned WHERE outcome = 'absent'"
stays 21

restored 'brakes do not count, several workers do'
sed -i 's/batch = 5;/batch = 3; workers = 2; max_subjects = 1; max_share = 0.01;/' "$T/waarborg.conf"
re_erase
expect_status 0
stays 21

# One was put back from its archive between backup and restore: it is held again, and stays.
restored 'who was restored from the archive is held again'
db=$today
sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
second=$(sql "SELECT s.id FROM waarborg.segment AS s WHERE s.chain_no = 3")
waarborg archive restore "$second" --subject 12 --reason 'court order'
expect_status 0
point_at "$backup" with_restore
re_erase
expect_status 0
stays 12,21
expect_sql 1 "SELECT count(*) FROM waarborg.hold WHERE released_at IS NULL AND subject_key = '{12}'"
waarborg --as-of $AS_OF retention run
expect_status 0
stays 12,21
expect_sql 1 "SELECT count(*) FROM waarborg.restore"

# A restore of somebody who had gone before the backup went with the database, and is told.
restored 'a restore that was lost'
db=$today
sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
first=$(sql "SELECT s.id FROM waarborg.segment AS s WHERE s.chain_no = 1")
waarborg archive restore "$first" --subject 2 --reason 'court order'
expect_status 0
point_at "$backup" lost_restore
re_erase
expect_status 0
expect_err "event=retention\.restore_lost segment=$first subjects=1 "
stays 21

# Only a night without anybody due was forgotten: that too shows that holds may have gone with it.
restored 'nights in which nobody went'
re_erase
expect_status 0
after=$db
new_db_from "$after" quiet_backup
quiet=$db
db=$after
waarborg --as-of $AS_OF retention run
expect_status 0
point_at "$quiet" quiet
waarborg --as-of $AS_OF retention run
expect_status 4
expect_err 'the journal names 1 runs, 0 expiries, 0 restores and 0 holds on archives that the ledger does not know'
re_erase
expect_status 0
stays 21
night
expect_status 0
expect_sql t "SELECT max(id) > count(*) - 1 AND count(*) = count(DISTINCT id) FROM waarborg.run"

echo 'the database of before everything, under its own name'
small_db today2 3
small_conf 'batch = 5;'
cp "$T/waarborg.conf" "$T/conf2"
rm -rf "$T/archive" "$T/journal.jsonl" && mkdir -m 700 "$T/archive"
empty=$db
new_db_from "$empty" empty_backup
empty_backup=$db
db=$empty
night
expect_status 0
stays ''
# Somebody else's database with the same table and the same keys: nobody may be taken for another.
point_at "$empty_backup" stranger
refused 'is of another database'
stays 1,2,3
sql_in postgres "DROP DATABASE \"$empty\""
sql_in postgres "ALTER DATABASE \"$db\" RENAME TO \"$empty\""
db=$empty
sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
re_erase
expect_status 0
stays ''

# What keeps it from starting: nothing is changed then.
manifest_of() { # NUMBER IN THE CHAIN
    grep -lr "\"chain_no\":$1," "$T/archive" --include='*.json'
}
while IFS='|' read -r damage sentence; do
    restored "$damage"
    eval "$damage" || fail "the damage cannot be done"
    refused "$sentence"
done <<'CASES'
rm "$(manifest_of 3)"|the manifest of segment [0-9a-f]+ is missing from the archive directory
sed -i 's/"as_of":"2026-11-22"/"as_of":"2026-11-21"/' "$(manifest_of 3)"|manifest of segment [0-9a-f]+ does not have the SHA-256
m=$(manifest_of 4); rm "${m%.manifest.json}.sql.gz"|the file of segment [0-9a-f]+ is missing and the journal has no line of its expiry
echo ff >>"$(m=$(manifest_of 4); echo "${m%.manifest.json}.sql.gz")"|the file of segment [0-9a-f]+ has [0-9]+ bytes, its manifest says
sql "UPDATE waarborg.chain SET manifest_sha256 = repeat('1', 64)"|does not continue the chain of the ledger
echo 100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f >"$T/reference.key"|the reference key .* is not the one that the journal began with
rm "$T/journal.jsonl"|the journal .* is missing although
CASES
echo 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f >"$T/reference.key"
refute_log 'Jansen|NL00PROEF'
