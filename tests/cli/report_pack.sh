# The pack for an auditor: complete, the same bytes each time, and checked by its own README alone, in a
# shell that has neither the program nor the database; what is damaged afterwards shows there.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/breach.sh"

small_db pack 12
small_conf 'max_share = 1.0; batch = 5; chunk = 5;'
night
expect_status 0
new_breach
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=auditor <test> "x"' -keyout "$T/only.key" \
    -out "$T/only.crt" 2>/dev/null
cat "$T/only.key" "$T/only.crt" >"$T/sign.pem"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout "$T/other.key" \
    -out "$T/other.crt" 2>/dev/null

# The commands of a README, run in that directory: what they say in $T/said.
follow() { # DIRECTORY
    (cd "$1" && sed -n '/^Ho[ew] /,$s/^    //p' README.txt |
        env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 sh) >"$T/said" 2>&1
    [ -s "$T/said" ] || fail "README.txt of $1 has no commands"
}
says() {
    grep -qE -e "$1" "$T/said" || {
        cat "$T/said" >&2
        fail "following README.txt says nothing that matches: $1"
    }
}
hides() {
    ! grep -E -e "$1" "$T/said" >&2 || fail "following README.txt should not say: $1"
}
holds() { # DIRECTORY: every step says what README promises
    follow "$1"
    says '^every file is as it was$'
    says '^no file was added$'
    says '^[0-9]+ lines, the last is [0-9a-f]{64}$'
    grep -qF -e "   -> $(grep 'lines, the last is' "$T/said")" "$1/README.txt" || fail 'README names another last line'
    says '^3 manifests, as the journal says$'
    says '^the chain ends with number 3$'
    says '^12 disposals of 12 people$'
    hides 'DOES NOT FOLLOW|DIFFER|FAILED|MISSING|WRONG|CHANGED|ADDED OR|rror'
}

echo "case: twice the same bytes, in both languages, signed or not"
for language in en nl; do
    waarborg report pack "$T/$language" --lang $language
    expect_status 0
    waarborg report pack "$T/$language.again" --lang $language
    expect_status 0
    diff -r "$T/$language" "$T/$language.again" || fail "two packs of the same input differ"
    holds "$T/$language"
done
waarborg report pack "$T/signed/" --sign "$T/sign.pem"
expect_status 0
holds "$T/signed"
says '^CMS Verification successful$'
says 'CN = .auditor <test>'

echo "case: it is complete"
for name in summary retention forecast schedule breaches holds runs/run-000001 "breaches/$ref"; do
    for ending in html json csv; do
        [ -s "$T/en/reports/$name.$ending" ] || fail "the pack has no reports/$name.$ending"
    done
done
[ -s "$T/en/tables/retention-disposed.csv" ] || fail "no table of its own"
[ "$(find "$T/en" ! -perm 600 -type f -o ! -perm 700 -type d | wc -l)" = 0 ] || fail "others may read it"
cmp "$T/journal.jsonl" "$T/en/evidence/journal.jsonl" || fail "the journal of the period is not all of it"
(cd "$T/archive" && find . -name '*.manifest.json' | sort | xargs sha256sum) >"$T/expected"
(cd "$T/en/evidence/manifests" && find . -name '*.manifest.json' | sort | xargs sha256sum) >"$T/found"
cmp "$T/expected" "$T/found" || fail "the manifests are not those of the archive"
! grep -rE 'Jansen nummer|NL00PROEF' "$T/en" || fail "a customer's data is in the pack"

echo "case: what is damaged afterwards shows"
damage() { # WHAT IT SAYS, COMMAND in the copy
    rm -rf "$T/damaged"
    cp -r "$T/signed" "$T/damaged"
    (cd "$T/damaged" && sh -c "$2") || fail "cannot damage: $2"
    follow "$T/damaged"
    says "$1"
}
resum='find . -type f ! -path "./SHA256SUMS*" -printf "%P\\n" | sort | xargs sha256sum >SHA256SUMS'
damage 'reports/summary.json: FAILED' 'echo >>reports/summary.json'
damage 'No such file' 'rm reports/holds.csv'
damage 'erification fail' "echo >>reports/summary.json; $resum"
damage 'DOES NOT FOLLOW: ' "sed -i '3s/\"rows\":[0-9]*/\"rows\":1/' evidence/journal.jsonl; $resum"
damage 'DOES NOT FOLLOW: ' "sed -i 2d evidence/journal.jsonl; $resum"
damage 'THEY DIFFER' "rm \"\$(find evidence/manifests -type f | sort | tail -n 1)\"; $resum"
damage 'A FILE WAS CHANGED' 'echo >>reports/summary.json'
damage 'FILES WERE ADDED' 'ln -s reports/summary.json SHA256SUMS.link'
damage 'FILES WERE ADDED' 'echo >SHA256SUMS.extra.html'
damage 'FILES WERE ADDED' 'rm reports/holds.csv; echo >reports/more.csv'
damage 'THEY DIFFER' "rm -r evidence/manifests; sed -i '/\"segment\"/d' evidence/journal.jsonl; $resum"
damage 'WRONG NAME: ' "cd \"\$(find evidence/manifests -type d | tail -n 1)\" && set -- *.json && mv \$1 x &&
    mv \$2 \$1 && mv x \$2"
damage 'DOES NOT FOLLOW: evidence' \
    "sed -i 's/\"due_on\":\"20/\"due_on\":\"19/' \$(find evidence/manifests -type f); $resum"
touch "$T/damaged/added"
follow "$T/damaged"
hides '^no file was added$'

echo "case: a period without anything"
waarborg report pack "$T/empty" --from 2020-01-01 --to 2020-12-31
expect_status 0
[ ! -e "$T/empty/evidence" ] || fail "there is evidence of a period in which nothing happened"
follow "$T/empty"
says '^every file is as it was$'

echo "case: refused, and nothing is left"
refused() { # EXIT CODE, MESSAGE, ARGUMENTS
    code=$1 message=$2
    shift 2
    waarborg report pack "$@"
    expect_status "$code"
    expect_err "$message"
    [ -z "$(find "$T" -maxdepth 1 -name '*.partial')" ] || fail "a half-made pack is left"
}
refused 2 'is there already: name a directory that is not' "$T/en"
refused 2 'is there already' "$T/sign.pem"
refused 2 'cannot be made: No such file' "$T/no/such/place"
refused 2 'names no directory of its own' ..
refused 2 'name one directory'
refused 2 'before it begins' "$T/new" --from 2026-02-01 --to 2026-01-01
refused 2 'holds a private key and no certificate' "$T/new" --sign "$T/only.key"
refused 2 'cannot be read as a private key' "$T/new" --sign "$T/only.crt"
refused 2 'cannot be read: No such file' "$T/new" --sign "$T/none.pem"
cat "$T/only.key" "$T/other.crt" >"$T/mixed.pem"
refused 2 'belongs to another private key' "$T/new" --sign "$T/mixed.pem"
[ ! -e "$T/new" ] || fail "a refused pack is there"

echo "case: evidence that does not hold makes no pack"
manifest=$(find "$T/archive" -name '*.manifest.json' | sort | head -n 1)
mv "$manifest" "$T/kept"
refused 4 'which is not in the archive directory' "$T/new"
sed 's/"due_on":"20/"due_on":"19/' "$T/kept" >"$manifest"
chmod 600 "$manifest"
refused 4 'is not what line [0-9]+ of the journal says' "$T/new"
mv "$T/kept" "$manifest"
cp -p "$T/journal.jsonl" "$T/kept"
sed -i 3d "$T/journal.jsonl"
refused 4 'journal' "$T/new"
cp -p "$T/kept" "$T/journal.jsonl"
mkdir "$T/new"
waarborg report pack "$T/new"
expect_status 0
