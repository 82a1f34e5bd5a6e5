# A night on the demo administration: sealed for two officers, at the ends of the compression scale, in
# little memory, and with nothing personal anywhere but in the archive.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

# Every name, address, number and key of the customers that are there now, one a line.
personal() {
    sql "SELECT name FROM klant.customer UNION SELECT email FROM klant.customer
         UNION SELECT phone FROM klant.customer UNION SELECT iban FROM klant.customer
         UNION SELECT address FROM klant.customer UNION SELECT host(ip) FROM klant.web_visit" |
        grep . >"$T/personal"
}
nothing_personal() {
    find "$T" -maxdepth 1 \( -name out -o -name err -o -name log -o -name '*.out' \) >"$T/messages"
    {
        cat "$T/journal.jsonl" "$T/log"
        find "$T/archive" -name '*.manifest.json' -exec cat {} +
        find "$T/archive"
    } >"$T/evidence"
    ! grep -F -m 3 -f "$T/personal" "$T/evidence" >&2 || fail "the evidence or a message is personal"
    # The program itself holds them: otherwise the search above finds nothing for another reason.
    sql "SELECT subject_key[1] FROM waarborg.worklist LIMIT 1" >"$T/key"
}

openssl req -x509 -newkey rsa:2048 -nodes -subj '/CN=Tweede' -days 30 -keyout "$T/second.key" \
    -out "$T/second.crt" 2>/dev/null || fail "openssl cannot make a key pair"

demo_night() { # COMPRESSION SEALING
    new_demo_db "night$1"
    rows=$(row_count)
    personal
    rm -rf "$T/archive" "$T/journal.jsonl"
    demo_policy | write_conf "$2" 'batch = 8; chunk = 3; workers = 2;'
    sed -i "s/compression = 3/compression = $1/; s|\\[ \"\\($T/fg.crt\\)\" \\]|[ \"\\1\", \"$T/second.crt\" ]|" \
        "$T/waarborg.conf"
    due=$(sql "SELECT count(*) FROM klant.customer AS c
                WHERE EXISTS (SELECT 1 FROM klant.agreement AS a WHERE a.customer_id = c.id)
                  AND NOT EXISTS (SELECT 1 FROM (SELECT customer_id, ended_on FROM klant.agreement
                                   UNION ALL SELECT customer_id, closed_on FROM klant.complaint) AS e
                                   WHERE e.customer_id = c.id
                                     AND (e.ended_on + interval '7 years' < date '$AS_OF') IS NOT TRUE)")
    waarborg migrate
    approve
    waarborg --as-of $AS_OF retention plan
    cp "$T/out" "$T/plan.out"
    night -v --json
    expect_status 0
    expect_figures due="$due" disposed="$due" blocked=0 busy=0 uncovered="$(sql "SELECT count(*)
        FROM waarborg.worklist WHERE state = 'uncovered'")"
    [ "$due" -gt 20 ] || fail "only $due customers were due"
    expect_sql '' "SELECT referred_by FROM klant.customer WHERE id = 9"
    waarborg --as-of $AS_OF retention status
    grep -vE '^ *"?(due|oldest)' "$T/plan.out" | grep -F -f "$T/personal" >&2 && fail "the plan is personal"
    nothing_personal
}

demo_rows_archived() { # KEY: rows of segments opened with it
    for file in $(segments); do
        case $file in
        *.cms) openssl cms -decrypt -binary -inform DER -in "$file" -inkey "$1" ;;
        *) cat "$file" ;;
        esac | zcat
    done | awk '/^COPY "klant"/ { inside = 1; next } $0 == "\\." { inside = 0 } inside { n++ } END { print n + 0 }'
}

echo "case: compression 1, sealed for an EC and an RSA key"
demo_night 1 sealed
for key in "$T/fg.key" "$T/second.key"; do
    [ "$(demo_rows_archived "$key")" = $((rows - $(row_count))) ] || fail "rows are missing for $key"
    waarborg archive verify --key "$key"
    expect_status 0
done
small=$(segments | xargs cat | wc -c)

echo "case: compression 9"
demo_night 9 sealed
[ "$(segments | xargs cat | wc -c)" -lt "$small" ] || fail "9 is not smaller than 1"
waarborg archive verify --key "$T/second.key"
expect_status 0

echo "case: unsealed"
demo_night 3 unsealed
[ "$(demo_rows_archived none)" = $((rows - $(row_count))) ] || fail "rows are missing"
waarborg archive verify
expect_status 0
# The search for personal data can find something: in the archive it does.
segments | head -n 3 | while read -r file; do segment_text "$file"; done >"$T/opened"
grep -qF -f "$T/personal" "$T/opened" || fail "the search for personal data finds nothing at all"
