# Closing: refused with every open duty and the command that meets it; those commands then close it.
. "$(dirname "$0")/../harness/lib.sh"
. "$(dirname "$0")/../harness/breach.sh"
. "$(dirname "$0")/../harness/json.sh"

register_db close 'regimes = [ "nis2" ];'

# arguments # faults; nothing is closed
new_breach
while IFS='#' read -r arguments faults; do
    echo "refused: $arguments"
    eval "waarborg breach close $arguments"
    expect_status 2
    old_ifs=$IFS
    IFS='~'
    for fault in $faults; do
        expect_err "$fault"
    done
    IFS=$old_ifs
done <<'CASES'
#breach: one reference is needed~because: is needed
DL-2026-9999#^breach: there is no breach DL-2026-9999~^because: is needed
$ref --because ' '#because: is needed
$ref --because x#: 3 duties are open; the breach was not closed
CASES
expect_sql 0 "SELECT count(*) FROM waarborg.breach WHERE closed_at IS NOT NULL"

# With all that can be open: the commands that are shown, filled in, meet it.
waarborg breach open --set title=Inbraak --set what_happened=x --set nature=availability \
    --set aware_at=2026-10-23T15:00+02:00 --set nis2_aware_at=2026-10-23T16:00+02:00
ref=$(sql "SELECT max(reference) FROM waarborg.breach")
waarborg breach close "$ref" --because 'all done'
expect_status 2
expect_out "^$ref cannot be closed yet"
rounds=0
until [ "$status" -eq 0 ]; do
    rounds=$((rounds + 1))
    [ "$rounds" -le 6 ] || fail "the commands that are shown do not close the breach"
    # Nobody is registered as affected, so the other way to meet that duty is taken.
    sed -n 's/^ *\(or, .*: \)\{0,1\}waarborg breach //p' "$T/out" | grep -v '^affected .* --keys FILE$' |
        sed -e 's/yes|no/yes/g' -e 's/YYYY-MM-DD HH:MM/2026-11-20 12:00/' -e 's/\.\.\./a text/g' \
            >"$T/commands"
    [ -s "$T/commands" ] || fail "no command was shown"
    cat "$T/commands" >>"$T/all"
    while read -r command <&4; do
        echo "doing: $command"
        eval "waarborg breach $command"
        expect_status 0
    done 4<"$T/commands"
    waarborg breach close "$ref" --because 'all done'
done
expect_out "^$ref is closed, .*: every duty is met"
expect_out 'AP +met Fri 2026-11-20 12:00 \+01:00, .* late'
for word in assess ' ap --kind initial' ' ap --kind follow-up --complete' ' customers --kind initial' \
    'nis2 --kind warning' 'nis2 --kind initial' 'nis2 --kind final' late-because \
    consequences_description measure; do
    grep -qe "$word" "$T/all" || fail "no command for: $word"
done
expect_sql 'all done' "SELECT closed_because FROM waarborg.breach WHERE reference = '$ref'"

# Closed is closed.
waarborg breach close "$ref" --because 'again'
expect_status 2
expect_err "$ref is closed; waarborg breach amend $ref --reopen"

# Customers who are registered are told one by one: then letters, not a notice to all.
new_breach
sql "SELECT waarborg.breach_assess('$ref', '{\"risk\": \"high\", \"notify_ap\": true, \"notify_customers\": true, \"because\": \"x\"}');
    INSERT INTO waarborg.policy (name, subject_schema, subject_table, key_columns)
        VALUES ('customers', 'klant', 'customer', '{id}');
    INSERT INTO waarborg.affected (breach_id, policy, subject_table, key_columns, subject_key, added_at)
    SELECT id, 'customers', 'klant.customer', '{id}', '{7}', now() FROM waarborg.breach WHERE reference = '$ref'" >/dev/null
waarborg breach close "$ref" --because x --json
expect_status 2
expect_json false '{closed}'
expect_json customers '{duties,1,duty}'
expect_json "waarborg breach letters $ref" '{duties,1,command}'
# Who need not be told leaves nobody to write to: then it is decided anew, or there was a notice.
sql "SELECT waarborg.affected_exempt('$ref', 'customers', NULL, 'deceased')" >/dev/null
waarborg breach close "$ref" --because x
expect_out 'nobody was told: all who are affected need not be'
expect_out "waarborg breach assess $ref --ap yes\|no --customers no --because"
expect_out "or, after a notice to all of them: waarborg breach notify $ref customers"
refute_log 'Laptop|Inbraak|all done'
