# What goes wrong with files: the archive directory, the journal, certificates and keys.  Each gets a
# sentence and its exit code, and nothing changes in tables or archive.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

# Two nights have been, and 25 customers are due.
small_db files 40
small_policy | write_conf sealed 'batch = 10;'
start_policy
sql "UPDATE klant.agreement SET ended_on = NULL WHERE id > 10"
night
expect_status 0
sql "UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id <= 15"
night
expect_status 0
sql "UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id > 15"
waarborg --as-of $AS_OF retention run # the brake fills the worklist
expect_status 2
cp -a "$T/archive" "$T/archive.good"
for file in journal.jsonl waarborg.conf reference.key fg.crt; do
    cp -p "$T/$file" "$T/$file.good"
done
segment=$(segments | head -n 1)
manifest=${segment%.sql.gz.cms}.manifest.json
month=$(dirname "$segment")
openssl req -x509 -newkey rsa:2048 -nodes -subj '/CN=oud' -keyout "$T/old.key" -out "$T/old.crt" \
    -days 1 2>/dev/null
openssl x509 -in "$T/old.crt" -signkey "$T/old.key" -days -1 -out "$T/expired.crt" 2>/dev/null ||
    fail "openssl cannot make an expired certificate"

put_back() {
    rm -rf "$T/archive" "$T/elsewhere"
    cp -a "$T/archive.good" "$T/archive"
    for good in "$T"/*.good; do
        [ -d "$good" ] || { rm -rf "${good%.good}" && cp -p "$good" "${good%.good}"; }
    done
}
files_now() {
    find "$T/archive/" -type f ! -name '.*' 2>/dev/null | sort
}
tables_now() {
    dump_all
    sql "SELECT policy, subject_key, state, reason FROM waarborg.worklist ORDER BY policy, subject_key;
         SELECT * FROM waarborg.segment ORDER BY id; SELECT * FROM waarborg.disposal ORDER BY reference"
}
tables_now >"$T/tables.before"
refused() { # EXIT CODE, REGEX OF THE SENTENCE
    files_now >"$T/files.before"
    night
    expect_status "$1"
    expect_err "event=retention\.run\.failed .*message=\".*$2"
    files_now >"$T/files.after"
    tables_now >"$T/tables.after"
    cmp "$T/tables.before" "$T/tables.after" >&2 || fail "the tables changed"
    cmp "$T/files.before" "$T/files.after" >&2 || fail "the archive changed"
}
# A name as segments have them: fake NUMBER
fake() {
    printf '%s/20260101T000000Z-%016x.sql.gz.cms' "$month" "$1"
}

# DAMAGE | EXIT CODE | SENTENCE
while IFS='|' read -r damage code sentence; do
    echo "case: $damage"
    eval "$damage" || fail "the damage cannot be done"
    refused "$code" "$sentence"
    put_back
done <<'CASES'
rm -rf "$T/archive"|4|the archive directory .* is missing although the ledger has 2 segments: mount it
chmod 755 "$T/archive"|2|has mode 0755, others may reach it: run .chmod 0700
mv "$T/archive" "$T/elsewhere"; ln -s "$T/elsewhere" "$T/archive"|2|not a directory, or is a symbolic link
rm -rf "$T/archive"; mkdir -m 700 "$T/archive"|4|segment [0-9a-f]+ is in the ledger, but its file is missing
rm "$segment"|4|segment [0-9a-f]+ is in the ledger, but its file is missing .*archive verify
rm "$manifest"|4|segment [0-9a-f]+ is in the ledger, but its manifest is missing
for n in 1 2; do : >"$(fake "$n")"; done|4|2 segments of the archive directory are in neither ledger nor journal
rm "$T/journal.jsonl"|4|the journal .* is missing although the ledger has 2 segments
: >"$T/journal.jsonl"|4|the journal .* lacks the lines of 1 segment that the ledger has
sed -i 1,2d "$T/journal.jsonl"|4|journal .*, line 1: its seq is another number
sed -i '2s/"rows":70/"rows":69/' "$T/journal.jsonl"|4|journal .*, line 3: it does not follow the line before it
rm "$T/journal.jsonl"; mkdir "$T/journal.jsonl"|3|journal
rm "$T/reference.key"|2|reference
echo 0011 >"$T/reference.key"|2|64 hexadecimal
chmod 644 "$T/reference.key"|2|others
rm "$T/fg.crt"|2|fg\.crt
echo nonsense >"$T/fg.crt"|2|fg\.crt
cp "$T/expired.crt" "$T/fg.crt"|2|expired
CASES

# The one file that a cut-off run can leave is removed, whatever is in it; and temporary ones.
: >"$(fake 1)"
: >"$month/.20260101T000000Z-00000000000000aa.sql.gz.cms.tmp"
waarborg --as-of 2019-01-01 retention run
expect_status 0
[ "$(grep -c 'event=retention.mended .*did not commit removed' "$T/err")" = 1 ] || fail "one line was expected"
find "$T/archive/" -type f | sort >"$T/files.after"
find "$T/archive.good/" -type f | sort | sed 's/archive.good/archive/' | cmp - "$T/files.after" ||
    fail "the directory is not as it was"
put_back

# Another database must not take this archive for what a cut-off run left.
here=$db
small_db other 4
sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
rm "$T/journal.jsonl"
start_policy
tables_now >"$T/tables.before"
refused 4 'the journal .* is missing although the ledger has 0 segments and the archive directory 2'
: >"$T/journal.jsonl"
refused 4 "segment .* is of another database .$here.: give each database"
db=$here
put_back
waarborg --as-of $AS_OF retention run
expect_status 2
tables_now >"$T/tables.before"

# Other disks: a small one, one that only reads, one whose files may not grow.
other_disk() { # COMMAND that makes $T/archive another disk, then runs the program
    printf '#!/bin/sh\nset -eu\n%s\nexec %s "$@"\n' "$1" "$WAARBORG_REAL" >"$T/on_disk"
}
chmod 700 "$(: >"$T/on_disk" && echo "$T/on_disk")"
WAARBORG_REAL=$WAARBORG
if unshare -m true 2>/dev/null; then
    WAARBORG=$T/in_namespace
    printf '#!/bin/sh\nexec unshare -m "%s" "$@"\n' "$T/on_disk" >"$WAARBORG"
    chmod 700 "$WAARBORG"
    echo "case: a full disk"
    other_disk "mount -t tmpfs -o size=32k,mode=700 none '$T/archive' &&
                cp -a '$T'/archive.good/. '$T/archive/' && chmod 700 '$T/archive' &&
                { dd if=/dev/zero of='$T/archive/filler' bs=1k status=none 2>/dev/null || :; }"
    refused 3 'No space left on device'
    echo "case: a read-only disk"
    other_disk "mount --bind '$T/archive' '$T/archive' && mount -o remount,ro,bind '$T/archive'"
    refused 3 'Read-only file system'
else
    echo "no test of full and read-only disks: mounts are not allowed here"
fi
echo "case: files may not grow"
WAARBORG=$T/on_disk
other_disk "trap '' XFSZ; ulimit -f 4"
refused 3 'File too large'
WAARBORG=$WAARBORG_REAL
[ -z "$(find "$T/archive" -name '.*.tmp')" ] || fail "a temporary file was left"

# The journal cannot grow when its line is due: the segment is committed, the run says so, and the next
# one writes the line.
put_back
sed -i 's/batch = 10/batch = 3/' "$T/waarborg.conf"
echo "case: no room for the journal"
other_disk "trap '' XFSZ; ulimit -f 9"
WAARBORG=$T/on_disk
night
WAARBORG=$WAARBORG_REAL
expect_status 3
expect_err 'journal line of segment [0-9a-f]+; the next run writes it: .*File too large'
lines=$(journal_segments | wc -l)
expect_sql "$((lines + 1))" "SELECT count(*) FROM waarborg.segment"
night
expect_status 0
expect_err 'event=retention\.mended segment=[0-9a-f]+ what="journal line written"'
[ "$(left)" = '' ] || fail "customers $(left) are left"
expect_whole 280
waarborg archive verify --key "$T/fg.key"
expect_status 0
refute_log 'Jansen|NL00PROEF'
