# A configuration need not say which organisation it is of, nor its registration: every report in every
# format says so in words.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db nameless 1
small_conf
sed -i '/^organisation = /d' "$T/waarborg.conf"
for report in summary breaches; do
    while IFS='|' read -r format language pattern; do
        waarborg report $report --format "$format" --lang "$language"
        [ "$status" -le 1 ] || fail "report $report as $format gave exit code $status"
        expect_out "$pattern"
        refute_out '\(null\)'
    done <<'CASES'
text|en|^Organisation +this organisation$
text|nl|^Organisatie +deze organisatie$
html|en|<title>.* this organisation</title>
html|nl|<title>.* deze organisatie</title>
json|en|^  "organisation": "this organisation",$
json|nl|^  "registration": null,$
csv|en|^section,row,column,value
CASES
done
waarborg report pack "$T/pack"
expect_status 0
grep -qF 'this organisation' "$T/pack/README.txt" || fail "the pack does not say whose it is"
