# The pages in a browser: nothing is asked of anybody, nothing is said on the console, nothing sticks out on
# a phone, hostile values are text, and what is printed shows the figures of the JSON.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/breach.sh"
. "$ROOT/tests/harness/browser.sh"

command -v pdftotext >/dev/null 2>&1 || skip "pdftotext (poppler-utils) is not installed"

small_db pages 12
small_conf 'max_share = 1.0; batch = 5; chunk = 5;'
night
expect_status 0
new_breach '{"title": "<script>alert(1)</script> \"x\" & <img src=http://203.0.113.1/a.png>"}'

look() { # PAGE: it has no faults
    browse "$1"
    expect_status 0
}

# The summary is for somebody who gets one sheet of paper, also of a whole year.
one_sheet() {
    [ "$(pdfinfo "$T/seen/page.pdf" | sed -n 's/^Pages: *//p')" = 1 ] || fail "the summary takes more than one sheet"
}
waarborg --as-of 2025-12-31 report summary --lang nl --out "$T/year.html"
look "$T/year.html"
one_sheet

for language in en nl; do
    for report in summary breaches; do
        echo "case: $report in $language"
        waarborg report $report --lang $language --out "$T/$report.html"
        look "$T/$report.html"
        [ $report != summary ] || one_sheet
        waarborg report $report --lang $language --json
        pdftotext -layout "$T/seen/page.pdf" "$T/printed"
        # Every figure of every section of figures is on paper, with its thousands marked.
        python3 - "$T/out" "$T/printed" <<'PYTHON' || fail "the printed page lacks a figure"
import json, re, sys
sections = json.load(open(sys.argv[1]))["sections"]
printed = re.sub(r"(?<=\d)[.,](?=\d{3})", "", open(sys.argv[2]).read())
numbers = re.findall(r"(?<![\d:-])\d+(?![\d:])", printed)
missing = [(key, name, value) for key, rows in sections.items() if isinstance(rows, dict)
           for name, value in rows.items()
           if type(value) is int and 0 < value < 1000 and str(value) not in numbers
           and not name.endswith(("_days", "bytes")) and key in ("standing", "breaches", "clocks", "figures")]
sys.exit("missing: %s" % missing if missing else 0)
PYTHON
    done
    grep -qF '<script>alert(1)</script>' "$T/seen/text" || fail "the hostile title is not shown as text"
done
