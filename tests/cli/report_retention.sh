# What retention, run, holds and schedule report is what the tables hold: each figure once more by another
# statement, in all four formats, in periods that begin or end where the clock is changed, in one without
# a run, and as of days that are over.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db report 30
# Not due before 2027: stays, and one whom no rule speaks of.
sql "UPDATE klant.agreement SET ended_on = '2024-05-05' WHERE id = 30;
     DELETE FROM klant.payment WHERE agreement_id = 29; DELETE FROM klant.agreement WHERE id = 29;
     COMMENT ON TABLE klant.payment IS 'what was paid';
     CREATE TABLE klant.mailing_2014 (id int PRIMARY KEY)"
small_policy | sed 's/legal_basis = "test";/& purpose = "serving customers"; outside = [ "klant.mailing_2014" ]; categories = ( { table = "klant.complaint"; name = "Complaints"; purpose = "answering them"; }, { table = "klant.gone"; name = "Gone"; } );/' |
    write_conf unsealed 'max_share = 1.0; batch = 5; chunk = 5;'
start_policy

# report ARGUMENTS: a report as JSON, for value.
report() {
    waarborg --as-of "$AS_OF" --json report "$@"
    expect_status 0
    cp "$T/out" "$T/json"
}
value() { # EXPRESSION over d, the sections
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))["sections"]
print(eval(sys.argv[2]))' "$T/json" "$1"
}
expect_value() { # VALUE EXPRESSION
    actual=$(value "$2") || fail "no such value: $2"
    [ "$actual" = "$1" ] || fail "expected '$1', got '$actual' from: $2"
}
# same SQL EXPRESSION: the report says what this statement says.
same() {
    expect_value "$(sql "SET timezone = 'Europe/Amsterdam'; $1" | tail -n 1)" "$2"
}

# What is done today is no part of a report as of yesterday.
today=$(sql "SELECT to_char(now() AT TIME ZONE 'Europe/Amsterdam', 'YYYY-MM-DD')")
AS_OF=$today

# ---- Before the first run ------------------------------------------------------------------------

report retention
expect_value 0 'd["disposed_totals"]["subjects"] + d["disposed_totals"]["runs"] + d["archives"]["present"]'
expect_value '[]' 'd["runs"] + d["restores"] + d["left"] + d["worklist"] + d["verifications"]'
expect_value approved 'd["policies"][0]["state"]'
expect_value 0 'sum(m["subjects"] for m in d["disposed"])'
waarborg report run last
expect_status 2
expect_err 'there was no run yet'

# ---- Three nights, holds, somebody blocked, put back, an archive destroyed ------------------------

waarborg --as-of "$AS_OF" hold add 1 --kind claim --reason brief
expect_status 0
sql "UPDATE waarborg.hold SET review_on = '2026-11-20'"
waarborg --as-of "$AS_OF" hold add 2 --kind complaint --reason belde
night
waarborg --as-of "$AS_OF" hold release 2 --reason opgelost
waarborg --as-of "$AS_OF" retention run --accept-volume 100
waarborg --as-of "$AS_OF" retention run --accept-volume 100
expect_sql '26 2' "SELECT disposed || ' ' || held FROM waarborg.run WHERE id = 1"
first=$(sql "SELECT id FROM waarborg.segment ORDER BY chain_no LIMIT 1")
waarborg --as-of "$AS_OF" archive restore "$first" --reason vergissing
waarborg --as-of "$AS_OF" hold add 10 --kind request --reason 'vraagt inzage'
waarborg --as-of "$AS_OF" archive verify
expect_status 0

# From here on the past is made: run 1 and its segments to both sides of local midnight of the days on
# which the clock is changed, 23 and 25 hours long.
sql "SET timezone = 'Europe/Amsterdam';
     ALTER TABLE waarborg.segment DISABLE TRIGGER USER; ALTER TABLE waarborg.run DISABLE TRIGGER USER;
     CREATE TABLE test.at (place bigint PRIMARY KEY, at timestamptz);
     INSERT INTO test.at VALUES (1, '2026-03-28 23:59:59'), (2, '2026-03-29 00:00:00'),
         (3, '2026-03-29 23:59:59'), (4, '2026-10-25 00:00:00'), (5, '2026-10-25 23:59:59'),
         (6, '2026-10-26 00:00:00');
     UPDATE waarborg.segment AS s SET created_at = t.at FROM test.at AS t WHERE t.place = s.chain_no;
     UPDATE waarborg.segment SET destroyed_at = '2026-10-26 00:00:00' WHERE chain_no = 2;
     UPDATE waarborg.segment SET destroyed_at = '2026-10-25 23:59:59' WHERE chain_no = 3;
     UPDATE waarborg.run SET started_at = '2026-03-29 00:00:00', finished_at = '2026-03-29 00:00:01' WHERE id = 1;
     UPDATE waarborg.run SET started_at = '2026-10-25 23:59:59', finished_at = '2026-10-26 00:00:01' WHERE id = 2"

# period FROM TO AS-OF: every figure of the period a second way: local days as text, no instants.
period() {
    AS_OF=$3
    report retention --from "$1" --to "$2"
    in="BETWEEN '$1' AND '$2'"
    day() { echo "to_char($1, 'YYYY-MM-DD')"; }
    gone="FROM waarborg.segment AS s WHERE $(day s.created_at) $in"
    for figure in subjects rows bytes; do
        same "SELECT coalesce(sum($figure), 0) $gone" "d['disposed_totals']['$figure']"
        same "SELECT coalesce(sum($figure), 0) $gone" "sum(m['$figure'] for m in d['disposed'])"
    done
    same "SELECT count(*) $gone" 'd["disposed_totals"]["segments"]'
    same "SELECT count(*) FROM waarborg.run WHERE $(day started_at) $in" 'd["disposed_totals"]["runs"]'
    same "SELECT count(*) FROM waarborg.run WHERE $(day started_at) $in" 'len(d["runs"])'
    same "SELECT count(*) FROM waarborg.run WHERE $(day started_at) $in" 'sum(m["runs"] for m in d["disposed"])'
    same "SELECT coalesce(string_agg(id || ':' || CASE WHEN $(day finished_at) <= '$3' THEN outcome
                 ELSE 'unfinished' END, ' ' ORDER BY id), '')
          FROM waarborg.run WHERE $(day started_at) $in" '" ".join(f"""{r["run"]}:{r["outcome"]}""" for r in d["runs"])'
    same "SELECT count(*) FROM waarborg.disposal WHERE segment_id IN (SELECT s.id $gone)" \
        'sum(m["subjects"] for m in d["disposed_rules"])'
    same "SELECT count(*) FROM waarborg.disposal WHERE $(day restored_at) <= '$3'
          AND segment_id IN (SELECT s.id $gone)" 'd["disposed_totals"]["restored"]'
    same "SELECT count(*) FROM waarborg.segment WHERE $(day destroyed_at) $in" 'd["archives"]["destroyed"]'
    here="FROM waarborg.segment WHERE $(day created_at) <= '$3' AND coalesce($(day destroyed_at) > '$3', true)"
    same "SELECT count(*) $here" 'd["archives"]["present"]'
    same "SELECT coalesce(sum(bytes), 0) $here" 'd["archives"]["bytes"]'
    kept="id IN (SELECT segment_id FROM waarborg.disposal JOIN waarborg.hold AS h USING (reference)
          WHERE $(day h.placed_at) <= '$3' AND coalesce($(day h.released_at) > '$3', true))"
    same "SELECT count(*) $here AND $kept" 'd["archives"]["held"]'
    same "SELECT count(*) $here AND NOT $kept AND date '$3' - created_at::date > 90" 'd["archives"]["past_term"]'
    same "SELECT count(*) $here AND $kept AND date '$3' - created_at::date > 90" 'd["archives"]["held_past_term"]'
    same "SELECT 1 + 12 * (extract(year FROM date '$2') - extract(year FROM date '$1'))
          + extract(month FROM date '$2') - extract(month FROM date '$1')" 'len(d["disposed"])'
    same "SELECT count(*) FROM waarborg.restore WHERE $(day restored_at) $in" 'len(d["restores"])'
    same "SELECT count(*) FROM waarborg.verification WHERE $(day verified_at) $in" 'len(d["verifications"])'
}
while read -r from to as_of; do
    period "$from" "$to" "$as_of"
done <<PERIODS
2018-01-01 2026-11-22 2026-11-22
2025-01-01 2025-12-31 2026-11-22
2026-03-29 2026-03-29 2026-11-22
2026-03-28 2026-03-28 2026-03-28
2026-03-01 2026-03-29 2026-03-29
2026-03-30 2026-10-24 2026-10-24
2026-03-29 2026-10-25 2026-10-25
2026-10-25 2026-10-25 2026-11-22
2026-10-26 2026-10-26 2026-10-26
2026-04-01 2026-04-30 2026-11-22
2026-01-01 $today $today
PERIODS
AS_OF=2026-03-29
report retention --from 2026-03-29
expect_value 2 'd["disposed_totals"]["segments"]'
AS_OF=$today
report retention
expect_value '1 1' 'f"""{len(d["restores"])} {len(d["verifications"])}"""'

# The worklist, and what the last run left.
same "SELECT count(*) FROM waarborg.worklist" 'sum(w["subjects"] for w in d["worklist"])'
same "SELECT count(*) FROM waarborg.worklist WHERE state IN ('due', 'blocked')" 'd["standing"]["due"]'
same "SELECT count(*) FROM waarborg.worklist WHERE state = 'held'" 'd["standing"]["held"]'
same "SELECT count(*) FROM waarborg.worklist WHERE state = 'uncovered'" 'd["standing"]["uncovered"]'
same "SELECT count(*) FROM waarborg.worklist WHERE state IN ('due', 'blocked') AND due_on < '$today'" \
    'd["standing"]["overdue"]'
same "SELECT sum(subjects) FROM waarborg.run_left WHERE run_id = 3" 'sum(w["subjects"] for w in d["left"])'
expect_value 3 'd["left"][0]["run"]'
# Somebody whom the scan found and no run could take.
sql "UPDATE waarborg.worklist SET state = 'blocked', reason = 'remains klant.x' WHERE state = 'held'"
report retention
same "SELECT due_on || ' ' || date '$today' - due_on FROM waarborg.worklist WHERE state = 'blocked'" \
    'd["standing"]["oldest_overdue_on"] + " " + str(d["standing"]["oldest_overdue_days"])'
expect_value 1 'd["standing"]["overdue"]'

# ---- One run -------------------------------------------------------------------------------------

report run 1
for figure in due disposed blocked held uncovered rows bytes subjects; do
    same "SELECT $figure FROM waarborg.run WHERE id = 1" "d['run']['$figure']"
done
same "SELECT count(*) FROM waarborg.segment WHERE run_id = 1" 'len(d["segments"])'
same "SELECT sum(t.rows) FROM waarborg.segment_table AS t JOIN waarborg.segment AS s ON s.id = t.segment_id
      WHERE s.run_id = 1 AND t.kind = 'rows'" 'sum(t["rows"] for t in d["tables"] if t["kind"] == "rows")'
expect_value "$(sql "SELECT rows FROM waarborg.run WHERE id = 1")" \
    'sum(t["rows"] for t in d["tables"] if t["kind"] == "rows")'
same "SELECT count(*) FROM waarborg.disposal AS d JOIN waarborg.segment AS s ON s.id = d.segment_id
      WHERE s.run_id = 1" 'sum(r["subjects"] for r in d["rules"])'
same "SELECT count(restored_at) FROM waarborg.disposal" 'd["run"]["restored"]'
same "SELECT sum(subjects) FROM waarborg.run_left WHERE run_id = 1" 'sum(l["subjects"] for l in d["left"])'
same "SELECT string_agg(sha256 || manifest_sha256, '' ORDER BY chain_no) FROM waarborg.segment WHERE run_id = 1" \
    '"".join(s["sha256"] + s["manifest_sha256"] for s in d["segments"])'
AS_OF=$today
cp "$T/json" "$T/one"
report run 01
cmp -s "$T/one" "$T/json" || fail "run 01 is not run 1"
report run last
expect_value 3 'd["run"]["run"]'
AS_OF=2026-10-25
report run last
expect_value '2 unfinished' 'f"""{d["run"]["run"]} {d["run"]["outcome"]}"""'
AS_OF=$today
# A run that nobody recorded what it left of does not look as if it left nobody.
sql "UPDATE waarborg.run SET work_ms = NULL WHERE id = 3;
     ALTER TABLE waarborg.run_left DISABLE TRIGGER ALL; DELETE FROM waarborg.run_left WHERE run_id = 3"
report run 3
expect_value not_recorded 'd["left"][0]["state"]'
while read -r operand message; do
    waarborg report run "$operand"
    expect_status 2
    expect_err "$message"
done <<'OPERANDS'
99 there is no run 99: there are 3, from run 1 to run 3
0 there is no run 0
x 'x' is no number of a run
99999999999999999999 is no number of a run
OPERANDS
waarborg --as-of 2025-01-01 report run 1
expect_status 2
expect_err 'there was no run yet'

# ---- Holds ---------------------------------------------------------------------------------------

AS_OF=$today
report holds
same "SELECT count(*) FROM waarborg.hold WHERE released_at IS NULL" 'd["standing"]["active"]'
same "SELECT count(*) FROM waarborg.hold WHERE released_at IS NULL AND review_on <= '$today'" 'd["standing"]["review_due"]'
same "SELECT count(*) FROM waarborg.hold WHERE released_at IS NOT NULL" 'd["standing"]["released"]'
same "SELECT count(*) FROM waarborg.hold" 'd["standing"]["placed"]'
same "SELECT count(*) FROM waarborg.hold" 'len(d["holds"])'
expect_value review_due 'd["holds"][0]["state"]'
expect_value released 'd["holds"][-1]["state"]'
same "SELECT count(*) FROM waarborg.segment WHERE destroyed_at IS NULL AND id IN (
      SELECT segment_id FROM waarborg.disposal JOIN waarborg.hold AS h USING (reference) WHERE h.kind = 'request')" \
    '[h["segments"] for h in d["holds"] if h["keeps"] == "archive" and h["kind"] == "request"][0]'
expect_value '[]' 'd["breaches"]'
# As of a day on which it still stood, a hold is not released, and nobody reads by whom it was later.
sql "UPDATE waarborg.hold SET placed_at = '2026-03-28 12:00+01', released_at = '2026-10-26 00:00:00+01' WHERE id = 2"
AS_OF=2026-10-25
report holds
expect_value '2 active None None' '" ".join(str(d["holds"][0][k]) for k in ["hold", "state", "released_at", "release_reason"])'
expect_value '1 0' 'f"""{d["standing"]["active"]} {d["standing"]["released"]}"""'
AS_OF=2026-10-26
report holds --from 2026-10-26
expect_value '2 released 0 1' 'f"""{d["holds"][0]["hold"]} {d["holds"][0]["state"]} {d["standing"]["active"]} {d["standing"]["released"]}"""'

# ---- Schedule ------------------------------------------------------------------------------------

AS_OF=$today
report schedule
expect_value 'klant.customer klant.agreement klant.complaint klant.contact klant.payment klant.web_visit klant.mailing_2014 klant.gone' \
    '" ".join(c["table"] for c in d["categories"])'
of() { # TABLE MEMBERS: those of its category
    echo "'|'.join(c[k] if isinstance(c[k], str) else c[k][0] for c in d['categories'] if c['table'] == '$1' for k in '$2'.split())"
}
expect_value 'Complaints|answering them|test|7 years|deleted' \
    "$(of klant.complaint 'category purpose legal_basis window at_end')"
expect_value 'what was paid|serving customers' "$(of klant.payment 'category purpose')"
expect_value 'outside|not_stated|not_stated|stays' "$(of klant.mailing_2014 'role purpose legal_basis at_end')"
expect_value unknown "$(of klant.gone role)"
expect_value "['klant.agreement.ended_on', 'klant.complaint.closed_on']" 'd["rules"][0]["clocks"]'
sql "ALTER TABLE klant.contact ADD extra int"
report schedule
expect_value changed 'd["policies"][0]["state"]'

# ---- The four formats carry the same figures -----------------------------------------------------

cat >"$T/compare.py" <<'PYTHON'
import csv, html.parser, json, re, sys
doc = json.load(open(sys.argv[1]))["sections"]
def plain(v):
    if v is None: return ""
    if isinstance(v, bool): return "true" if v else "false"
    if isinstance(v, float): return f"{v:.15g}"
    return str(v)
want = []
for section in doc:
    rows = doc[section] if isinstance(doc[section], list) else [doc[section]]
    for row in rows:
        want += [plain(v) for v in row.values() if not isinstance(v, list)]
numbers = lambda values: sorted(v for v in values if re.fullmatch(r"-?\d+", v))
rows = list(csv.reader(open(sys.argv[2], newline="", encoding="utf-8")))
assert rows[0] == ["section", "row", "column", "value"], rows[0]
have = [r[3] for r in rows[1:]]
assert numbers(want) == numbers(have), "CSV has other figures than JSON"
class Values(html.parser.HTMLParser):
    def __init__(self): super().__init__(); self.values = []
    def handle_starttag(self, tag, attrs):
        if tag == "data": self.values += [dict(attrs).get("value", "")]
    def handle_data(self, data): self.values += [data.strip()] # the number of a run is a name
page = Values(); page.feed(open(sys.argv[3], encoding="utf-8").read())
missing = set(numbers(want)) - set(page.values)
assert not missing, f"HTML lacks {sorted(missing)[:9]}"
text = open(sys.argv[4], encoding="utf-8").read()
missing = {n for n in numbers(want) if f"{int(n):,}" not in text and int(n) < 1000 and n not in text}
assert not missing, f"text lacks {sorted(missing)[:9]}"
PYTHON
for name in retention 'run 1' holds schedule; do
    # shellcheck disable=SC2086
    report $name
    for format in csv html text; do
        # shellcheck disable=SC2086
        waarborg --as-of "$AS_OF" report $name --format $format
        expect_status 0
        cp "$T/out" "$T/$format"
    done
    grep -q '^{' "$T/csv" && skip "the formats are not there yet"
    python3 "$T/compare.py" "$T/json" "$T/csv" "$T/html" "$T/text" || fail "report $name differs between formats"
    # shellcheck disable=SC2086
    waarborg --as-of "$AS_OF" report $name --lang nl
    expect_status 0
    # The same input, the same bytes.
    cp "$T/out" "$T/nl"
    # shellcheck disable=SC2086
    waarborg --as-of "$AS_OF" report $name --lang nl
    cmp -s "$T/nl" "$T/out" || fail "report $name is not the same twice"
done
