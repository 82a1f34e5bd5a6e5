# Hostile values of every kind, in every kind of section and in both languages, are text in a browser: nothing
# runs, nothing is asked of anybody, nothing is said on the console, nothing sticks out on a phone.  And a
# table of 10,000 rows is on paper to the last one.
#   WAARBORG_PROBE=FILE sh tests/cli/report_hostile.sh     another document_probe than the one of this build
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/browser.sh"

probe=${WAARBORG_PROBE:-$(dirname "$WAARBORG")/tests/document_probe}
[ -x "$probe" ] || skip "$probe was not built"
command -v pdftotext >/dev/null 2>&1 || skip "pdftotext (poppler-utils) is not installed"

look() { # FORMAT LANGUAGE ROWS
    last_command="document_probe $1 $2 0 $3"
    status=0
    "$probe" "$1" "$2" 0 "$3" >"$T/page.html" 2>"$T/err" || status=$?
    : >"$T/out"
    expect_status 0
    ! grep -qE 'AddressSanitizer|LeakSanitizer|runtime error:' "$T/err" || fail "a sanitizer found a fault"
    browse "$T/page.html"
    expect_status 0
}

# Every value of a section as text, and nothing of it as anything else: what a person reads is what the JSON
# holds, with control characters, and marks that turn the direction, made visible.
as_text() { # LANGUAGE
    "$probe" json "$1" >"$T/json"
    python3 - "$T/json" "$T/seen" <<'PYTHON' || fail "a hostile value is not shown as text"
import json, os, sys
document = json.load(open(sys.argv[1]))
seen = open(os.path.join(sys.argv[2], "text"), encoding="utf-8").read()
page = json.load(open(os.path.join(sys.argv[2], "page.json"), encoding="utf-8"))
HIDDEN = [*range(32), *range(0x7f, 0xa0), 0x200e, 0x200f, *range(0x202a, 0x202f), *range(0x2066, 0x206a)]
hidden = {c: "\\x%02x" % c if c < 0x100 else "\\u%04x" % c for c in HIDDEN}
def pieces(value):
    return [" ".join(line.translate(hidden).split()) for line in value.replace("\r\n", "\n").split("\n")]
values = [document["organisation"]]
for key in ("hostile", "kinds", "kind_table", "rules"):
    values += [v for row in document["sections"][key] for v in row.values() if isinstance(v, str)]
values += document["sections"]["kind_figures"].values()
read = " ".join(seen.split())
codes = {"in_time", "soon", "late"}
missing = [p for v in values if v not in codes and not v.startswith("2026-")
           for p in pieces(v) if p not in read]
for c in HIDDEN:
    if chr(c) in seen and chr(c) not in "\n\t":
        missing.append("U+%04X as it is" % c)
for name in ("script", "img", "b", "svg[onload]", "meta[http-equiv]"):
    if name in page["elements"]:
        missing.append("<%s>" % name)
if page["elements"]["html"] != 1 or page["elements"]["style"] != 1 or "broken" in page["title"]:
    missing.append("another page: %s" % page["title"])
sys.exit("\n".join(missing) or 0)
PYTHON
}

for language in en nl; do
    echo "case: hostile values in $language"
    look html $language 8
    as_text $language
    pdftotext -layout "$T/seen/page.pdf" "$T/printed"
    for words in '<script>document.title' 'onerror=alert(1)' 'invoice *\\u202e *gnp' 'escape *\\x1b *\[31m' ']]>' '&amp;'; do
        grep -qe "$words" "$T/printed" || fail "not on paper: $words"
    done
done

echo "case: 10,000 rows"
look html:list en 10000
pdftotext -layout "$T/seen/page.pdf" - | grep -oE 'LIST-[0-9]{5}' | sort -u >"$T/printed"
[ "$(wc -l <"$T/printed")" -eq 10000 ] || fail "$(wc -l <"$T/printed") of 10,000 rows are on paper"
grep -c 'LIST-' "$T/seen/text" | grep -qx 10000 || fail "not all rows are on the page"
