# What retention, run, holds and schedule report is what the tables hold: each figure once more by another
# statement, in all four formats at its place, in periods that begin or end where the clock is changed, in
# one without a run, and as of days that are over.  The figures of forecast: tests/db/forecast.sh.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/breach.sh"
. "$ROOT/tests/harness/places.sh"

command -v python3 >/dev/null 2>&1 || skip "python3 is not installed, with which reports are compared"

small_db report 30
# Not due before 2027: stays, and one whom no rule speaks of.
sql "UPDATE klant.agreement SET ended_on = '2024-05-05' WHERE id = 30; UPDATE klant.agreement SET ended_on = '2016-02-29' WHERE id = 12;
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
# same_rows SQL SECTION KEYS: the rows of the section, in their order, are those of the query; what is
# not there is empty, a fraction has three digits, an instant reads as test.iso gives it.
# Between batch and together they are collected: starting psql and python for each takes its time.
batch() {
    collected=yes
    : >"$T/batch.sql"
    : >"$T/batch.expressions"
}
same() {
    [ -n "${collected:-}" ] || {
        batch
        collected=
    }
    printf '%s;\n\\echo @@\n' "$1" >>"$T/batch.sql"
    printf '%s\n@@\n' "$2" >>"$T/batch.expressions"
    [ -n "$collected" ] || together
}
same_rows() {
    same "$1" "rows('$2', '$3')"
}
together() {
    collected=
    sql_file - >"$T/expected" <<SQL
SET timezone = 'Europe/Amsterdam';
\\i $T/batch.sql
SQL
    python3 - "$T/json" "$T/batch.expressions" "$T/expected" >"$T/out" <<'PYTHON' || fail "the tables say something else"
import json, sys
d = json.load(open(sys.argv[1]))["sections"]
def shown(v):
    return "" if v is None else f"{v:.3f}" if isinstance(v, float) else str(v)
def rows(section, keys):
    return "\n".join("|".join(shown(r[k]) for k in keys.split()) for r in d[section])
expressions, expected = (open(p).read().split("@@\n")[:-1] for p in sys.argv[2:])
assert len(expressions) == len(expected) > 0
for expression, value in zip(expressions, expected):
    have = str(eval(expression))
    if have != value[:-1]:
        sys.exit(f"{expression.strip()}\nthe report has\n{have}\nthe tables\n{value}")
PYTHON
}
sql "CREATE FUNCTION test.iso(timestamptz) RETURNS text LANGUAGE sql STABLE AS \$\$ SELECT to_json(\$1) #>> '{}' \$\$;
     CREATE FUNCTION test.day(timestamptz) RETURNS text LANGUAGE sql STABLE AS \$\$ SELECT to_char(\$1, 'YYYY-MM-DD') \$\$"

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
     UPDATE waarborg.run SET started_at = '2026-10-25 23:59:59', finished_at = '2026-10-26 00:00:01' WHERE id = 2;
     INSERT INTO waarborg.returned (reference, segment_id, policy, subject_table, key_columns, rule, due_on, wanted, noted_at,
                                    looked_at, settled_at, outcome)
     SELECT coalesce((SELECT min(d.reference::text)::bytea FROM waarborg.disposal AS d JOIN waarborg.segment AS s ON s.id = d.segment_id
                       WHERE s.chain_no = t.place), sha256(n::text::bytea)), '$first', 'customers', 'klant.customer', '{id}', 'former',
            '2020-01-01', 'erased', noted, settled, settled, outcome
       FROM (VALUES (1, 5, timestamptz '2026-10-25 00:00:00', timestamptz '2026-10-25 23:59:59', 'disposed'),
                    (2, 0, '2026-10-25 00:00:00', '2026-10-26 00:00:00', 'disposed'), (3, 0, '2026-10-25 00:00:00', '2026-10-25 23:59:59', 'absent'),
                    (4, 0, '2026-03-28 23:59:59', '2026-03-29 00:00:00', 'held')) AS t (n, place, noted, settled, outcome)"

# period FROM TO AS-OF: every figure of the period a second way: local days as text, no instants.
period() {
    AS_OF=$3
    report retention --from "$1" --to "$2"
    batch
    in="BETWEEN '$1' AND '$2'"
    day() { echo "to_char($1, 'YYYY-MM-DD')"; }
    gone="FROM waarborg.segment AS s WHERE $(day s.created_at) $in"
    for figure in subjects bytes; do
        same "SELECT coalesce(sum($figure), 0) $gone" "d['disposed_totals']['$figure']"
        same "SELECT coalesce(sum($figure), 0) $gone" "sum(m['$figure'] for m in d['disposed'])"
    done
    fresh="AND d.reference NOT IN (SELECT reference FROM waarborg.returned WHERE outcome = 'disposed' AND $(day settled_at) <= '$3' AND noted_at <= s.created_at)"
    taken="FROM waarborg.segment_table AS t JOIN waarborg.segment AS s ON s.id = t.segment_id WHERE $(day s.created_at) $in AND t.kind"
    same "SELECT coalesce(sum(t.rows), 0) $taken = 'rows'" 'd["disposed_totals"]["rows"]'
    same "SELECT coalesce(sum(t.rows), 0) $taken = 'rows'" 'sum(m["rows"] for m in d["disposed"])'
    same "SELECT coalesce(sum(t.rows), 0) $taken = 'unlinked'" 'd["disposed_totals"]["unlinked"]'
    same "SELECT count(DISTINCT reference) FROM waarborg.disposal WHERE segment_id IN (SELECT s.id $gone)" \
        'd["disposed_totals"]["people"]'
    same "SELECT count(*) FROM waarborg.disposal AS d, waarborg.segment AS s, waarborg.run AS r
          WHERE s.id = d.segment_id AND r.id = s.run_id AND $(day s.created_at) $in AND r.as_of > d.due_on $fresh" \
        'd["disposed_totals"]["late"]'
    same "SELECT count(*) FROM waarborg.returned WHERE outcome = 'disposed' AND $(day settled_at) $in AND $(day settled_at) <= '$3'" \
        'd["disposed_totals"]["again"]'
    same_rows "SELECT test.iso(noted_at), policy, count(*), count(*) FILTER (WHERE done AND outcome = 'disposed'), count(*) FILTER (WHERE done AND outcome = 'held'),
        count(*) FILTER (WHERE done AND outcome = 'absent'), count(*) FILTER (WHERE NOT done), test.iso(max(settled_at) FILTER (WHERE done))
        FROM (SELECT *, $(day settled_at) <= '$3' AS done FROM waarborg.returned) AS r
        WHERE $(day noted_at) $in AND $(day noted_at) <= '$3' GROUP BY noted_at, policy ORDER BY noted_at" \
        returns 'noted_at policy subjects again held absent waiting settled_at'
    same "SELECT coalesce(max(r.as_of - d.due_on)::text, 'None') FROM waarborg.disposal AS d, waarborg.segment AS s, waarborg.run AS r
          WHERE s.id = d.segment_id AND r.id = s.run_id AND $(day s.created_at) $in AND r.as_of > d.due_on $fresh" \
        'd["disposed_totals"]["latest_days"]'
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
    same "SELECT coalesce(sum(bytes), 0) FROM waarborg.segment WHERE $(day destroyed_at) $in" 'd["archives"]["destroyed_bytes"]'
    same "SELECT coalesce(min($(day created_at)) || ' ' || date '$3' - min($(day created_at))::date, 'None None') $here" \
        'str(d["archives"]["oldest_on"]) + " " + str(d["archives"]["oldest_days"])'
    same_rows "SELECT m, coalesce(sum(s.subjects), 0), coalesce(sum((SELECT sum(t.rows) FROM waarborg.segment_table AS t WHERE t.segment_id = s.id AND t.kind = 'rows')), 0),
        coalesce(sum(s.bytes), 0), count(s.id),
            (SELECT count(*) FROM waarborg.run AS r WHERE $(day r.started_at) $in AND left($(day r.started_at), 7) = m)
          FROM (SELECT DISTINCT left((date '$1' + i)::text, 7) FROM generate_series(0, date '$2' - date '$1') AS i) AS months (m)
          LEFT JOIN waarborg.segment AS s ON left($(day s.created_at), 7) = m AND $(day s.created_at) $in GROUP BY m ORDER BY m" \
        disposed 'month subjects rows bytes segments runs'
    same_rows "SELECT left($(day s.created_at), 7), d.policy, d.rule, count(*) FROM waarborg.disposal AS d
          JOIN waarborg.segment AS s ON s.id = d.segment_id WHERE $(day s.created_at) $in GROUP BY 1, 2, 3 ORDER BY 1, 2, 3" \
        disposed_rules 'month policy rule subjects'
    same_rows "SELECT id, as_of, test.iso(started_at), due, disposed, blocked, held, uncovered, rows,
            CASE WHEN $(day finished_at) <= '$3' THEN round((scan_ms + work_ms) / 1000.0, 3) END
          FROM waarborg.run WHERE $(day started_at) $in ORDER BY id" \
        runs 'run as_of started_at due disposed blocked held uncovered rows seconds'
    same_rows "SELECT r.id, r.as_of, l.state, l.rule, l.reason, l.subjects, l.oldest_due_on, r.as_of - l.oldest_due_on
          FROM waarborg.run_left AS l JOIN waarborg.run AS r ON r.id = l.run_id
         WHERE r.id = (SELECT max(id) FROM waarborg.run WHERE $(day started_at) $in)
         ORDER BY strpos('blocked due held uncovered', l.state), l.rule, l.reason" \
        left 'run as_of state rule reason subjects oldest_due_on oldest_days'
    same_rows "SELECT test.iso(restored_at), policy, s.id, encode(reference, 'hex'), r.subjects, r.rows, reason, restored_by, os_user
          FROM waarborg.restore AS r, waarborg.segment AS s WHERE s.id = segment_id AND $(day restored_at) $in ORDER BY r.id" \
        restores 'restored_at policy segment reference subjects rows reason restored_by os_user'
    same_rows "SELECT test.iso(verified_at), kind, CASE faults WHEN 0 THEN 'holds' ELSE 'faults' END, faults, segments, destroyed, opened, bytes,
            verified_by, os_user FROM waarborg.verification WHERE $(day verified_at) $in ORDER BY id" \
        verifications 'verified_at kind result faults segments destroyed opened bytes verified_by os_user'
    together
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
same_places --as-of 2026-10-25 report retention --from 2026-03-29
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
worklist_rows() { # By the reasons that the worklist has; of a hold its kind.
    report retention
    same_rows "SELECT state, rule, reason, count(*), sum(late), min(due_on), date '$today' - min(due_on), test.iso(min(since))
          FROM (SELECT w.*, CASE WHEN h.id IS NULL THEN w.reason ELSE 'hold: ' || h.kind END AS said,
                       CASE WHEN state NOT IN ('held', 'uncovered') AND due_on <= date '$today' - 1 THEN 1 ELSE 0 END AS late
                  FROM waarborg.worklist AS w LEFT JOIN waarborg.hold AS h ON w.reason = 'hold ' || h.id) AS x (policy, subject_key, state,
                rule, due_on, ordinal, was, since, tried, pass, scan, reason, late)
         GROUP BY state, rule, reason ORDER BY strpos('blocked due held uncovered', state), rule, reason" \
        worklist 'state rule reason subjects overdue oldest_due_on oldest_days since'
}
sql "INSERT INTO waarborg.worklist SELECT policy, '{twin}', state, rule, due_on - 3, ordinal, reason, since - interval '1 hour', last_tried, last_pass, scan
       FROM waarborg.worklist WHERE state = 'held'"
worklist_rows
sql "DELETE FROM waarborg.worklist WHERE subject_key = '{twin}'"
# Somebody whom the scan found and no run could take.
sql "UPDATE waarborg.worklist SET state = 'blocked', reason = 'remains klant.x' WHERE state = 'held'"
report retention
same "SELECT due_on || ' ' || date '$today' - due_on FROM waarborg.worklist WHERE state = 'blocked'" \
    'd["standing"]["oldest_overdue_on"] + " " + str(d["standing"]["oldest_overdue_days"])'
expect_value 1 'd["standing"]["overdue"]'
worklist_rows
# Due on the day itself is not overdue yet, nor is it a day old.
sql "UPDATE waarborg.worklist SET due_on = '$today' WHERE state = 'blocked'"
worklist_rows
expect_value '1 0 None 0' 'f"""{d["standing"]["due"]} {d["standing"]["overdue"]} {d["standing"]["oldest_overdue_on"]} {d["worklist"][0]["oldest_days"]}"""'
same_places --as-of "$AS_OF" report retention

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
same_rows "SELECT rule, count(*), min(due_on), max(due_on), count(restored_at) FROM waarborg.disposal
      WHERE segment_id IN (SELECT id FROM waarborg.segment WHERE run_id = 1) GROUP BY 1 ORDER BY 1" \
    rules 'rule subjects oldest_due_on latest_due_on restored'
same_rows "SELECT table_name, kind, sum(rows), sum(bytes) FROM waarborg.segment_table
      WHERE segment_id IN (SELECT id FROM waarborg.segment WHERE run_id = 1) GROUP BY 1, 2 ORDER BY 2, 1" \
    tables 'table_name kind rows bytes'
same_rows "SELECT state, rule, reason, subjects, oldest_due_on, (SELECT as_of FROM waarborg.run WHERE id = 1) - oldest_due_on
      FROM waarborg.run_left WHERE run_id = 1 ORDER BY strpos('blocked due held uncovered', state), rule, reason" \
    left 'state rule reason subjects oldest_due_on oldest_days'
same_rows "SELECT s.chain_no, s.id, file, test.iso(created_at), subjects, rows, bytes, count(d.restored_at), test.iso(destroyed_at)
      FROM waarborg.segment AS s JOIN waarborg.disposal AS d ON d.segment_id = s.id WHERE run_id = 1 GROUP BY s.id ORDER BY 1" \
    segments 'chain_no segment file created_at subjects rows bytes restored destroyed_at'
same "SELECT concat_ws(' ', count(*), (SELECT test.iso(finished_at) || ' ' || outcome || ' ' || round(scan_ms / 1000.0, 3) || ' ' || round(work_ms / 1000.0, 3)
          || ' ' || fingerprint || ' ' || program_version FROM waarborg.run WHERE id = 1)) FROM waarborg.segment WHERE run_id = 1" \
    '" ".join("%.3f" % v if isinstance(v, float) else str(v) for v in (d["run"][k] for k in ["segments", "finished_at", "outcome", "scan_seconds", "work_seconds", "fingerprint", "program_version"]))'
# Approved before it began: the run was put on an earlier day.
expect_value None 'd["run"]["approved_at"]'
same_places --as-of "$today" report run 1
AS_OF=$today
sed '/^  "judged_at": /d' "$T/json" >"$T/one" # a moment earlier
report run 01
sed '/^  "judged_at": /d' "$T/json" | cmp -s "$T/one" - || fail "run 01 is not run 1"
report run last
expect_value 3 'd["run"]["run"]'
same "SELECT test.iso(max(approved_at)) || ' ' || max(approved_by) || ' ' || max(os_user) FROM waarborg.approval" \
    '" ".join(d["run"][k] for k in ["approved_at", "approved_by", "approved_os_user"])'
same_places --as-of "$today" report run last
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

# Breaches keep whom they still have to tell: by the register's rows, not by its view of standing holds.
held_by() { # AWARE DECISION STATES: a breach with customers in these states, told or not by the decision
    new_breach "{\"aware_at\": \"$1\", \"title\": \"lek, \\\"<b>\\\"\"}"
    [ "$2" = none ] || sql "SELECT waarborg.breach_assess('$ref', '{\"risk\": \"risk\", \"notify_ap\": true,
        \"notify_customers\": $2, \"because\": \"x\"}')" >/dev/null
    sql "INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, state, added_at, told_at, channel, returned_at, exempt_because)
         SELECT b.id, 'customers', CASE WHEN n > 6 THEN 'klant.relation' ELSE 'klant.customer' END, '{id}', ARRAY[b.id || '-' || n], s, now(),
                CASE WHEN s IN ('told', 'returned') THEN now() END, CASE WHEN s IN ('told', 'returned') THEN 'mail' END,
                CASE WHEN s = 'returned' THEN now() END, CASE WHEN s = 'exempt' THEN 'x' END
           FROM waarborg.breach AS b, unnest('{$3}'::text[]) WITH ORDINALITY AS t (s, n) WHERE b.reference = '$ref'"
}
held_by '2026-10-24 23:59:59+02' true to_tell,to_tell,told,returned,exempt,to_tell,to_tell,to_tell && two_tables=$ref
held_by '2026-10-25 00:00:00+02' none to_tell,told && unassessed=$ref
held_by '2026-10-25 23:59:59+01' false to_tell # nobody need be told
held_by '2026-10-26 00:00:00+01' true told,exempt
held_by '2026-10-26 00:00:00+01' true to_tell && closed=$ref
sql "ALTER TABLE waarborg.breach DISABLE TRIGGER USER;
     UPDATE waarborg.breach SET registered_at = '2026-10-27 00:00:00+01' WHERE reference IN ('$two_tables', '$unassessed');
     UPDATE waarborg.breach SET closed_at = now(), closed_because = 'x' WHERE reference = '$closed'"
kept_by_breaches() { # ROWS
    report holds
    same_rows "SELECT b.reference, b.title, f.subject_table, count(*), test.iso(b.aware_at), date '$AS_OF' - left(test.iso(b.aware_at), 10)::date
          FROM waarborg.breach AS b JOIN waarborg.affected AS f ON f.breach_id = b.id
         WHERE f.state IN ('to_tell', 'returned') AND b.closed_at IS NULL AND test.day(b.registered_at) <= '$AS_OF'
           AND NOT EXISTS (SELECT FROM waarborg.assessment AS a WHERE a.breach_id = b.id AND NOT a.notify_customers)
         GROUP BY b.id, f.subject_table ORDER BY b.id, 3" breaches 'breach title subject_table subjects aware_at days'
    expect_value "$1" 'len(d["breaches"])'
}
AS_OF=$today
kept_by_breaches 3
expect_value '4 2 1' '" ".join(str(b["subjects"]) for b in d["breaches"])'
AS_OF=2026-10-27
kept_by_breaches 3
expect_value '3 3 2' '" ".join(str(b["days"]) for b in d["breaches"])'
# Nobody was kept by a breach that was not registered yet.
AS_OF=2026-10-26
kept_by_breaches 0
hold_rows() { # FROM TO: those that stood on a day of it, as they stood on the day that is judged by
    report holds --from "$1" --to "$2"
    batch
    same_rows "SELECT h.id, CASE WHEN gone THEN 'released' WHEN NOT review_on > '$AS_OF' THEN 'review_due' ELSE 'active' END, kind, reason, test.iso(placed_at),
            placed_by, review_on, CASE WHEN gone THEN test.day(released_at)::date ELSE '$AS_OF' END - test.day(placed_at)::date,
            CASE WHEN gone THEN test.iso(released_at) END, CASE WHEN gone THEN released_by END, CASE WHEN gone THEN release_reason END,
            CASE WHEN subject_key IS NULL THEN 'archive' ELSE 'subject' END, subject_table, encode(reference, 'hex'),
            CASE WHEN subject_key IS NULL THEN (SELECT count(*) FROM waarborg.segment AS s WHERE test.day(created_at) <= '$AS_OF'
                AND coalesce(test.day(destroyed_at) > '$AS_OF', true) AND id IN (SELECT segment_id FROM waarborg.disposal AS d WHERE d.reference = h.reference)) END
          FROM waarborg.hold AS h CROSS JOIN LATERAL (SELECT coalesce(test.day(released_at) <= '$AS_OF', false)) AS r (gone)
         WHERE test.day(placed_at) <= '$2' AND coalesce(test.day(released_at) >= '$1', true)
         ORDER BY gone, coalesce(review_on::text > '$AS_OF', NULL), review_on, id" \
        holds 'hold state kind reason placed_at placed_by review_on days released_at released_by release_reason keeps subject_table reference segments'
    now="FROM waarborg.hold WHERE test.day(placed_at) <= '$AS_OF' AND coalesce(test.day(released_at) > '$AS_OF', true)"
    same "SELECT concat_ws(' ', count(*), count(subject_key), count(reference), count(*) FILTER (WHERE review_on::text <= '$AS_OF'),
            count(*) - count(review_on), coalesce(test.iso(min(placed_at)), 'None'), coalesce((date '$AS_OF' - test.day(min(placed_at))::date)::text, 'None'),
            (SELECT count(*) FROM waarborg.hold WHERE test.day(placed_at) BETWEEN '$1' AND '$2'),
            (SELECT count(*) FROM waarborg.hold WHERE test.day(released_at) BETWEEN '$1' AND '$2')) $now" \
        '" ".join(str(d["standing"][k]) for k in "active on_subjects on_archives review_due without_review oldest_at oldest_days placed released".split())'
    together
}
sql "UPDATE waarborg.hold SET placed_at = '2026-10-25 00:00:00+02', review_on = '2026-10-26' WHERE id = 1"
for AS_OF in 2026-03-27 2026-03-28 2026-10-24 2026-10-25 2026-10-26 "$today"; do
    hold_rows 2026-01-01 "$AS_OF"
done
hold_rows 2026-03-28 2026-10-25
hold_rows 2026-10-26 2026-10-26
hold_rows 2026-10-27 2026-10-31
AS_OF=$today
same_places --as-of "$today" report holds
same_places --as-of 2026-10-25 report holds

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
same_places --as-of "$today" report schedule

# ---- Forecast: how fast, how large ---------------------------------------------------------------

# Seven are due, in two batches; four tables tell of one night each (months, backlog: tests/db/forecast.sh).
sql "INSERT INTO klant.customer SELECT i, 'Later' FROM generate_series(101, 107) AS i;
     INSERT INTO klant.agreement SELECT id, id, '2015-01-01' FROM klant.customer WHERE id > 100;
     UPDATE waarborg.segment SET rows = 20 * chain_no, bytes = 400 + 31 * 20 * chain_no + 7 * (chain_no % 3)"
measured() { # RUN|ROWS|WORK MS|SCAN MS ...: what the runs did, and the line through it
    echo "$1" | tr ' ' '\n' | while IFS='|' read -r run rows work scan; do
        sql "UPDATE waarborg.run SET rows = $rows, work_ms = $work, scan_ms = $scan WHERE id = $run"
    done
    report forecast
    sql "SELECT json_agg(json_build_array(s.rows, s.bytes)) FROM waarborg.segment AS s JOIN waarborg.run AS r ON r.id = s.run_id WHERE r.rows > 0" >"$T/sizes"
    python3 - "$T/json" "$T/sizes" "$1" >"$T/out" <<'PYTHON' || fail "the speed is another"
import json, sys
have = json.load(open(sys.argv[1]))["sections"]["backlog"][0]
def line(points):
    n, rows, total = len(points), sum(x for x, _ in points), sum(y for _, y in points)
    mx, my = rows / n, total / n
    xx, yy = sum((x - mx) ** 2 for x, _ in points), sum((y - my) ** 2 for _, y in points)
    xy = sum((x - mx) * (y - my) for x, y in points)
    slope = xy / xx if xx else 0
    if n >= 3 and xx and yy and xy ** 2 / xx / yy >= 0.5 and slope > 0 and my - slope * mx >= 0:
        return slope, my - slope * mx
    large = max(points, key=lambda p: (p[0], -p[1]))
    slope = min(large[1] / large[0], total / rows)
    return slope, (total - slope * rows) / n
nights = [[int(f) for f in night.split("|")] for night in sys.argv[3].split()]
row, night = line([(rows, work) for _, rows, work, _ in nights if rows])
size, envelope = line([tuple(p) for p in json.load(open(sys.argv[2]))])
want = {"runs_measured": sum(rows > 0 for _, rows, _, _ in nights), "rows_per_second": 1000 / row, "run_seconds": night / 1000,
        "scan_seconds": sum(scan for *_, scan in nights) / len(nights) / 1000, "bytes_per_row": size, "segment_bytes": envelope,
        "backlog": 7, "backlog_rows": 14, "backlog_bytes": round(14 * size + 2 * envelope), "backlog_seconds": (14 * row + night) / 1000}
wrong = [f"{k}: {have[k]}, expected {v}" for k, v in want.items() if abs(have[k] - v) > 0.00051]
sys.exit("\n".join(wrong) or None)
PYTHON
}
measured '1|100|1120|31 2|300|3050|40 3|700|7090|22'
measured '1|100|1120|31 2|300|3050|40 3|0|7|22'
measured '1|100|100|31 2|100|5000|40 3|100|900|22'
same_places --as-of "$today" report forecast
sql "ALTER TABLE klant.contact ADD extra int"
report schedule
expect_value changed 'd["policies"][0]["state"]'
same_places --as-of "$today" report schedule
