# archive restore of whole segments: list, show, restore, and every table is as it was before.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/json.sh"

as_of=2026-11-22
new_demo_db whole
demo_policy | write_conf sealed 'batch = 5; max_share = 1.0;'
dump_all >"$T/before"
before=$(row_count)
waarborg migrate
waarborg archive list
expect_status 0
expect_out '^The archive is empty\.$'
waarborg archive verify
expect_status 0
waarborg --as-of $as_of retention approve
waarborg --as-of $as_of retention run
[ "$(row_count)" -lt "$before" ] || fail "nothing was disposed of"
newest_first=$(sql 'SELECT id FROM waarborg.segment ORDER BY chain_no DESC')
oldest_first=$(sql 'SELECT id FROM waarborg.segment ORDER BY chain_no')
subjects=$(sql 'SELECT count(*) FROM waarborg.disposal')
disposed=$db
cp "$T/journal.jsonl" "$T/journal.disposed"

start_again() { # NAME
    cp "$T/journal.disposed" "$T/journal.jsonl"
    new_db_from "$disposed" "$1"
    sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
}

echo 'list and show'
waarborg --json archive list
expect_status 0
expect_json_keys 'bytes created_at destroyed_at file policy restored rows segment state subjects' '{segments,0}'
expect_json present '{segments,0,state}'
expect_json 5 '{segments,0,subjects}'
segment=$(echo "$oldest_first" | head -n 1)
waarborg archive list
expect_out "^$segment .* present$"
waarborg archive show "$segment"
expect_status 0
expect_out '^Subjects +5 of klant\.customer$'
expect_out "^klant\.customer +5 "
expect_out "openssl cms -decrypt .*-$segment\.sql\.gz\.cms"
waarborg --json archive show "$(echo "$segment" | cut -c1-12)"
expect_json "$segment" '{segment}'

echo 'newest first'
start_again newest
for segment in $newest_first; do
    waarborg --json --as-of $as_of archive restore "$segment" --key "$T/fg.key" --reason 'wrong date' \
        --review 2026-12-01
    expect_status 0
    expect_json 2026-12-01 '{review_on}'
    expect_json 0 '{emptied}'
    expect_json null '{reference}'
done
dump_all >"$T/restored"
cmp -s "$T/before" "$T/restored" || {
    diff "$T/before" "$T/restored" | head >&2
    fail "not every row is back as it was"
}
expect_sql "$subjects" "SELECT count(*) FROM waarborg.hold WHERE review_on = '2026-12-01'
                        AND reason = 'restored: wrong date' AND placed_by LIKE '%(system user %)'"
expect_sql "$subjects" 'SELECT count(*) FROM waarborg.disposal WHERE restored_at IS NOT NULL'
expect_sql "$subjects" 'SELECT sum(subjects) FROM waarborg.restore WHERE reference IS NULL'
[ "$(grep -c '"event":"restore"' "$T/journal.jsonl")" -eq "$(echo "$newest_first" | wc -l)" ] ||
    fail "not one journal line a restore"
waarborg archive list
expect_status 0
waarborg archive verify --key "$T/fg.key"
expect_status 0
waarborg --as-of $as_of retention run
dump_all | cmp -s - "$T/before" || fail "what was restored went again, although it is held"

echo 'oldest first: customers refer to customers who are not back yet'
start_again oldest
for segment in $oldest_first; do
    waarborg archive restore "$segment" --key "$T/fg.key" --reason 'wrong date'
    expect_status 0
done
expect_sql 0 "SELECT count(*) FROM waarborg.disposal WHERE restored_at IS NULL"
[ "$(row_count)" -eq "$before" ] || fail "not every row is back"

echo 'the text of the segments, through psql'
start_again text
for segment in $newest_first; do
    segment_text "$(segments | grep "$segment")" | sql_file - >"$T/psql.out"
done
dump_all | cmp -s - "$T/before" || fail "psql does not give back every row"

echo 'a file that is gone'
rm "$(segments | head -n 1)"
waarborg archive list
expect_status 1
expect_out ' file missing$'
refute_log 'wrong date'
