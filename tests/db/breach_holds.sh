# An open breach is a hold: whoever still has to be told stays, and goes when that is done; a disposal
# leaves the reference in the register; adding customers while a run disposes of them, in both orders.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/json.sh"

small_db breaches 30
rows=$(row_count)
small_conf 'batch = 5;'

register() { # FUNCTION(ARGUMENTS): as the program would, at 22 November
    sql "SELECT set_config('waarborg.at', '2026-11-22 10:00+01', false);
         SELECT set_config('waarborg.reason', 'r', false); SELECT waarborg.$1" | tail -n 1
}
new_breach() {
    register "breach_open('{\"title\": \"t\", \"what_happened\": \"w\", \"nature\": [\"CONFIDENTIALITY\"],
              \"aware_at\": \"2026-11-20 10:00+01\", \"consequences_description\": \"c\"}')"
}
add() { # BREACH KEY...
    breach=$1
    shift
    printf '%s\n' "$@" >"$T/keys.csv"
    waarborg breach affected "$breach" --keys "$T/keys.csv"
}
# What the register has of a breach: customers by state, with a key and by reference.
expect_affected() { # BREACH 'state/keys/references ...'
    expect_sql "$2" "SELECT string_agg(concat_ws('/', state, keys, refs), ' ' ORDER BY state COLLATE \"C\")
        FROM (SELECT f.state, count(f.subject_key) AS keys, count(f.reference) AS refs
                FROM waarborg.affected AS f JOIN waarborg.breach AS b ON b.id = f.breach_id
               WHERE b.reference = '$1' GROUP BY f.state) AS x"
    expect_sql t "SELECT NOT EXISTS (SELECT f.breach_id, f.state, count(*) FROM waarborg.affected AS f GROUP BY 1, 2
        EXCEPT SELECT breach_id, state, n FROM waarborg.affected_count)"
}

# ---- Every way to stay, and every way to go --------------------------------------------------------
assess='"risk": "high", "notify_ap": true, "because": "b"'
told=$(new_breach)
undecided=$(new_breach)
not_told=$(new_breach)
closed=$(new_breach)
add $told 1 2 3 4
expect_status 0
expect_out '^Retention keeps 4 customers until they are told'
register "breach_assess('$told', '{$assess, \"notify_customers\": true}')" >/dev/null
add $undecided 5 6
add $not_told 7
register "breach_assess('$not_told', '{$assess, \"notify_customers\": false, \"exempt_ground\": \"A\"}')" >/dev/null
waarborg breach affected $not_told
expect_out '^It was decided that customers are not told, so retention keeps nobody for it\.$'
add $closed 8
register "breach_assess('$closed', '{\"risk\": \"unlikely\", \"notify_ap\": false, \"because\": \"b\"}')" >/dev/null
register "breach_measure_add('$closed', '{\"type\": \"REPAIR\", \"status\": \"taken\", \"description\": \"d\"}')" >/dev/null
register "breach_close('$closed', 'done')" >/dev/null
printf '2\n' >"$T/keys.csv"
waarborg breach affected $told --told --keys "$T/keys.csv" --channel phone
expect_status 0
printf '3\n' >"$T/keys.csv"
waarborg breach affected $told --exempt --keys "$T/keys.csv" --because deceased
expect_status 0
waarborg hold add 9 --kind claim --reason dossier
expect_status 0

waarborg --as-of $AS_OF retention plan
expect_status 0
expect_out "^held +former +breach $told +2 "
expect_out "^held +former +breach $undecided +2 "
expect_out '^held +former +hold: claim +1 '
expect_out '^due +former +- +25 '
waarborg --json --as-of $AS_OF evidence 1
expect_json held '{state}'
expect_json "$told" '{breaches,0,breach}'
expect_json true '{breaches,0,keeps}'
waarborg --as-of $AS_OF evidence 1
expect_out '^Rule former has let it go since 2022-01-02, but it is held\.$'
expect_out "^Breach $told: still has to be told\.\$"
waarborg --as-of $AS_OF evidence 2
expect_out "^Breach $told: told on 2026-11-2[0-9] \(phone\)\.\$"
expect_out '^It has been due since'
waarborg --as-of $AS_OF evidence 3
expect_out "^Breach $told: need not be told: deceased\$"
waarborg --as-of $AS_OF evidence 7
expect_out "^Breach $not_told: was not told\.\$"
waarborg --as-of $AS_OF evidence 8
expect_out "^Breach $closed \(closed\): was not told\.\$"

night
expect_status 0
[ "$(left)" = 1,4,5,6,9 ] || fail "customers $(left) are left"
expect_affected $told 'exempt/0/1 to_tell/2/0 told/0/1'
expect_affected $undecided 'to_tell/2/0'
expect_affected $not_told 'disposed/0/1'
expect_affected $closed 'disposed/0/1'
expect_sql t "SELECT bool_and(d.reference IS NOT NULL) FROM waarborg.affected AS f
              LEFT JOIN waarborg.disposal AS d USING (reference) WHERE f.reference IS NOT NULL"
expect_sql 4 "SELECT sum((new::jsonb ->> 'forgotten')::integer) FROM waarborg.audit WHERE object = 'affected' AND action = 'update'"
waarborg --as-of $AS_OF retention status
expect_out "^customers +held +former +breach $told +2 "
waarborg --as-of $AS_OF evidence 2
expect_out '^It is not in the database\.$'
expect_out "^Breach $told: told on 2026-11-2"
waarborg --as-of $AS_OF evidence 7
expect_out "^Breach $not_told: disposed of before it was told\.\$"

# Told, decided otherwise: they go; a letter that came back keeps again.
register "breach_assess('$undecided', '{$assess, \"notify_customers\": false, \"exempt_ground\": \"A\"}')" >/dev/null
waarborg breach affected $told --told --all --channel phone
expect_status 0
sql "UPDATE waarborg.affected SET state = 'returned', returned_at = '2026-11-22' WHERE subject_key = '{4}'"
night
expect_status 0
[ "$(left)" = 4,9 ] || fail "customers $(left) are left"
waarborg --as-of $AS_OF evidence 4
expect_out "^Breach $told: still has to be told: the letter of 2026-11-2[0-9] came back on 2026-11-22\.\$"
expect_affected $told 'exempt/0/1 returned/1/0 told/0/2'

# ---- A run has them in its hands: whoever adds them waits, and finds their references ---------------
more() { # FIRST LAST: customers without anything but an agreement; 2 rows each
    sql "INSERT INTO klant.customer SELECT i, 'Jansen' FROM generate_series($1, $2) AS i;
         INSERT INTO klant.agreement SELECT i, i, '2015-01-01' FROM generate_series($1, $2) AS i"
    rows=$((rows + 2 * ($2 - $1 + 1)))
}
breach_waits() {
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
              AND application_name = 'waarborg/breach' AND wait_event_type = 'Lock'")" = 1 ]
}
more 41 43
race=$(new_breach)
gate_close 2
night_start
run=$started
wait_at_gate
printf '41\n9\n43\n' >"$T/keys.csv"
waarborg_start breach affected $race --keys "$T/keys.csv"
wait_for 10 breach_waits
gate_open
waarborg_wait
expect_status 0
started=$run
waarborg_wait
expect_status 0
[ "$(left)" = 4,9 ] || fail "customers $(left) are left"
expect_affected $race 'disposed/0/2 to_tell/1/0'

# ---- They are being added while a run comes by: it leaves them, and sees them held in a later pass ----
more 51 54
app_begin
app "BEGIN; SELECT waarborg.affected_add('$race', 'customers', '{\"{52}\",\"{0053}\"}')"
gate_close 2
night_start 4>&-
wait_at_gate
app "COMMIT"
app_end
gate_open
waarborg_wait
expect_status 0
[ "$(left)" = 4,9,52,53 ] || fail "customers $(left) are left"
expect_sql "held breach $race" "SELECT DISTINCT state || ' ' || reason FROM waarborg.worklist WHERE subject_key IN ('{52}', '{53}')"

# Between the scan and the batch: the judgement under the lock finds it.
more 81 87
gate_close 4
night_start
wait_at_gate # 81 to 85 are locked, 86 and 87 only on the worklist
printf '86\n' >"$T/keys.csv"
"$WAARBORG" -c "$T/waarborg.conf" breach affected $race --keys "$T/keys.csv" >"$T/beside" 2>&1 ||
    fail "somebody who is not in the batch cannot be added: $(cat "$T/beside")"
gate_open
waarborg_wait
expect_status 0
[ "$(left)" = 4,9,52,53,86 ] || fail "customers $(left) are left"

# ---- Somebody sits on the end of the audit log: who was affected is left, the rest of the night goes on ----
more 91 93
other=$(new_breach)
add $other 92
waarborg breach affected $other --told --all --channel phone
expect_status 0
app_begin
app "BEGIN; SELECT FROM waarborg.audit_head FOR UPDATE"
night
expect_status 1
[ "$(left)" = 4,9,52,53,86,92 ] || fail "customers $(left) are left"
app "ROLLBACK"
app_end

# ---- A disposal of who was affected twice, and somebody who adds to the second: neither waits for the other ----
first=$(new_breach)
second=$(new_breach)
add $first 4
add $second 4
waiting() { # N: sessions that wait for a lock
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
              AND wait_event_type = 'Lock'")" = "$1" ]
}
app_begin
app "BEGIN; SELECT FROM waarborg.audit_head FOR UPDATE"
sql "BEGIN; SELECT waarborg.affected_forget('klant.customer', '{\"{4}\"}', ARRAY['\\x00'::bytea]); ROLLBACK" \
    >"$T/forget" 2>&1 4>&- &
forgetting=$!
wait_for 10 waiting 1
sql "SELECT waarborg.affected_add('$second', 'customers', '{\"{9}\"}')" >"$T/adding" 2>&1 4>&- &
adding=$!
wait_for 10 waiting 2
app "ROLLBACK"
app_end
wait "$forgetting" || fail "the disposal cannot go: $(cat "$T/forget")"
wait "$adding" || fail "nobody can be added: $(cat "$T/adding")"
register "breach_assess('$first', '{\"risk\": \"unlikely\", \"notify_ap\": false, \"notify_customers\": false, \"because\": \"b\"}')" >/dev/null
register "breach_assess('$second', '{\"risk\": \"unlikely\", \"notify_ap\": false, \"notify_customers\": false, \"because\": \"b\"}')" >/dev/null

# ---- Back from the archive, affected anew, and gone again -------------------------------------------
waarborg breach affected $race --told --all --channel phone
expect_status 0
night
expect_status 0
[ "$(left)" = 4,9 ] || fail "customers $(left) are left"
expect_affected $race 'disposed/0/2 told/1/3'
waarborg --json --as-of $AS_OF evidence 41
segment=$(sed -n 's/.*"segment": "\([0-9a-f]*\)".*/\1/p' "$T/out" | tail -n 1)
waarborg --as-of $AS_OF archive restore "$segment" --subject 41 --reason 'her mother asked'
expect_status 0
waarborg --as-of $AS_OF evidence 41
expect_out "^Breach $race: disposed of before it was told\.\$"
add $race 41
expect_status 0
waarborg breach affected $race --told --all --channel phone
hold=$(sql "SELECT max(id) FROM waarborg.hold")
waarborg hold release "$hold" --reason settled
night
[ "$(left)" = 4,9 ] || fail "customers $(left) are left: who was affected twice cannot go"
expect_affected $race 'disposed/0/2 told/1/4'

# ---- A key that is nobody's any more: check says so, and the night goes on ---------------------------
waarborg check
refute_out 'affected customers'
sql "ALTER TABLE klant.agreement DROP CONSTRAINT agreement_customer_id_fkey,
     ADD CONSTRAINT agreement_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES klant.customer ON UPDATE CASCADE;
     ALTER TABLE klant.complaint DROP CONSTRAINT complaint_customer_id_fkey,
     ADD CONSTRAINT complaint_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES klant.customer ON UPDATE CASCADE;
     ALTER TABLE klant.contact DROP CONSTRAINT contact_customer_id_fkey,
     ADD CONSTRAINT contact_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES klant.customer ON UPDATE CASCADE;
     UPDATE klant.agreement SET ended_on = NULL WHERE customer_id = 4;
     UPDATE klant.customer SET id = 400 WHERE id = 4"
waarborg check
expect_status 0
expect_out "1 affected customers who still have to be told of breach $told fit no row of klant\.customer"
refute_log 'dossier|Jansen|deceased'
refute_evidence 'Jansen|deceased|DL-2026'
