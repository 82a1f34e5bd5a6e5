# Ledger, journal and directory that do not tell one story: a run names the first thing that does not
# hold, with exit code 4 (2 for a wrong clock), and changes nothing.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db books 12
small_conf 'batch = 4;'
sql "UPDATE klant.agreement SET ended_on = NULL WHERE id > 8"
night
expect_status 0
sql "UPDATE klant.agreement SET ended_on = '2015-01-01' WHERE id > 8"
waarborg --as-of $AS_OF retention run # the brake fills the worklist
expect_status 2
good=$db
cp -a "$T/archive" "$T/archive.good"
cp "$T/journal.jsonl" "$T/journal.good"
cp "$T/waarborg.conf" "$T/conf.good"
cp "$T/reference.key" "$T/reference.good"
segment=$(segments | head -n 1)
manifest=${segment%.sql.gz}.manifest.json
id=$(basename "${segment%.sql.gz}" | sed 's/.*-//')
month=$(dirname "$segment")
newest=$(segments | tail -n 1)

# A line that follows the last one, as the program would write it: line EVENT AT [MEMBERS]
line() {
    last=$(tail -n 1 "$T/journal.jsonl")
    prev=$(printf %s "$last" | sha256sum | cut -d' ' -f1)
    seq=$(($(wc -l <"$T/journal.jsonl") + 1))
    printf '{"seq":%s,"at":"%s","event":"%s"%s,"prev":"%s"}\n' "$seq" "$2" "$1" "${3:-}" "$prev" \
        >>"$T/journal.jsonl"
}
# Changes a line and makes the chain fit again: rewrite SED
rewrite() {
    sed "$1" "$T/journal.jsonl" >"$T/changed"
    : >"$T/journal.jsonl"
    prev=0000000000000000000000000000000000000000000000000000000000000000
    while IFS= read -r text; do
        text=$(printf %s "$text" | sed "s/\"prev\":\"[0-9a-f]*\"/\"prev\":\"$prev\"/")
        printf '%s\n' "$text" >>"$T/journal.jsonl"
        prev=$(printf %s "$text" | sha256sum | cut -d' ' -f1)
    done <"$T/changed"
}

cases=0
while IFS='|' read -r code damage sentence; do
    echo "case: $damage"
    cases=$((cases + 1))
    rm -rf "$T/archive"
    cp -a "$T/archive.good" "$T/archive"
    cp "$T/journal.good" "$T/journal.jsonl"
    cp "$T/conf.good" "$T/waarborg.conf"
    cp "$T/reference.good" "$T/reference.key"
    new_db_from "$good" "case$cases"
    sed -i "s/dbname='[^']*'/dbname='$db'/" "$T/waarborg.conf"
    eval "$damage" || fail "the damage cannot be done"
    snapshot before
    cp "$T/journal.jsonl" "$T/journal.before"
    for more in '' --re-erase; do
        # shellcheck disable=SC2086 # perhaps none
        night $more
        expect_status "$code"
        expect_err "event=retention\.run\.failed .*message=\".*$sentence"
        snapshot after
        expect_same_snapshots before after
        cmp "$T/journal.jsonl" "$T/journal.before" || fail "the journal changed"
    done
done <<'CASES'
2|line restore-test 2036-01-01T00:00:00Z|the clock of this machine says [0-9TZ:-]+, but the journal has a line of 2036-01-01T00:00:00Z: set the clock right
4|echo 100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f >"$T/reference.key"|the reference key .* is not the one that the journal began with
4|line reference-key 2026-01-01T00:00:00Z ',"fingerprint":"1111111111111111111111111111111111111111111111111111111111111111"'|line [0-9]+: it names another reference key than the line before it
4|rewrite '2s/"manifest_sha256":"......../"manifest_sha256":"01234567/'|ledger and journal .line 2. give different digests for the manifest of segment [0-9a-f]+
4|sed -i 3d "$T/journal.jsonl"|journal .*, line 3: its seq is another number: lines were removed
4|sed -i '2s/"rows":28/"rows":27/' "$T/journal.jsonl"|journal .*, line 3: it does not follow the line before it
4|line expire 2026-11-20T00:00:00Z ',"segment":"00000000000000aa","policy":"customers","sha256":"00","chain_no":9,"subjects":1'|line [0-9]+: it ends a segment that no line before names
4|line segment 2026-11-20T00:00:00Z ',"segment":5'|line [0-9]+: event segment, .segment. is missing or wrong
4|cp "$segment" "$month/20260101T000000Z-$id.sql.gz"; cp "$manifest" "$month/20260101T000000Z-$id.manifest.json"|two segments with the id [0-9a-f]+, 2[^ ]+ and 2[^ ]+: run waarborg archive verify
4|cp "$newest" "$segment"; echo x >>"$segment"|the file of segment [0-9a-f]+ has [0-9]+ bytes, the ledger says [0-9]+: it was replaced or cut
4|truncate -s 100 "$segment"|the file of segment [0-9a-f]+ has 100 bytes
4|rm "$segment"|segment [0-9a-f]+ is in the ledger, but its file is missing
4|rm "$manifest"|segment [0-9a-f]+ is in the ledger, but its manifest is missing
4|n=$month/20260101T000000Z-00000000000000aa; cp "$segment" $n.sql.gz; sed 's/"name":"wt_[^"]*"/"name":"other"/; s/"segment":"[0-9a-f]*"/"segment":"00000000000000aa"/; s/2[^"]*-[0-9a-f]*.sql.gz/20260101T000000Z-00000000000000aa.sql.gz/' "$manifest" >$n.manifest.json|is of another database \(other\)
4|rm -rf "$T/archive"|the archive directory .* is missing although the ledger has 2 segments
4|rm -rf "$T/archive"; sql "TRUNCATE waarborg.segment, waarborg.segment_table, waarborg.returned, waarborg.restore"|the archive directory .* is missing although the ledger has 0 segments and a journal is there
4|rm -rf "$T/archive"; mkdir -m 700 "$T/archive"|segment [0-9a-f]+ is in the ledger, but its file is missing
CASES
echo "$cases cases"
