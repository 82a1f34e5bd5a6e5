# hold add, release and list: what is accepted, what is refused with which sentence, what is kept.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/json.sh"

new_db holds
sql "CREATE SCHEMA klant;
     CREATE TABLE klant.customer (id bigint PRIMARY KEY, name text);
     CREATE TABLE klant.agreement (id bigint PRIMARY KEY, customer_id bigint REFERENCES klant.customer,
                                   ended_on date);
     CREATE TABLE klant.\"Odd \"\"table\" (\"Land code\" char(3), no varchar(4), born date,
                                           PRIMARY KEY (\"Land code\", no, born));
     INSERT INTO klant.customer SELECT i, 'Jansen' FROM generate_series(1, 20) AS i;
     INSERT INTO klant.\"Odd \"\"table\" VALUES ('NL', 'A''b', '2020-02-29'), ('NL', '12', '2020-02-29'),
                                                   ('NL', 'abcd', '2020-02-29')"

rule='rules = ( { name = "former"; window = "7 years"; start = "exact";
      clocks = ( { table = "klant.agreement"; ends = "ended_on"; } ); } );'
write_conf unsealed <<CONF
{ name = "customers"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id" ]; }; $rule },
{ name = "odd"; version = "1"; legal_basis = "test";
  subject = { table = "klant.\\"Odd \\"\\"table\\""; key = [ "Land code", "no", "born" ]; }; $rule },
{ name = "gone"; version = "1"; legal_basis = "test";
  subject = { table = "klant.gone"; key = [ "id" ]; }; $rule },
{ name = "column"; version = "1"; legal_basis = "test";
  subject = { table = "klant.customer"; key = [ "id", "nummer" ]; }; $rule }
CONF
waarborg migrate
expect_status 0

# Refused, nothing written.  STATUS | REGEX of the message | arguments
while IFS='|' read -r code sentence arguments; do
    echo "case: $arguments"
    eval "waarborg --as-of=2026-11-22 $arguments" </dev/null
    expect_status "$code"
    expect_err "event=hold\.(add|release|list)\.failed .*message=\".*$sentence"
    [ "$(wc -l <"$T/err")" -eq 1 ] || fail "one line was expected"
    [ ! -s "$T/out" ] || fail "no output was expected"
    expect_sql 0 "SELECT count(*) FROM waarborg.hold"
done <<'CASES'
2|--kind says why .*complaint, claim, restriction, request, breach, other|hold add 1 -r x -p customers
2|'complain' is no kind of hold.*did you mean complaint\?|hold add 1 -k complain -r x -p customers
2|'Claim' is no kind of hold.*did you mean claim\?|hold add 1 -k Claim -r x -p customers
2|--reason must say why|hold add 1 -k claim -p customers
2|--reason must say why|hold add 1 -k claim -r '  ' -p customers
2|--review.*2026-02-29|hold add 1 -k claim -r x -p customers --review 2026-02-29
2|--review.*morgen|hold add 1 -k claim -r x -p customers --review morgen
2|--review=2026-11-21 lies before today, 2026-11-22|hold add 1 -k claim -r x -p customers --review 2026-11-21
2|customers.*odd|hold add 1 -k claim -r x
2|customers|hold add 1 -k claim -r x -p custmers
2|named by 1 word \(id\), 0 were given|hold add -k claim -r x -p customers
2|named by 1 word \(id\), 2 were given|hold add 1 2 -k claim -r x -p customers
2|named by 3 words \(Land code, no, born\), 1 was given|hold add NL -k claim -r x -p odd
2|a word of the key is no value of its column .*customers.*bigint|hold add Jansen -k claim -r x -p customers
2|a word of the key is no value of its column|hold add 99999999999999999999 -k claim -r x -p customers
2|a word of the key is no value of its column .*date|hold add NL 12 2020-02-30 -k claim -r x -p odd
1|not in table klant\.customer .any more.*no hold was placed|hold add 4711 -k claim -r x -p customers
1|not in table klant\.customer|hold add -k claim -r x -p customers -- -5
1|not in table klant\.|hold add NL A 2020-02-29 -k claim -r x -p odd
1|not in table klant\.|hold add NL abcde 2020-02-29 -k claim -r x -p odd
2|the database has no table klant\.gone|hold add 1 -k claim -r x -p gone
2|klant\.customer has no column nummer|hold add 1 2 -k claim -r x -p column
2|unknown option --knd.*--kind|hold add 1 --knd claim
2|option --reason needs a value|hold add 1 -k claim --reason
2|give the number of one hold, 0 words|hold release -r x
2|give the number of one hold, 2 words|hold release 1 2 -r x
2|--reason must say why|hold release 1
2|ID is the number of a hold|hold release 0 -r x
2|ID is the number of a hold|hold release 4x -r x
2|ID is the number of a hold|hold release 99999999999999999999 -r x
2|there is no hold 4: waarborg hold list shows them|hold release 4 -r x
2|takes options only|hold list 1
2|customers|hold list -p custmers
CASES
refute_log 'Jansen|4711|99999999|2020-02-30'

# Accepted.
placed() { # KIND ARGUMENTS...
    waarborg --as-of=2026-11-22 hold add -k "$@"
    expect_status 0
    refute_log 'dossier|Jansen'
}
waarborg hold list
expect_status 0
expect_out '^There are no active holds\.$'

placed complaint -r 'dossier "A"; 100% é' -p customers 4
expect_out '^Hold [0-9]+ \(complaint\) is placed on the subject in klant\.customer\.$'
expect_err 'event=hold\.add\.done hold=[0-9]+ policy=customers kind=complaint$'
placed claim --reason=dossier --policy=customers --review=2026-11-22 ' 007 ' --json
expect_json_keys 'hold kind policy reference review_on segments subject_table' '{}'
expect_json 2026-11-22 '{review_on}'
expect_json claim '{kind}'
placed request --reason=--quiet -p odd -- NL "A'b" 2020-02-29
placed breach -r dossier -p odd NL 12 20200229 --review 2026-11-23
placed other -r dossier -p customers 4
expect_sql 5 "SELECT count(*) FROM waarborg.hold"
expect_sql 'klant.customer|{4}|complaint|dossier "A"; 100% é' \
    "SELECT subject_table, subject_key, kind, reason FROM waarborg.hold ORDER BY id LIMIT 1"
expect_sql '{7}' "SELECT subject_key FROM waarborg.hold WHERE kind = 'claim'"
expect_sql "klant.\"Odd \"\"table\"|{NL,A'b,2020-02-29}" \
    "SELECT subject_table, subject_key FROM waarborg.hold WHERE kind = 'request'"
expect_sql '{NL,12,2020-02-29}' "SELECT subject_key FROM waarborg.hold WHERE kind = 'breach'"
expect_sql "t t" "SELECT (placed_by = format('%s (system user %s)', current_user, '$(id -un)'))::text::char
    || ' ' || bool_and(abs(extract(epoch FROM clock_timestamp() - placed_at)) < 60)::text::char
    FROM waarborg.hold GROUP BY placed_by"

# The list, and the day a review falls due.
waarborg --as-of=2026-11-21 hold list
expect_status 0
refute_out 'to be reviewed'
waarborg --as-of=2026-11-22 hold list
expect_status 1
expect_out '^1 hold is to be reviewed \(as of 2026-11-22\)\.$'
waarborg --as-of=2026-11-23 hold list --json
expect_status 1
expect_json_keys 'as_of holds reviews_due' '{}'
expect_json 2 '{reviews_due}'
expect_json_keys 'hold kind placed_at placed_by reason reference release_reason released_at released_by review_due review_on segments subject_key subject_table' '{holds,0}'
expect_json '["NL", "A'"'"'b", "2020-02-29"]' '{holds,2,subject_key}'
expect_json null '{holds,0,released_at}'
expect_json absent '{holds,5}'
waarborg --as-of=2026-11-23 hold list -p customers
expect_status 1
expect_out '^1 hold is to be reviewed'
refute_out 'Odd'

# Released once; the list forgets it, --all does not.
claim=$(sql "SELECT id FROM waarborg.hold WHERE kind = 'claim'")
waarborg hold release "$claim" --reason 'settled with dossier'
expect_status 0
expect_out "^Hold $claim \(claim\) on a subject in klant\.customer is released\.$"
waarborg hold release "$claim" --reason again
expect_status 2
expect_err "hold $claim was already released, at 20[0-9-]+T[0-9:]+[+]0[12]:00"
expect_sql 'settled with dossier' "SELECT release_reason FROM waarborg.hold WHERE id = $claim"
waarborg --as-of=2026-11-22 hold list
expect_status 0
refute_out '  claim  '
waarborg --as-of=2026-11-22 hold list --all
expect_status 0
expect_out '  claim  .*settled with dossier'
refute_log 'dossier|Jansen|settled'

# What is registered is what the configuration says now.
expect_sql 'klant|customer|{id}' "SELECT subject_schema, subject_table, key_columns FROM waarborg.policy WHERE name = 'customers'"
sql "CREATE TABLE klant.client (id uuid PRIMARY KEY); INSERT INTO klant.client VALUES ('00000000-0000-0000-0000-00000000ABCD')"
sed -i '/name = "customers"/,/subject/s/klant\.customer/klant.client/' "$T/waarborg.conf"
placed other -r x -p customers 0000000000000000000000000000abcd
expect_sql '{00000000-0000-0000-0000-00000000abcd}' "SELECT subject_key FROM waarborg.hold ORDER BY id DESC LIMIT 1"
expect_sql 'klant|client|{id}' "SELECT subject_schema, subject_table, key_columns FROM waarborg.policy WHERE name = 'customers'"

# Who may place a hold need have no rights on the customers: the owner of the schema has them.
role=wt_hold_$$
sql "CREATE ROLE $role LOGIN; GRANT USAGE ON SCHEMA waarborg, klant TO $role;
     GRANT SELECT ON ALL TABLES IN SCHEMA waarborg TO $role; GRANT INSERT, UPDATE ON waarborg.policy TO $role;
     GRANT SELECT ON klant.client TO $role"
cp "$T/waarborg.conf" "$T/owner.conf"
sed -i "s/user='[^']*'/user='$role'/" "$T/waarborg.conf"
waarborg hold add -k other -r x -p customers 0000000000000000000000000000abcd
expect_status 0
expect_sql 0 "SELECT has_table_privilege('$role', 'klant.client', 'UPDATE')::int"
sql "ALTER FUNCTION waarborg.hold_add OWNER TO $role"
cp "$T/owner.conf" "$T/waarborg.conf"
waarborg hold add -k other -r x -p customers 0000000000000000000000000000abcd
expect_status 3
expect_err 'owner of the schema waarborg, who needs SELECT and UPDATE on table klant\.client.*42501: permission denied for table client'
sql "ALTER FUNCTION waarborg.hold_add OWNER TO CURRENT_USER; DROP OWNED BY $role; DROP ROLE $role"
