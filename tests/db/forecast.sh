# What report forecast says about the coming months, against the months themselves: one
# administration of every kind of case, and two that are run forward month by month.
#
#   WAARBORG_FORECAST_CUSTOMERS (400)   how many the demo administration has that is run forward
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/rules.sh"

# ---- The report as tables: test.month and test.figure -------------------------------------------

# forecast DAY: as of that day, in the database $db; every policy adds up to its subject table.
forecast() {
    waarborg --as-of "$1" --json report forecast
    expect_status 0
    psql -XAtq -v ON_ERROR_STOP=1 -v "document=$(cat "$T/out")" -d "$db" <<'SQL' || fail "no forecast"
SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS test;
DROP TABLE IF EXISTS test.month, test.figure;
CREATE TABLE test.month AS
SELECT * FROM json_to_recordset(:'document'::json #> '{sections,months}')
    AS m (policy text, month text, backlog bigint, subjects bigint, rows bigint, bytes bigint,
          seconds float8);
CREATE TABLE test.figure AS
SELECT * FROM json_to_recordset(:'document'::json #> '{sections,backlog}')
    AS f (policy text, subjects bigint, backlog bigint, blocked bigint, held bigint, beyond bigint,
          open_ended bigint, uncovered bigint, backlog_rows bigint, backlog_bytes bigint,
          backlog_seconds float8, backlog_ends date, brake boolean, horizon_ends date,
          runs_measured bigint, rows_per_second float8, run_seconds float8, scan_seconds float8,
          bytes_per_row float8, segment_bytes float8, bytes_measured boolean);
SQL
    expect_sql '' "SELECT f.policy, f.subjects, s.actual, t.months
        FROM test.figure AS f
       CROSS JOIN (SELECT count(*) AS actual FROM klant.customer) AS s
       CROSS JOIN LATERAL (SELECT sum(m.subjects) AS subjects, sum(m.backlog) AS backlog, count(*) AS months,
                                  count(DISTINCT m.month) AS different, min(m.month) AS first, max(m.month) AS last
                             FROM test.month AS m WHERE m.policy = f.policy) AS t
       WHERE f.backlog + t.subjects + f.held + f.beyond + f.open_ended + f.uncovered <> f.subjects
          OR f.subjects <> s.actual OR f.backlog <> t.backlog OR t.months <> 24 OR t.different <> 24
          OR t.first <> left('$1', 7) OR t.last <> to_char(date '$1' + interval '23 months', 'YYYY-MM')
          OR to_char(f.horizon_ends + 1, 'YYYY-MM-DD') <> to_char(date '$1' + interval '24 months', 'YYYY-MM-01')"
}

# forward [DAYS]: a night on each, or at the end of every month of the forecast, and what the nights of
# a month did against it.
forward() {
    before=$(sql "SELECT coalesce(max(id), 0) FROM waarborg.run")
    for day in ${1:-$(sql "SELECT DISTINCT (to_date(month, 'YYYY-MM') + interval '1 month -1 day')::date FROM test.month ORDER BY 1")}; do
        waarborg -q --as-of "$day" retention run --rehearsal
        expect_status 0
    done
    sql "SET client_min_messages = warning; DROP TABLE IF EXISTS test.ran;
         CREATE TABLE test.ran AS
         SELECT policy, to_char(as_of, 'YYYY-MM') AS month, sum(disposed) AS disposed, sum(rows) AS rows, sum(bytes) AS bytes,
                sum(work_ms) AS work_ms, count(*) FILTER (WHERE rows > 0) AS nights FROM waarborg.run WHERE id > $before GROUP BY 1, 2"
    expect_sql '' "SELECT m.policy, m.month, m.backlog + m.subjects, r.disposed, m.rows, r.rows
        FROM test.month AS m FULL JOIN test.ran AS r USING (policy, month)
       WHERE m.month IS NULL OR (m.backlog + m.subjects, m.rows) IS DISTINCT FROM (coalesce(r.disposed, 0), coalesce(r.rows, 0)) ORDER BY 1, 2"
    expect_sql 't' "SELECT sum(rows) > 100 AND count(*) FILTER (WHERE rows > 0) > 8 FROM test.month"
}

# ---- Every kind of case: where somebody stands, by rule, end and day ------------------------------

rules_db cases
sql "CREATE SCHEMA test;
     CREATE TABLE test.expected (n int, policy text, ends date[], closes date[], pays timestamptz[], gone timestamp, place text)"
rules_policies | write_conf unsealed 'max_share = 1.0;'

# policy | ends of agreements | of complaints | payments of the first agreement | left at | as of 2026-11-22
cat >"$T/cases" <<'CASES'
exact|{0001-01-01}||||backlog
exact|{2019-11-21}||||backlog
exact|{2019-11-22}||||2026-11
exact|{2019-11-29}||||2026-11
exact|{2019-11-30}||||2026-12
exact|{2020-02-27}||||2027-02
exact|{2020-02-28}||||2027-03
exact|{2020-02-29}||||2027-03
exact|{2021-02-27}||||2028-02
exact|{2021-02-28}||||2028-02
exact|{2021-03-01}||||2028-03
exact|{2010-01-01}|{2020-05-31}|||2027-06
exact|{2020-05-30,2020-05-29}||||2027-05
exact|{2021-10-30}||||2028-10
exact|{2021-10-31}||||beyond
exact|{2026-11-22}||||beyond
exact|{2030-01-01,2010-01-01}||||beyond
exact|{5874897-12-31}||||beyond
exact|{infinity}||||open
exact|{-infinity}||||open
exact|{2010-01-01,NULL}||||open
exact|{2010-01-01}|{NULL}|||open
exact|{2030-01-01}|{NULL}|||open
exact|||||uncovered
exact||{2010-01-01}|||uncovered
year|{2018-12-31}||||backlog
year|{2019-01-01}||||2027-01
year|{2019-11-21}||||2027-01
year|{2020-02-29}||||2028-01
year|{2018-06-30}|{2020-01-15}|||2028-01
year|{2021-01-01}||||beyond
year|{NULL}||||open
several|{2019-11-25}|{2015-06-01}||2010-01-01|2026-11
several|{2019-11-25}|{2016-06-01}||2010-01-01|2027-01
several|{2019-11-25}|{2016-06-01}||2025-08-31 23:59:59.999|2027-03
several|{2019-11-25}|{2017-06-01}||2025-08-31|2028-01
several|{2019-11-25}|{2016-06-01}|||open
several|{2019-11-25}||||2026-11
several|{2030-01-01}|{2016-06-01}||2010-01-01|beyond
several|{2030-01-01}|{NULL}||2010-01-01|open
several|{2010-01-01}|{2018-01-01}||2010-01-01|beyond
several||||2010-01-01|uncovered
billing|{NULL}|{NULL}|{2025-11-29 22:59:59+00}||2026-11
billing|{NULL}|{NULL}|{2025-11-29 23:00:00+00}||2026-12
billing|{NULL}|{NULL}|{2026-03-30 21:59:59.999+00}||2027-03
billing|{NULL}|{NULL}|{2026-03-30 22:00:00+00}||2027-04
billing|{NULL}|{NULL}|{2026-10-30 22:59:59+00}||2027-10
billing|{NULL}|{NULL}|{2026-10-30 23:00:00+00}||2027-11
billing|{NULL}|{NULL}|{2027-06-15 12:00:00+00}||2028-06
billing|{NULL}|{NULL}|{2010-01-01 12:00:00+00,NULL}||open
billing|{NULL}|{NULL}|||uncovered
billing|{NULL}||{2010-01-01 12:00:00+00}||uncovered
CASES
awk -F'|' -v OFS='|' '{ print NR, $0 }' "$T/cases" >"$T/numbered"
psql -XAtq -v ON_ERROR_STOP=1 -d "$db" -c "\\copy test.expected FROM '$T/numbered' (FORMAT csv, DELIMITER '|')"
waarborg migrate
expect_status 0

place_cases() { # POLICY: its customers and no others
    sql "TRUNCATE klant.payment, klant.complaint, klant.agreement, klant.customer;
         INSERT INTO klant.customer SELECT n, gone FROM test.expected WHERE policy = '$1';
         INSERT INTO klant.agreement (customer_id, ended_on) SELECT n, e FROM test.expected, unnest(ends) AS e WHERE policy = '$1';
         INSERT INTO klant.complaint (customer_id, closed_on) SELECT n, e FROM test.expected, unnest(closes) AS e WHERE policy = '$1';
         INSERT INTO klant.payment (agreement_id, paid_at)
         SELECT (SELECT min(id) FROM klant.agreement WHERE customer_id = n), p FROM test.expected, unnest(pays) AS p WHERE policy = '$1'"
}

for policy in exact year several billing; do
    echo "case: the places of policy $policy"
    place_cases "$policy"
    forecast 2026-11-22
    expect_sql '' "SELECT place, e.n, a.n
        FROM (SELECT place, count(*) AS n FROM test.expected WHERE policy = '$policy' GROUP BY 1) AS e
        FULL JOIN (SELECT month AS place, subjects AS n FROM test.month WHERE policy = '$policy' AND subjects > 0
                    UNION ALL
                   SELECT place, n FROM test.figure CROSS JOIN LATERAL (VALUES ('backlog', backlog),
                       ('beyond', beyond), ('open', open_ended), ('uncovered', uncovered), ('held', held)) AS v (place, n)
                    WHERE policy = '$policy' AND n > 0) AS a USING (place)
       WHERE e.n IS DISTINCT FROM a.n ORDER BY 1"
    expect_sql '' "SELECT n, policy, place FROM test.expected WHERE place !~ '^(20\\d\\d-\\d\\d|backlog|beyond|open|uncovered)\$'"
done

echo "case: as of the last day of a month, of a year, and on 29 February"
place_cases exact
exact_figures() { # DAY BACKLOG FIRST-MONTH SECOND-MONTH
    forecast "$1"
    expect_sql "$2|$3|$4" "SELECT f.backlog, (array_agg(m.subjects ORDER BY month))[1], (array_agg(m.subjects ORDER BY month))[2]
        FROM test.figure AS f JOIN test.month AS m USING (policy) WHERE policy = 'exact' GROUP BY f.backlog"
}
exact_figures 2026-11-30 4 0 1
exact_figures 2026-12-31 5 0 0
exact_figures 2027-02-28 6 0 2
exact_figures 2028-02-28 11 1 1
exact_figures 2028-02-29 12 0 1

echo "case: never run: no speed, and the size of tables"
forecast 2026-11-22
expect_sql 't' "SELECT bool_and(runs_measured = 0 AND NOT bytes_measured AND backlog_ends IS NULL AND backlog_seconds IS NULL
    AND rows_per_second IS NULL AND scan_seconds IS NULL) FROM test.figure"
expect_sql '0' "SELECT count(seconds) FROM test.month"
sql "ANALYZE"
forecast 2026-11-22
expect_sql 't' "SELECT backlog_bytes > 0 AND bytes_per_row > 0 FROM test.figure WHERE policy = 'exact'"

echo "case: everybody is held"
sql "CREATE TABLE test.before AS SELECT policy, backlog + (SELECT sum(subjects) FROM test.month AS m WHERE m.policy = f.policy) AS due,
            beyond, open_ended, uncovered FROM test.figure AS f;
     INSERT INTO waarborg.hold (subject_table, key_columns, subject_key, kind, reason, placed_at, placed_by)
     SELECT 'klant.customer', '{id}', ARRAY[id::text], 'claim', 'test', now(), 'test' FROM klant.customer"
forecast 2026-11-22
expect_sql '' "SELECT policy, f.held, b.due FROM test.figure AS f JOIN test.before AS b USING (policy)
    WHERE (f.held, f.beyond, f.open_ended, f.uncovered, f.backlog) <> (b.due, b.beyond, b.open_ended, b.uncovered, 0)"
expect_sql '0|0|0' "SELECT sum(subjects), sum(rows), sum(bytes) FROM test.month"

# ---- Forward, month by month ------------------------------------------------------------------------

echo "case: the demo administration, measured for four years, then forward for two"
customers=${WAARBORG_FORECAST_CUSTOMERS:-400}
new_demo_db forward "$customers"
rm -rf "$T/archive" "$T/journal.jsonl"
demo_policy | write_conf unsealed 'max_share = 1.0;'
waarborg migrate
expect_status 0
approve
for day in 2022-06-30 2023-03-31 2023-04-30 2024-12-31 2025-01-31 2026-05-31; do
    waarborg -q --as-of $day retention run
    expect_status 0
done
forecast $AS_OF
sql "CREATE TABLE test.free AS TABLE test.month"
# One due already, one in each of two months, one running and one due much later are held.
sql "CREATE VIEW test.ends AS
     SELECT c.id, (greatest(max(a.ended_on), max(k.closed_on)) + interval '7 years')::date + 1 AS due_on,
            bool_or(a.ended_on IS NULL OR (k.id IS NOT NULL AND k.closed_on IS NULL)) AS open
       FROM klant.customer AS c JOIN klant.agreement AS a ON a.customer_id = c.id
       LEFT JOIN klant.complaint AS k ON k.customer_id = c.id GROUP BY c.id"
held=$(sql "SELECT string_agg(id::text, ' ') FROM (
    (SELECT id FROM test.ends WHERE NOT open AND due_on <= '$AS_OF' ORDER BY id LIMIT 1) UNION ALL
    (SELECT id FROM test.ends WHERE NOT open AND due_on BETWEEN '2027-04-01' AND '2027-04-30' ORDER BY id LIMIT 1) UNION ALL
    (SELECT id FROM test.ends WHERE NOT open AND due_on BETWEEN '2028-06-01' AND '2028-06-30' ORDER BY id LIMIT 1) UNION ALL
    (SELECT id FROM test.ends WHERE open ORDER BY id LIMIT 1) UNION ALL
    (SELECT id FROM test.ends WHERE NOT open AND due_on > '2030-01-01' ORDER BY id LIMIT 1)) AS h")
for key in $held; do
    waarborg --as-of $AS_OF hold add "$key" --kind claim --reason "letter of claim"
    expect_status 0
done
forecast $AS_OF
expect_sql '3' "SELECT held FROM test.figure"
expect_sql '2026-11 1 0,2027-04 0 1,2028-06 0 1' "SELECT string_agg(f.month || ' ' || f.backlog - m.backlog || ' ' || f.subjects - m.subjects, ',' ORDER BY f.month)
    FROM test.free AS f JOIN test.month AS m USING (month) WHERE f.rows > m.rows"
forward "$AS_OF $(sql "SELECT DISTINCT due_on FROM test.ends WHERE NOT open AND due_on > '$AS_OF' AND due_on < '2028-11-01' ORDER BY 1")"
[ -z "${WAARBORG_FORECAST_SHOW:-}" ] || sql "SELECT m.month, m.rows, m.bytes, r.bytes, r.nights,
        round((m.rows / f.rows_per_second * 1000 + r.nights * f.run_seconds * 1000)::numeric), r.work_ms
   FROM test.figure AS f, test.month AS m JOIN test.ran AS r USING (month) ORDER BY 1; TABLE test.figure; SELECT as_of, rows, bytes, work_ms FROM waarborg.run WHERE id <= $before"
# Bytes of two years within 15 %.  The work took up to five times as long or as short: others use the
# machine, too, and five nights are few to measure.
expect_sql 't|t|t|t' "SELECT max(f.runs_measured) = 5 AND bool_and(f.bytes_measured), sum(m.bytes) BETWEEN sum(r.bytes) * 0.85 AND sum(r.bytes) * 1.15,
        sum(m.rows / f.rows_per_second + r.nights * f.run_seconds) BETWEEN sum(r.work_ms) / 5000.0 AND sum(r.work_ms) / 200.0,
        bool_and(abs(m.bytes - m.rows * f.bytes_per_row - r.nights * f.segment_bytes) <= 1 + m.rows * 0.001)
   FROM test.figure AS f, test.month AS m JOIN test.ran AS r USING (month) WHERE m.rows > 0"
expect_sql '' "SELECT m.month, m.seconds FROM test.figure AS f, test.month AS m LEFT JOIN test.ran AS r USING (month)
   WHERE abs(m.seconds - (m.rows / f.rows_per_second + coalesce(r.nights, 0) * f.run_seconds + f.scan_seconds * CASE WHEN m.month = '2026-11' THEN 9
         ELSE extract(day FROM to_date(m.month, 'YYYY-MM') + interval '1 month -1 day') END)) > 0.1"

echo "case: several rules, a link, ends at the end of a year and in local time, forward"
small_db several 300
sql "ALTER TABLE klant.web_visit ADD seen_at timestamptz;
     UPDATE klant.web_visit SET seen_at = timestamptz '2025-05-01 21:30:00+00' + id * 13 % 900 * interval '25 hours';
     UPDATE klant.agreement SET ended_on = CASE WHEN id % 13 = 0 THEN NULL ELSE date '2018-10-01' + (id * 37 % 1500)::int END;
     DELETE FROM klant.web_visit WHERE id % 3 > 0;
     DELETE FROM klant.complaint WHERE id % 2 = 0;
     UPDATE klant.complaint SET closed_on = CASE WHEN id % 17 = 0 THEN NULL ELSE date '2014-01-01' + (id * 11 % 1400)::int END;
     INSERT INTO klant.payment SELECT id + 1000, agreement_id, 1 FROM klant.payment WHERE agreement_id % 5 = 0;
     ANALYZE"
rm -rf "$T/archive" "$T/journal.jsonl"
write_conf unsealed 'max_share = 1.0; batch = 7; chunk = 3;' <<CONF
{ name = "customers"; $subject rules = (
    { name = "contract"; window = "7 years"; clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); },
    { name = "claim"; window = "10 years"; start = "calendar_year_end"; clocks = ( { table = "klant.complaint"; ends = "closed_on"; } ); },
    { name = "visits"; window = "18 months"; clocks = ( { table = "klant.web_visit"; ends = "seen_at"; } ); } );
  links = ( { table = "klant.web_visit"; columns = [ "customer_id" ]; references = "klant.customer"; to = [ "id" ]; } ); }
CONF
start_policy
forecast 2026-12-31
forward

# ---- Backlog, speed, refusals -----------------------------------------------------------------------

echo "case: somebody is blocked"
small_db blocked 5
sql "CREATE FUNCTION test.keep() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RAISE foreign_key_violation; END \$\$;
     CREATE TRIGGER keep BEFORE DELETE ON klant.contact FOR EACH ROW WHEN (OLD.id = 3) EXECUTE FUNCTION test.keep()"
rm -rf "$T/archive" "$T/journal.jsonl"
small_conf 'max_minutes = 10;'
night
expect_status 1
forecast $AS_OF
expect_sql '1|1|7||t|1|t' "SELECT backlog, blocked, backlog_rows, backlog_ends, brake, runs_measured, bytes_measured FROM test.figure"
expect_sql "1|7" "SELECT backlog, rows FROM test.month WHERE month = '2026-11'"

echo "case: a backlog of one night, of three, and one that does not end"
sql "INSERT INTO klant.customer SELECT i, 'Nieuw ' || i FROM generate_series(11, 13) AS i;
     INSERT INTO klant.agreement SELECT id, id, '2015-01-01' FROM klant.customer WHERE id > 10;
     INSERT INTO klant.contact SELECT id * 10 + n, id, 'x' FROM klant.customer, generate_series(1, 5) AS n WHERE id > 10"
backlog_end() { # DATE, at ROWS a minute
    sql "UPDATE waarborg.run SET rows = $2, work_ms = 60000, scan_ms = 0 WHERE rows > 0"
    forecast $AS_OF
    expect_sql "4|1|28|$1" "SELECT backlog, blocked, backlog_rows, backlog_ends FROM test.figure"
}
backlog_end $AS_OF 1000
backlog_end 2026-11-24 1
sql "INSERT INTO klant.customer SELECT i, 'Later ' || i FROM generate_series(101, 2000) AS i;
     INSERT INTO klant.agreement SELECT id, id, date '2019-11-22' + (id % 700)::int FROM klant.customer WHERE id > 100"
backlog_end '' 0.4
expect_sql '3|f' "SELECT (SELECT backlog - blocked FROM test.figure), brake FROM test.figure"

echo "case: nobody at all"
small_db empty 0
rm -rf "$T/archive" "$T/journal.jsonl"
small_conf
forecast $AS_OF
expect_sql '0|0|0|0|0|0|f' "SELECT subjects, backlog, held, beyond, open_ended, uncovered, brake FROM test.figure"
expect_sql '24|0|0|0' "SELECT count(*), sum(rows), sum(bytes), count(seconds) FROM test.month"

echo "case: a policy that is refused"
small_policy | sed 's/ended_on/ended_at/' | write_conf unsealed
waarborg --as-of $AS_OF report forecast
expect_status 2
expect_err 'policy customers is refused for 1 reason'
expect_err 'ended_at'
sql "ALTER TABLE klant.web_visit ALTER customer_id TYPE uuid USING NULL"
small_policy | write_conf unsealed
waarborg --as-of $AS_OF report forecast
expect_status 2
expect_err 'policy customers is refused for 1 reason'
