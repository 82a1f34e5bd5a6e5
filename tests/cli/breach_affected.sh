# breach affected: keys from files of every kind, rows through the graph, who was disposed of, who is
# told or exempt; all that can be wrong with the input, and that nothing is registered then.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/json.sh"

small_db affected 40
sql "UPDATE klant.agreement SET ended_on = NULL WHERE id > 3;
     CREATE TABLE klant.land (land char(2), \"no\" text, ended_on date, PRIMARY KEY (land, \"no\"));
     INSERT INTO klant.land VALUES ('NL', 'a,b'), ('NL', 'say \"x\"'), ('BE', '007')"
{
    small_policy
    cat <<'CONF'
, { name = "land"; version = "1"; legal_basis = "test";
    subject = { table = "klant.land"; key = [ "land", "no" ]; };
    rules = ( { name = "r"; window = "7 years"; start = "exact";
                clocks = ( { table = "klant.land"; ends = "ended_on"; } ); } ); }
CONF
} | write_conf unsealed 'max_share = 1.0;'
waarborg migrate
expect_status 0
waarborg --as-of $AS_OF retention approve -p customers
expect_status 0

new_breach() { # prints the reference
    sql "SELECT set_config('waarborg.at', '2026-11-22 10:00+01', false); SELECT waarborg.breach_open(
         '{\"title\": \"t\", \"what_happened\": \"w\", \"aware_at\": \"2026-11-20 10:00+01\",
           \"occurred_from\": \"2026-11-19 10:00+01\", \"nature\": [\"CONFIDENTIALITY\"]}')" | tail -n 1
}
states() { # to_tell told returned exempt disposed, as the counters and the rows have them
    expect_sql "$2" "SELECT concat_ws(' ', count(*) FILTER (WHERE state = 'to_tell'),
        count(*) FILTER (WHERE state = 'told'), count(*) FILTER (WHERE state = 'returned'),
        count(*) FILTER (WHERE state = 'exempt'), count(*) FILTER (WHERE state = 'disposed'))
        FROM waarborg.affected JOIN waarborg.breach AS b ON b.id = breach_id WHERE b.reference = '$1'"
    expect_sql t "SELECT (SELECT coalesce(sum(n), 0) FROM waarborg.affected_count AS c WHERE c.breach_id = b.id)
        = (SELECT count(*) FROM waarborg.affected AS f WHERE f.breach_id = b.id)
        FROM waarborg.breach AS b WHERE b.reference = '$1'"
}
affected() {
    waarborg breach affected "$@" -p customers
}

one=$(new_breach)
[ "$one" = DL-2026-0001 ] || fail "the first breach is $one"

# ---- Files ------------------------------------------------------------------------------------
# exit code | lines of the file (\n, \r) | options | customers of the breach afterwards | output or message
number=0
while IFS='|' read -r code text options left expected; do
    number=$((number + 1))
    echo "case $number"
    breach=$(new_breach)
    printf "$text" >"$T/keys.csv"
    # shellcheck disable=SC2086
    waarborg breach affected "$breach" --keys "$T/keys.csv" $options
    expect_status "$code"
    cat "$T/out" "$T/err" >"$T/said"
    grep -qE -e "$expected" "$T/said" || fail "nothing says: $expected"
    expect_sql "$left" "SELECT coalesce(string_agg(subject_key::text, ' ' ORDER BY subject_key), '')
        FROM waarborg.affected JOIN waarborg.breach AS b ON b.id = breach_id WHERE b.reference = '$breach'"
done <<'CASES'
0|7\n8\n|-p customers|{7} {8}|^2 customers are added to those whom DL-2026-[0-9]+ affects\.$
0|\357\273\2777\r\n\r\n 08 \r\n"9"|-p customers|{7} {8} {9}|^3 customers are added
0|7\n07\n7\n|-p customers|{7}|^2 lines changed nothing
0|name;id;mail\n"Jan; ""x""\nsen";7;a@b.nl\nx;8\n|-p customers --header|{7} {8}|^2 customers are added
0|ID\tx\n7\t1\n|-p customers --header|{7}|^1 customer is added
0|"NL","a,b"\nNL,"say ""x"""\n BE , 007 \n|-p land|{BE,007} {NL,"a,b"} {NL,"say \"x\""}|^3 customers are added
0|no,land\n007,BE\n|-p land --header|{BE,007}|^1 customer is added
2|7\n99\n8\nx7\n\n999999999999999999999999\n|-p customers||keys\.csv:2: 99 is the key of nobody in klant\.customer, and of nobody who was disposed of by policy customers$
2|7\n99\n8\nx7\n\n999999999999999999999999\n|-p customers||keys\.csv:4: x7 is the key
2|7\n99\n8\nx7\n\n999999999999999999999999\n|-p customers||keys\.csv:6: 9{24} is the key
2|7\n99\n8\nx7\n\n999999999999999999999999\n|-p customers||message="3 of 5 lines name nobody, or no key; nothing was registered: mend
2|id\n7\n|-p customers||the first line names the columns: --header skips it
2|7,8\n|-p customers||keys\.csv:1: has not as many fields as the key has columns; with --header
2|x,id\n7\n|-p customers --header||keys\.csv:2: has fewer fields than the first line has names
2|x,y\n7,8\n|-p customers --header||its first line names no column id; the key of policy customers is id
2|BE,\n|-p land||keys\.csv:1: has an empty field where the key should be
2|"7\n8\n|-p customers||keys\.csv:1: has a quote that is not closed
2|"7"8\n|-p customers||keys\.csv:1: has something behind a closing quote
2|7\0008\n|-p customers||keys\.csv:1: holds a NUL byte
2|\3777\n|-p customers||keys\.csv:1: is no UTF-8 text
2|\n\n|-p customers||holds no key; nothing was registered
2||-p customers --header||is empty: it has no line with names
CASES
affected $one --keys "$T/none.csv"
expect_status 2
expect_err 'cannot open .*none\.csv: No such file'
affected $one --keys - <<'KEYS'
20
KEYS
expect_status 0
states $one '1 0 0 0 0'
expect_sql '1|1' "SELECT persons_min, persons_max FROM waarborg.breach WHERE reference = '$one'"
affected $one --keys - --dry-run <<'KEYS'
20
21
KEYS
expect_status 0
expect_out '^Dry run: nothing was registered'
expect_out '^1 customer is added'
expect_out '^1 line changed nothing'
expect_out '^still to be told +2$'
states $one '1 0 0 0 0'

# ---- What goes together -------------------------------------------------------------------------
while IFS='|' read -r options message; do
    # shellcheck disable=SC2086
    waarborg breach affected $options </dev/null
    expect_status 2
    expect_err "$message"
done <<'CASES'
--keys x|takes one reference
DL-2026-1 DL-2026-2|takes one reference
DL-7 |names no breach; a reference looks like
DL-2026-0999|there is no breach DL-2026-0999
DL-2026-0999 -p customers --table klant.customer --where id=7|there is no breach DL-2026-0999
DL-2026-1 --told --exempt --all|exclude one another
DL-2026-1 --table klant.customer|go together
DL-2026-1 --where true|go together
DL-2026-1 --table klant.customer --where true --keys -|exclude one another
DL-2026-1 --told --channel x|need --keys FILE, or --all
DL-2026-1 --told --channel x --all --keys -|need --keys FILE, or --all
DL-2026-1 --all|--all goes with
DL-2026-1 --told --all|needs --channel
DL-2026-1 --all --told --channel x --at 2026-11-20|--at: .*time
DL-2026-1 --all --told -p customers --channel x --at 2099-01-01T10:00Z|told_at: lies in the future
DL-2026-1 --keys - --channel x|--channel and --at go with --told
DL-2026-1 --exempt --all|needs --because
DL-2026-1 --keys - --because x|--because goes with
DL-2026-1 --list --keys -|--list shows
DL-2026-1 --dry-run|--dry-run goes with
DL-2026-1 --header|--header goes with
DL-2026-1 --keys -|several policies, name one
DL-2026-1 -p customers --table klant.custommer --where true|is no table of the graph.*klant\.customer
DL-2026-1 -p customers --table klant.customer --where id=|the condition on klant.customer is refused
CASES

# ---- Rows ---------------------------------------------------------------------------------------
two=$(new_breach)
sql "INSERT INTO klant.web_visit VALUES (101, 5, '192.0.2.9'), (102, 77, '192.0.2.9'), (103, NULL, '192.0.2.9')"
affected $two --table klant.web_visit --where "id IN (4, 5, 101, 102, 103)"
expect_status 0
expect_out '^5 rows of klant\.web_visit satisfy the condition; 2 belong to nobody who is in the database\.$'
expect_out '^2 customers are added'
expect_sql '{4} {5}' "SELECT string_agg(subject_key::text, ' ' ORDER BY subject_key) FROM waarborg.affected
                       WHERE breach_id = (SELECT id FROM waarborg.breach WHERE reference = '$two')"
affected $two --table klant.payment --where "amount < 10 AND agreement_id = 6"
expect_status 0
waarborg --json breach affected $two -p customers --table klant.customer --where false
expect_status 0
expect_json 0 '{rows,matched}'
expect_json 3 '{affected,to_tell}'
expect_json 3 '{affected,persons_min}'

# ---- Told and exempt ----------------------------------------------------------------------------
printf '4\n5\n' >"$T/called.csv"
affected $two --told --keys "$T/called.csv" --channel phone --at '2026-11-21 09:00'
expect_status 0
expect_out '^2 customers are registered as told of DL-'
expect_out '^told +2  Sat 2026-11-21 09:00 \+01:00$'
printf '4\n6\n' >"$T/called.csv"
affected $two --exempt --keys "$T/called.csv" --because 'moved, no address'
expect_status 0
expect_out '^1 customer is exempt'
expect_out '^1 line changed nothing'
states $two '0 2 0 1 0'
printf '4\n7\nx\n' >"$T/called.csv"
affected $two --told --keys "$T/called.csv" --channel phone
expect_status 2
expect_err "called\.csv:2: 7 is the key of nobody whom $two affects\$"
expect_err "called\.csv:3: x is the key of nobody"
states $two '0 2 0 1 0'
affected $two --keys "$T/keys.csv" 2>/dev/null
printf '7\n8\n9\n' >"$T/keys.csv"
affected $two --keys "$T/keys.csv"
expect_status 0
affected $two --told --all --channel 'public notice' --dry-run
expect_status 0
states $two '3 2 0 1 0'
affected $two --told --all --channel 'public notice'
expect_status 0
states $two '0 5 0 1 0'

# ---- Disposed of before they could be told --------------------------------------------------------
three=$(new_breach)
waarborg --as-of $AS_OF retention run -p customers
expect_status 0
[ "$(left)" = "$(seq -s, 4 40)" ] || fail "customers $(left) are left"
printf '1\n2\n2\n10\n' >"$T/keys.csv"
affected $three --keys "$T/keys.csv"
expect_status 0
expect_out '^1 customer is added'
expect_out '^2 more have been disposed of: added by reference, and counted\.$'
expect_out '^1 line of customers who had been disposed of changed nothing\.$'
expect_out '^Disposed of since Thu 2026-11-19 10:00 \+01:00 \(when it began\): 3 customers, 2 of whom are registered'
states $three '1 0 0 0 2'
expect_sql '3|3' "SELECT persons_min, persons_max FROM waarborg.breach WHERE reference = '$three'"
affected $three --told --keys "$T/keys.csv" --channel phone
expect_status 0
expect_out '^3 lines of customers who had been disposed of changed nothing\.$'
states $three '0 1 0 0 2'
waarborg breach affected $three --list
expect_status 0
expect_out '^told      klant\.customer 10  told .*  phone$'
expect_out '^disposed  klant\.customer reference [0-9a-f]{64}$'
[ "$(grep -cE '^[0-9a-f]{64}  .*  affected$' "$T/out")" = 2 ] || fail "two of those who went are affected"
[ "$(grep -cE '^[0-9a-f]{64}  ' "$T/out")" = 3 ] || fail "three went since"
waarborg --json breach affected $three --list
expect_status 0
expect_json 10 '{list,0,key}'
expect_json absent '{list,3}'
expect_json 2 '{disposed}'
expect_json absent '{gone,3}'

# Who came back and went again has two disposal records, and counts once.
sql "INSERT INTO waarborg.segment SELECT (jsonb_populate_record(s, jsonb_build_object('id', 'again', 'chain_no',
        s.chain_no + 1, 'file', 'again', 'manifest_sha256', repeat('0', 64)))).* FROM waarborg.segment AS s;
    INSERT INTO waarborg.disposal SELECT (jsonb_populate_record(d, '{\"segment_id\": \"again\"}')).*
      FROM waarborg.disposal AS d"
expect_sql 6 'SELECT count(*) FROM waarborg.disposal'
affected $three
expect_out ': 3 customers, 2 of whom are registered'
affected $three --list
[ "$(grep -cE '^[0-9a-f]{64}  ' "$T/out")" = 3 ] || fail "three went since, some of them twice"
sql "DELETE FROM waarborg.disposal WHERE segment_id = 'again'; DELETE FROM waarborg.segment WHERE id = 'again'"

# Without the reference key nobody can tell whether they were disposed of.
mv "$T/reference.key" "$T/away.key"
affected $three --keys "$T/keys.csv"
expect_status 2
expect_err 'looked up by reference among those who were disposed of; nothing was registered: .*reference\.key'
mv "$T/away.key" "$T/reference.key"

# ---- A closed breach, and what the messages hold -----------------------------------------------------
sql "SELECT waarborg.breach_assess('$three', '{\"risk\": \"unlikely\", \"notify_ap\": false, \"because\": \"b\"}');
     SELECT waarborg.breach_measure_add('$three', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"d\"}');
     SELECT set_config('waarborg.reason', 'r', false);
     UPDATE waarborg.breach SET consequences_description = 'c' WHERE reference = '$three';
     SELECT waarborg.breach_close('$three', 'done')" >/dev/null
affected $three --keys "$T/keys.csv"
expect_status 2
expect_err "breach $three is closed"
refute_log 'event=.*(x7|999999|Jansen|moved)'
