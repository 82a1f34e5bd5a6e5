# archive restore: what is in its way.  Each case gets its sentence and exit code, and changes
# nothing: no row, no hold, no record, no journal line.
. "$(dirname "$0")/../harness/lib.sh"

as_of=2026-11-22
new_demo_db refuse
demo_policy | write_conf sealed 'batch = 500; max_share = 1.0;'
waarborg migrate
waarborg --as-of $as_of retention approve
waarborg --as-of $as_of retention run
expect_sql 1 'SELECT count(*) FROM waarborg.segment'
segment=$(sql 'SELECT id FROM waarborg.segment')
file=$(segments)
customer=$(segment_text "$file" | sed -n '/^COPY "klant"."customer"/{n;s/\t.*//p}')
complaint=$(segment_text "$file" | sed -n '/^COPY "klant"."complaint"/{n;s/\t.*//p}')
disposed=$db
cp "$T/journal.jsonl" "$T/journal.disposed"
cp -a "$T/archive" "$T/archive.disposed"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$T/other.key" 2>/dev/null
full="$segment --key \"$T/fg.key\" --reason x"

counts() {
    sql 'SELECT (SELECT count(*) FROM waarborg.hold), (SELECT count(*) FROM waarborg.restore),
                (SELECT count(*) FROM waarborg.disposal WHERE restored_at IS NOT NULL)'
}

run_is_locked() {
    [ "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")" -gt 0 ]
}

# STATUS ~ REGEX of the message ~ what comes before, in SQL ~ the same in sh ~ arguments; %f is
# what a correct call says, %c and %k ids of an archived customer and complaint.
number=0
while IFS='~' read -r code sentence before command arguments; do
    [ -n "$code" ] || continue
    echo "case: $arguments :: $before $command"
    number=$((number + 1))
    new_db_from "$disposed" "case$number"
    sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
    rm -rf "$T/archive"
    cp -a "$T/archive.disposed" "$T/archive"
    cp "$T/journal.disposed" "$T/journal.jsonl"
    [ -z "$before" ] || sql "$(echo "$before" | sed "s/%c/$customer/g; s/%k/$complaint/g")"
    eval "$command"
    dump_all >"$T/dump.before"
    counts >"$T/counts.before"
    arguments=$(echo "$arguments" | sed "s|%f|$full|; s|%s|$segment|; s/%c/$customer/")
    eval "waarborg --as-of $as_of archive restore $arguments" </dev/null
    expect_status "$code"
    expect_err "event=archive\.restore\.failed .*$sentence"
    [ "$(wc -l <"$T/err")" -eq 1 ] || fail "one line was expected"
    [ ! -s "$T/out" ] || fail "no output was expected"
    dump_all | cmp -s - "$T/dump.before" || fail "rows were changed"
    counts | cmp -s - "$T/counts.before" || fail "a hold or a record was left behind"
    [ ! -e "$T/journal.jsonl" ] || cmp -s "$T/journal.jsonl" "$T/journal.disposed" ||
        fail "the journal was changed"
    sql_in postgres "DROP DATABASE \"$db\" WITH (FORCE)"
done <<'CASES'
2~--reason must say why~~~%s --key "$T/fg.key"
2~--reason must say why~~~%s --key "$T/fg.key" --reason "  "
2~--review: the day of the review lies after today~~~%f --review 2026-11-22
2~--review.*2026-02-30~~~%f --review 2026-02-30
2~give one segment~~~--reason x
2~give one segment~~~%f another
2~holds no segment 'ffff'~~~ffff --reason x
2~is sealed; give the private key of a recipient with --key~~~%s --reason x
2~recipient~~~%s --reason x --key "$T/other.key"
2~nowhere~~~%s --reason x --key "$T/nowhere.key"
3~put rows of klant.customer back: .*23505.* customer_pkey~INSERT INTO klant.customer (id, name, address, postcode, city, language, created_on) OVERRIDING SYSTEM VALUE VALUES (%c, 'Nieuwe Klant', 'x', 'x', 'x', 'nl', '2026-01-01')~~%f
3~put rows of klant.complaint back: .*23505.* complaint_pkey~INSERT INTO klant.complaint (id, customer_id, subject, body, opened_on) OVERRIDING SYSTEM VALUE SELECT %k, min(id), 'x', 'x', '2026-01-01' FROM klant.customer~~%f
3~put rows of klant.customer back: .*23503.* newer_key~CREATE TABLE klant.language (code text PRIMARY KEY); ALTER TABLE klant.customer ADD CONSTRAINT newer_key FOREIGN KEY (language) REFERENCES klant.language NOT VALID~~%f
3~put rows of klant.contact back: .*23502~ALTER TABLE klant.contact ADD COLUMN agent text; UPDATE klant.contact SET agent = ''; ALTER TABLE klant.contact ALTER COLUMN agent SET NOT NULL~~%f
3~put rows of klant.consent back: .*23514.* late_check~ALTER TABLE klant.consent ADD CONSTRAINT late_check CHECK (false) NOT VALID~~%f
3~load the archived rows of klant.customer: .*22001: message withheld~ALTER TABLE klant.customer ALTER COLUMN city TYPE varchar(1) USING 'x'~~%f
2~table klant.disclosure is not in the database any more~DROP TABLE klant.disclosure~~%f
2~table klant.contact has lost a column since: channel, note; load~ALTER TABLE klant.contact DROP COLUMN note; ALTER TABLE klant.contact DROP COLUMN channel~~%f
2~a column of table klant.payment is computed by the server now: amount~ALTER TABLE klant.payment DROP COLUMN amount; ALTER TABLE klant.payment ADD COLUMN amount numeric GENERATED ALWAYS AS (1) STORED~~%f
3~put rows of klant.payment back: a trigger or rule took [0-9]+ of [0-9]+ rows~CREATE FUNCTION klant.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER t BEFORE INSERT ON klant.payment FOR EACH ROW EXECUTE FUNCTION klant.swallow()~~%f
3~put rows of klant.customer back: .*P0001: message withheld~CREATE FUNCTION klant.tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no %'', NEW.name; END'; CREATE TRIGGER t BEFORE INSERT ON klant.customer FOR EACH ROW EXECUTE FUNCTION klant.tell()~~%f
3~42501.*customer~~sql_in postgres "CREATE ROLE wt_reader_$$ LOGIN" ; sql "GRANT USAGE ON SCHEMA klant, waarborg TO wt_reader_$$; GRANT SELECT ON ALL TABLES IN SCHEMA klant, waarborg TO wt_reader_$$; GRANT UPDATE ON waarborg.disposal TO wt_reader_$$; GRANT INSERT ON klant.web_visit, klant.disclosure, klant.contact, klant.consent, klant.complaint, klant.agreement, klant.payment TO wt_reader_$$"; sed -i "s/user='postgres'/user='wt_reader_$$'/" "$T/waarborg.conf"~%f
2~the ledger of this database does not know segment~DELETE FROM waarborg.disposal; DELETE FROM waarborg.segment_table; DELETE FROM waarborg.segment~sed -i "s/user='wt_reader_$$'/user='postgres'/" "$T/waarborg.conf"~%f
2~was destroyed~UPDATE waarborg.segment SET destroyed_at = created_at~~%f
2~1 of [0-9]+ subjects of segment .* were restored before; restore the others one by one with --subject~UPDATE waarborg.disposal SET restored_at = due_on WHERE ctid = (SELECT min(ctid) FROM waarborg.disposal)~~%f
4~does not have the SHA-256 that stands in the ledger~UPDATE waarborg.segment SET manifest_sha256 = repeat('a', 64)~~%f
4~does not have the SHA-256 that stands in its manifest~~printf x | dd of="$file" bs=1 seek=700 conv=notrunc status=none~%f
4~manifest\.json is not there~~rm "$T"/archive/*/*.manifest.json~%f
4~sql\.gz\.cms is not there~~rm "$file"~%f
4~journal .* is not there~~rm "$T/journal.jsonl"~%f
75~another run holds the lock~~psql -XAtq -d "$db" -c 'SELECT pg_advisory_lock(8602263907159441408)' -c 'SELECT pg_sleep(60)' >/dev/null 2>&1 & harness_children="$harness_children $!"; wait_for 10 run_is_locked~%f
2~migrate~SET client_min_messages = warning; DROP SCHEMA waarborg CASCADE; CREATE SCHEMA waarborg; CREATE TABLE waarborg.hold (); CREATE TABLE waarborg.restore (); CREATE TABLE waarborg.disposal (restored_at int)~~%f
CASES
refute_log 'Nieuwe Klant|amsterdam'
sql_in postgres "DROP ROLE wt_reader_$$"
