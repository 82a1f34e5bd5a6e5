# archive restore --subject: one subject out of a segment of several, with a composite key, a thread
# of notes, a cycle of keys, an address it shares and customers who refer to one another.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/json.sh"

as_of=2026-11-22
new_db subject
sql_file - <<'SQL'
CREATE SCHEMA "Kl ant";
CREATE TABLE "Kl ant".address (id int PRIMARY KEY, street text NOT NULL);
CREATE TABLE "Kl ant"."Cust""omer" (
    country char(2), no int, uid bigint NOT NULL UNIQUE, name text NOT NULL, waarborg_kept text,
    address_id int REFERENCES "Kl ant".address,
    referred_by bigint REFERENCES "Kl ant"."Cust""omer" (uid),
    PRIMARY KEY (country, no));
CREATE TABLE "Kl ant".agreement (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, country char(2), no int, ended_on date, main_note int,
    price numeric, vat numeric GENERATED ALWAYS AS (price * 0.21) STORED,
    FOREIGN KEY (country, no) REFERENCES "Kl ant"."Cust""omer");
CREATE TABLE "Kl ant".note (
    id int PRIMARY KEY, agreement_id int REFERENCES "Kl ant".agreement,
    parent_id int REFERENCES "Kl ant".note, body text);
ALTER TABLE "Kl ant".agreement ADD FOREIGN KEY (main_note) REFERENCES "Kl ant".note;
CREATE INDEX ON "Kl ant"."Cust""omer" (address_id);
CREATE INDEX ON "Kl ant"."Cust""omer" (referred_by);
CREATE INDEX ON "Kl ant".agreement (country, no);
CREATE INDEX ON "Kl ant".agreement (main_note);
CREATE INDEX ON "Kl ant".note (agreement_id);
CREATE INDEX ON "Kl ant".note (parent_id);

INSERT INTO "Kl ant".address VALUES (1, 'shared by due and due'), (2, 'of NL 3'), (3, 'of somebody who stays');
INSERT INTO "Kl ant"."Cust""omer" VALUES
    ('NL', 1, 11, E'one\ttab \\. and \\N', 'x', 1, NULL),
    ('NL', 2, 12, 'two', NULL, 1, NULL),
    ('NL', 3, 13, 'three, referred by one', NULL, 2, 11),
    ('BE', 1, 14, 'also number 1', NULL, 3, NULL),
    ('NL', 4, 15, 'stays, referred by one', NULL, 3, 11),
    ('NL', 5, 16, 'stays, referred by two', NULL, NULL, 12);
INSERT INTO "Kl ant".agreement (country, no, ended_on, price) VALUES
    ('NL', 1, '2015-01-31', 10), ('NL', 1, '2016-01-31', 0.1), ('NL', 2, '2015-01-31', NULL),
    ('NL', 3, '2015-01-31', 7), ('BE', 1, '2015-01-31', 5), ('NL', 4, NULL, 1), ('NL', 5, NULL, 1);
INSERT INTO "Kl ant".note VALUES (1, 1, NULL, 'a'), (2, NULL, 1, 'b'), (3, NULL, 2, E'c\nd'), (4, 2, NULL, ''),
    (5, 3, NULL, 'e'), (6, 4, NULL, NULL), (7, 5, NULL, 'f');
UPDATE "Kl ant".agreement SET main_note = 3 WHERE id = 1;
UPDATE "Kl ant".agreement SET main_note = 5 WHERE id = 3;
SQL
write_conf sealed 'batch = 100; max_share = 1.0;' <<'CONF'
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "Kl ant.\"Cust\"\"omer\""; key = [ "country", "no" ]; };
  rules = ( { name = "former"; window = "7 years"; start = "exact";
              clocks = ( { table = "Kl ant.agreement"; ends = "ended_on"; } ); } );
  owns = [ "Kl ant.address" ];
  detach = [ "Kl ant.\"Cust\"\"omer\".referred_by" ]; }
CONF
dump_all >"$T/before"
waarborg migrate
expect_status 0
waarborg --as-of $as_of retention approve
expect_status 0
waarborg --as-of $as_of retention run
expect_sql 2 'SELECT count(*) FROM "Kl ant"."Cust""omer"'
expect_sql 1 'SELECT count(*) FROM "Kl ant".address'
expect_sql '|' "SELECT string_agg(referred_by::text, '|'), '' FROM \"Kl ant\".\"Cust\"\"omer\""
expect_sql 4 'SELECT subjects FROM waarborg.segment'
segment=$(sql 'SELECT id FROM waarborg.segment')
disposed=$db

# restore SUBJECT: and what it says in JSON.
restore() {
    waarborg --json --as-of $as_of archive restore "$segment" --key "$T/fg.key" --reason 'a mistake' \
        --subject "$1"
}

# point_conf_to DATABASE
point_conf_to() {
    db=$1
    sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
}
cp "$T/journal.jsonl" "$T/journal.disposed"

echo 'one of four, with what belongs to it and to nobody else'
new_db_from "$disposed" one
point_conf_to "$db"
restore '["NL", 1]'
expect_status 0
expect_json 1 '{subjects}'
expect_json 8 '{rows}'
expect_json 2 '{relinked}'
expect_json 0 '{emptied}'
expect_json 2026-12-22 '{review_on}'
dump_all >"$T/one"
# Everything that is back is as it was; NL 5 still misses the one who referred it.
sed 's/^# .*//' "$T/before" | sort >"$T/before.sorted"
sed 's/^# .*//' "$T/one" | sort | comm -13 "$T/before.sorted" - >"$T/new"
[ "$(wc -l <"$T/new")" -eq 1 ] || fail "rows came back changed: $(cat "$T/new")"
grep -q 'stays, referred by two' "$T/new" || fail "another row changed: $(cat "$T/new")"
expect_sql 'NL1,NL4,NL5' "SELECT string_agg(country || no, ',' ORDER BY no) FROM \"Kl ant\".\"Cust\"\"omer\""
expect_sql '1,2,3,4' "SELECT string_agg(id::text, ',' ORDER BY id) FROM \"Kl ant\".note"
expect_sql 3 'SELECT main_note FROM "Kl ant".agreement WHERE id = 1'
expect_sql '1,3' "SELECT string_agg(id::text, ',' ORDER BY id) FROM \"Kl ant\".address"
expect_sql 11 'SELECT referred_by FROM "Kl ant"."Cust""omer" WHERE no = 4'
expect_sql '' 'SELECT referred_by FROM "Kl ant"."Cust""omer" WHERE no = 5'
expect_sql '"Kl ant"."Cust""omer"|{NL,1}|other|restored: a mistake|2026-12-22' \
    'SELECT subject_table, subject_key, kind, reason, review_on FROM waarborg.hold'
expect_sql 1 'SELECT count(*) FROM waarborg.disposal WHERE restored_at IS NOT NULL'
expect_sql 1 "SELECT count(*) FROM waarborg.restore AS r JOIN waarborg.disposal AS d USING (segment_id, reference)
              WHERE r.rows = 8 AND r.subjects = 1 AND r.reason = 'a mistake' AND d.restored_at = r.restored_at"
tail -n 1 "$T/journal.jsonl" | grep -q '"event":"restore".*"reference":"[0-9a-f]\{64\}"' || fail "no journal line"
refute_evidence 'a mistake|shared by'

echo 'the others after it, one by one: in the end all is as it was'
restore '["NL", "2"]'
expect_status 0
expect_json 2 '{relinked}' # of NL 5, and the main note of agreement 3
restore '["NL", 3]'
expect_status 0
expect_json 0 '{emptied}'
restore '["BE", 1]'
expect_status 0
dump_all >"$T/all"
cmp -s "$T/before" "$T/all" || {
    diff "$T/before" "$T/all" >&2
    fail "not every row is back as it was"
}
waarborg --as-of $as_of retention run
expect_status 0
dump_all | cmp -s - "$T/before" || fail "what was restored went again, although it is held"
waarborg archive verify --key "$T/fg.key"
expect_status 0

echo 'whoever refers to somebody who is not back'
cp "$T/journal.disposed" "$T/journal.jsonl"
new_db_from "$disposed" alone
point_conf_to "$db"
restore '["NL", 3]'
expect_status 0
expect_json 1 '{emptied}'
expect_sql '' 'SELECT referred_by FROM "Kl ant"."Cust""omer" WHERE no = 3'

echo 'the whole segment at once'
cp "$T/journal.disposed" "$T/journal.jsonl"
new_db_from "$disposed" whole
point_conf_to "$db"
waarborg archive restore "$segment" --key "$T/fg.key" --reason whole
expect_status 0
dump_all | cmp -s - "$T/before" || fail "not every row is back as it was"
expect_sql 4 'SELECT count(*) FROM waarborg.hold'

echo 'its text, through psql'
new_db_from "$disposed" text
segment_text "$(segments)" | sql_file - >"$T/psql.out"
dump_all | cmp -s - "$T/before" || fail "psql does not give back every row"

echo 'refused'
cp "$T/journal.disposed" "$T/journal.jsonl"
point_conf_to "$disposed"
dump_all >"$T/disposed"
sha256sum "$T/reference.key" >"$T/sum"
while IFS='~' read -r code sentence subject before; do
    echo "case: $subject $before"
    cp "$T/journal.disposed" "$T/journal.jsonl"
    eval "$before"
    restore "$subject"
    expect_status "$code"
    expect_err "$sentence"
    dump_all | cmp -s - "$T/disposed" || fail "rows were changed"
    expect_sql 0 'SELECT (SELECT count(*) FROM waarborg.hold) + (SELECT count(*) FROM waarborg.restore)'
    cmp -s "$T/journal.jsonl" "$T/journal.disposed" || fail "the journal was changed"
done <<'CASES'
2~key of this subject table has 2 column\(s\); give a JSON array~4711~:
2~key of this subject table has 2 column\(s\)~["NL"]~:
2~key of this subject table has 2 column\(s\)~["NL", 1, 1]~:
2~key of this subject table has 2 column\(s\)~["NL", null]~:
2~key of this subject table has 2 column\(s\)~["NL", 1~:
2~does not have the form of a key~["NL", "one"]~:
2~holds no subject with this key~["NL", 4]~:
2~holds no subject with this key~["nl", 1]~:
2~was restored before~["NL", 1]~sql "UPDATE waarborg.disposal SET restored_at = due_on"
2~evidence.reference_key is not the one that segment .* was written with~["NL", 1]~sql "UPDATE waarborg.disposal SET restored_at = NULL"; sed -i s/^00/01/ "$T/reference.key"
CASES
refute_log 'NL|"one"|shared by|mistake'
