# What looks at the pages (tests/harness/browser.py) sees what is wrong with one: each fault alone in a page
# that is fine otherwise, so that a clean bill for the reports is worth something.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/browser.sh"

# page HEAD BODY: a page without faults, and these.
page() {
    cat >"$T/page.html" <<HTML
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A page</title><style>body { color: #222; background: #fff; }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #111; } }</style>$1</head>
<body><h1>A page</h1>
<p>Of enough words to be no empty picture: the quick brown fox jumps over the lazy dog, and the dog
sleeps; then the fox goes home, and on the next day everything begins anew, as if nothing had been.</p>
<table><caption>A table</caption><thead><tr><th scope="col">Day</th></tr></thead>
<tbody><tr><td>Monday</td></tr></tbody></table>
$2</body></html>
HTML
}

page '' ''
browse "$T/page.html"
expect_status 0
[ ! -s "$T/out" ] || fail "a page without faults has some"

while IFS='#' read -r name fault head body; do
    echo "case: $name"
    page "$head" "$body"
    browse "$T/page.html"
    expect_status 1
    expect_out "$fault"
done <<'CASES'
a script that fails#^exception: ##<script>nothing_of_that_name();</script>
a script that speaks#^console: ##<script>console.log('here')</script>
a script that is still#^element <script>##<script>var a = 1;</script>
an attribute that runs#^attribute p onclick##<p onclick="alert(1)">x</p>
a picture from elsewhere#^request: http://203\.0\.113\.1/a\.png##<img src="http://203.0.113.1/a.png" alt="x">
a picture by style#^request: http://203\.0\.113\.1/b\.png#<style>p { background: url(http://203.0.113.1/b.png); }</style>#
a style from elsewhere#^request: http://203\.0\.113\.1/c\.css#<style>@import url(http://203.0.113.1/c.css);</style>#
a link to elsewhere#^attribute a href##<p><a href="http://203.0.113.1/">there</a></p>
a file beside it#^request: file:///.*d\.png##<svg width="9" height="9"><image href="d.png" width="9" height="9"></image></svg>
wider than a phone#^phone: scrolls sideways by ##<div style="width: 700px">x</div>
wider than any screen#^desktop-dark: scrolls sideways by ##<div style="width: 2000px">x</div>
pale letters#^desktop: contrast of [0-9.]+ at 'pale'##<p style="color: #999">pale</p>
pale letters in the dark#^phone-dark: contrast of [0-9.]+ at 'dim'##<p style="color: #666">dim</p>
a cell too small for its text#^phone: does not fit: p ##<p style="width: 5em; white-space: nowrap">a line that is longer than its place</p>
letters of a chart upon each other#^desktop: letters collide: one and two##<svg role="img" width="200" height="50"><title>t</title><desc>d</desc><text x="9" y="20">one</text><text x="12" y="20">two</text></svg>
CASES

# The page that cannot be looked at is no page without faults.
rm "$T/page.html"
echo "case: no page at all"
browse "$T/page.html"
[ "$status" -ne 0 ] || fail "a page that is not there has no faults"
