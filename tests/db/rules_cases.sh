# When a customer is due: every rule, clock and edge of the calendar.  All customers are held, so
# that nobody goes and the worklist shows whose windows have lapsed, by which rule, and since when.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/rules.sh"

hold_everybody() {
    sql "INSERT INTO waarborg.hold (subject_table, key_columns, subject_key, kind, reason, placed_at, placed_by)
         SELECT 'klant.customer', '{id}', ARRAY[id::text], 'claim', 'test', now(), 'test' FROM klant.customer"
}

rules_db rules
{
    rules_policies
    cat <<CONF
, { name = "billed-year"; $subject rules = ( { name = "paid"; window = "1 year"; start = "calendar_year_end";
    clocks = ( { table = "klant.payment"; ends = "paid_at"; } ); } ); },
{ name = "self"; $subject rules = ( { name = "left"; window = "90 days"; clocks = ( { table = "klant.customer"; ends = "left_at"; } ); } ); }
CONF
} | write_conf unsealed 'max_share = 1.0;'

# policy | as of | ends of agreements | of complaints | payments of the first agreement | left at | what the scan finds
cat >"$T/cases" <<'CASES'
exact|2026-11-21|{2019-11-21}||||-
exact|2026-11-22|{2019-11-21}||||former 2026-11-22
exact|2027-02-28|{2020-02-29}||||-
exact|2027-03-01|{2020-02-29}||||former 2027-03-01
exact|2027-02-28|{2020-02-28}||||-
exact|2027-03-01|{2020-02-28}||||former 2027-03-01
exact|2028-02-28|{2021-02-28}||||-
exact|2028-02-29|{2021-02-28}||||former 2028-02-29
exact|2027-01-15|{2018-06-30}|{2020-01-15}|||-
exact|2027-01-16|{2018-06-30}|{2020-01-15}|||former 2027-01-16
exact|2028-02-29|{2018-06-30}|{NULL}|||-
exact|2028-02-29|{NULL}||||-
exact|2028-02-29|{2010-01-01,NULL}||||-
exact|2028-02-29|{2010-01-01,2012-01-01}||||former 2019-01-02
exact|2028-02-29|{2012-01-01,2010-01-01}|{2011-01-01,2009-01-01}|||former 2019-01-02
exact|2028-02-29|{infinity}||||-
exact|2028-02-29|{2010-01-01}|{-infinity}|||-
exact|2028-02-29|{9999-12-31}||||-
exact|2028-02-29|{5874897-12-31}||||-
exact|2028-02-29|{0001-01-01}||||former 0008-01-02
exact|2028-02-29|||||uncovered no rule
exact|2028-02-29||{2010-01-01}|||uncovered no rule
exact|2028-02-29||{NULL}|||uncovered no rule
year|2026-12-31|{2019-11-21}||||-
year|2027-01-01|{2019-11-21}||||former 2027-01-01
year|2027-12-31|{2020-02-29}||||-
year|2028-01-01|{2020-02-29}||||former 2028-01-01
year|2027-12-31|{2018-06-30}|{2020-01-15}|||-
year|2028-01-01|{2018-06-30}|{2020-01-15}|||former 2028-01-01
year|2025-12-31|{2018-12-31}||||-
year|2026-01-01|{2018-12-31}||||former 2026-01-01
year|2026-12-31|{2019-01-01}||||-
year|2027-01-01|{2019-01-01}||||former 2027-01-01
year|2027-01-01|{2019-01-01,NULL}||||-
several|2026-11-22|{2019-11-21}||||contract 2026-11-22
several|2026-11-22|{2019-11-21}|{2015-06-01}||2010-01-01|contract 2026-11-22
several|2026-11-22|{2019-11-21}|{2015-06-01}|||-
several|2025-12-31||{2015-06-01}||2010-01-01|-
several|2026-01-01||{2015-06-01}||2010-01-01|claim 2026-01-01
several|2026-11-22|{2019-11-21}|{2016-06-01}||2010-01-01|-
several|2027-01-01|{2019-11-21}|{2016-06-01}||2010-01-01|claim 2027-01-01
several|2027-01-01|{2019-11-21}|{NULL}||2010-01-01|-
several|2027-01-01|{NULL}|{2010-01-01}||2010-01-01|-
several|2027-01-01|{2019-11-21}|{2016-06-01}||2025-06-30 23:59:59|claim 2027-01-01
several|2027-02-28|{2019-11-21}|{2016-06-01}||2025-08-31 00:00|-
several|2027-03-01|{2019-11-21}|{2016-06-01}||2025-08-31 23:59:59.999|account 2027-03-01
several|2027-01-01|{2019-11-21}|||infinity|contract 2026-11-22
several|2027-01-01|{2019-11-21}|{2010-01-01}||infinity|-
several|2027-01-01|||||uncovered no rule
several|2027-01-01||||2010-01-01|uncovered no rule
billing|2021-10-24|{NULL}|{NULL}|{2020-10-24 21:59:59.999+00}||-
billing|2021-10-25|{NULL}|{NULL}|{2020-10-24 21:59:59.999+00}||paid 2021-10-25
billing|2021-10-25|{NULL}|{NULL}|{2020-10-24 22:00:00+00}||-
billing|2021-10-26|{NULL}|{NULL}|{2020-10-24 22:00:00+00}||paid 2021-10-26
billing|2021-10-26|{NULL}|{NULL}|{2020-10-25 22:59:59+00}||paid 2021-10-26
billing|2021-10-26|{NULL}|{NULL}|{2020-10-25 23:00:00+00}||-
billing|2021-10-27|{NULL}|{NULL}|{2020-10-25 23:00:00+00}||paid 2021-10-27
billing|2022-03-28|{NULL}|{NULL}|{2021-03-27 22:59:59+00}||paid 2022-03-28
billing|2022-03-28|{NULL}|{NULL}|{2021-03-27 23:00:00+00}||-
billing|2022-03-29|{NULL}|{NULL}|{2021-03-28 21:59:59+00}||paid 2022-03-29
billing|2022-03-29|{NULL}|{NULL}|{2021-03-28 22:00:00+00}||-
billing|2022-03-29|{NULL}|{NULL}|{2010-01-01 00:00+00,NULL}||-
billing|2022-03-29|{NULL}|{NULL}|{2010-01-01 00:00+00,infinity}||-
billing|2022-03-29|{NULL}|{NULL}|||uncovered no end date
billing|2022-03-29|{NULL}||{2010-01-01 00:00+00}||uncovered no rule
billed-year|2021-12-31|{NULL}||{2020-12-31 22:59:59+00}||-
billed-year|2022-01-01|{NULL}||{2020-12-31 22:59:59+00}||paid 2022-01-01
billed-year|2022-12-31|{NULL}||{2020-12-31 23:00:00+00}||-
billed-year|2023-01-01|{NULL}||{2020-12-31 23:00:00+00}||paid 2023-01-01
self|2024-02-29||||2023-12-01 23:59|-
self|2024-03-01||||2023-12-01 00:00|left 2024-03-01
self|2024-03-01|||||-
CASES
awk -F'|' -v OFS='|' '{ print NR, $0 }' "$T/cases" >"$T/numbered"
sql "CREATE TABLE klant.expected (n int, policy text, as_of date, ends date[], closes date[], pays timestamptz[], gone timestamp, found text)"
psql -XAtq -v ON_ERROR_STOP=1 -d "$db" -c "\\copy klant.expected FROM '$T/numbered' (FORMAT csv, DELIMITER '|')"
sql "INSERT INTO klant.customer SELECT n, gone FROM klant.expected;
     INSERT INTO klant.agreement (customer_id, ended_on) SELECT n, e FROM klant.expected, unnest(ends) AS e;
     INSERT INTO klant.complaint (customer_id, closed_on) SELECT n, e FROM klant.expected, unnest(closes) AS e;
     INSERT INTO klant.payment (agreement_id, paid_at)
     SELECT (SELECT min(id) FROM klant.agreement WHERE customer_id = n), p FROM klant.expected, unnest(pays) AS p"
waarborg migrate
expect_status 0
waarborg retention approve
expect_status 0
hold_everybody

for day in $(cut -d'|' -f2 "$T/cases" | sort -u); do
    waarborg --as-of="$day" retention run --rehearsal
    expect_status 0
    wrong=$(sql "SELECT e.policy, e.as_of, e.ends, e.closes, e.pays, e.gone, 'expected ' || e.found, 'got ' || f.found
                   FROM klant.expected AS e
                   LEFT JOIN waarborg.worklist AS w ON w.policy = e.policy AND w.subject_key = ARRAY[e.n::text]
                  CROSS JOIN LATERAL (SELECT CASE w.state WHEN 'uncovered' THEN 'uncovered ' || w.reason
                                             WHEN 'held' THEN w.rule || ' ' || w.due_on ELSE coalesce(w.state, '-') END AS found) AS f
                  WHERE e.as_of = '$day' AND f.found <> e.found ORDER BY e.n")
    [ -z "$wrong" ] || fail "as of $day: $wrong"
done
[ -z "$(segments)" ] || fail "nobody was to go"

# The cut-off is computed in C, the day itself in SQL: they agree on every end of six years.
sql "TRUNCATE klant.payment, klant.complaint, klant.agreement, klant.customer, waarborg.worklist;
     UPDATE waarborg.hold SET released_at = now(), released_by = 'x', release_reason = 'x' WHERE released_at IS NULL;
     INSERT INTO klant.customer SELECT i FROM generate_series(1, 2192) AS i;
     INSERT INTO klant.agreement (customer_id, ended_on) SELECT i, date '2018-12-31' + i FROM generate_series(1, 2192) AS i"
hold_everybody
{
    number=0
    for start in exact calendar_year_end; do
        for window in '7 years' '84 months' '18 months' '90 days' '1 month' '1 day' '7 years 6 months' '1 month 1 day' '2 weeks' '11 months 30 days'; do
            [ "$number" -eq 0 ] || echo ,
            number=$((number + 1))
            echo "{ name = \"w$number\"; $subject rules = ( { name = \"r\"; window = \"$window\"; start = \"$start\";"
            echo 'clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } ); }'
            echo "w$number|$window|$start" >>"$T/windows"
        done
    done
} | write_conf unsealed 'max_share = 1.0;'
sql "CREATE TABLE klant.windows (policy text, period interval, start text)"
psql -XAtq -v ON_ERROR_STOP=1 -d "$db" -c "\\copy klant.windows FROM '$T/windows' (FORMAT csv, DELIMITER '|')"
waarborg retention approve
expect_status 0
for day in 2020-03-01 2024-02-29 2026-12-31 2027-01-01; do
    waarborg --as-of=$day retention run --rehearsal
    expect_status 0
    wrong=$(sql "SELECT p.period, p.start, a.ended_on, d.due_on, w.due_on
                   FROM klant.windows AS p CROSS JOIN klant.agreement AS a
                  CROSS JOIN LATERAL (SELECT CASE p.start WHEN 'exact' THEN a.ended_on ELSE date_trunc('year', a.ended_on)::date + interval '1 year -1 day' END AS kept) AS k
                  CROSS JOIN LATERAL (SELECT (k.kept + p.period)::date + 1 AS due_on) AS d
                   LEFT JOIN waarborg.worklist AS w ON w.policy = p.policy AND w.subject_key = ARRAY[a.customer_id::text]
                  WHERE w.due_on IS DISTINCT FROM CASE WHEN d.due_on <= '$day' THEN d.due_on END LIMIT 5")
    [ -z "$wrong" ] || fail "as of $day: $wrong"
done

# The vectors of the unit test, whose days were computed by hand.
tr -d '\n' <"$ROOT/tests/unit/test_rule_date.c" | sed 's/.*kept_cases\[\] = {//; s/};.*//; s/},/}\n/g' |
    sed -n 's/^ *{"\([^"]*\)", "\([^"]*\)", "\([^"]*\)", *"\([^"]*\)", "\([^"]*\)", *"\([^"]*\)"}.*/\1|\2|\3|\5|\6/p' >"$T/vectors"
[ "$(wc -l <"$T/vectors")" -ge 18 ] || fail "the vectors of test_rule_date.c are not found"
sql "CREATE TABLE klant.vector (n serial, name text, period text, ended_on date, due_on date, kept_year_end date)"
psql -XAtq -v ON_ERROR_STOP=1 -d "$db" -c "\\copy klant.vector (name, period, ended_on, due_on, kept_year_end) FROM '$T/vectors' (FORMAT csv, DELIMITER '|')"
sql "TRUNCATE klant.payment, klant.complaint, klant.agreement, klant.customer, waarborg.worklist;
     UPDATE waarborg.hold SET released_at = now(), released_by = 'x', release_reason = 'x' WHERE released_at IS NULL;
     INSERT INTO klant.customer SELECT n FROM klant.vector;
     INSERT INTO klant.agreement (customer_id, ended_on) SELECT n, ended_on FROM klant.vector"
hold_everybody
cut -d'|' -f2 "$T/vectors" | sort -u | while read -r window; do
    for start in exact calendar_year_end; do
        echo "{ name = \"$(echo "$window $start" | tr ' ' -)\"; $subject rules = ( { name = \"r\"; window = \"$window\"; start = \"$start\";"
        echo 'clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } ); },'
    done
done | sed '$s/,$//' | write_conf unsealed 'max_share = 1.0;'
waarborg retention approve
expect_status 0
for day in $(sql "SELECT DISTINCT d FROM klant.vector, unnest(ARRAY[due_on - 1, due_on, kept_year_end, kept_year_end + 1]) AS d WHERE d BETWEEN '2023-01-01' AND '2030-01-01'"); do
    waarborg --as-of="$day" retention run --rehearsal
    expect_status 0
    wrong=$(sql "SELECT v.name, w.policy, w.due_on
                   FROM klant.vector AS v
                  CROSS JOIN LATERAL (VALUES ('exact', v.due_on), ('calendar_year_end', v.kept_year_end + 1)) AS s (start, due_on)
                  JOIN waarborg.policy AS p ON p.name LIKE '%-' || s.start AND regexp_replace(p.name, '-(exact|calendar_year_end)', '') = replace(v.period, ' ', '-')
                   LEFT JOIN waarborg.worklist AS w ON w.policy = p.name AND w.subject_key = ARRAY[v.n::text]
                  WHERE w.due_on IS DISTINCT FROM CASE WHEN s.due_on <= '$day' THEN s.due_on END")
    [ -z "$wrong" ] || fail "as of $day: $wrong"
done

# A hold whose subject is gone binds nobody any more; that is said before a run.
sql "DELETE FROM klant.agreement WHERE customer_id = 3; DELETE FROM klant.customer WHERE id = 3"
waarborg check
expect_status 2
expect_out "hold $(sql "SELECT id FROM waarborg.hold WHERE subject_key = '{3}'") fits no row of klant\.customer"
