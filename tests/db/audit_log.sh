# The audit log: every write has its line, nobody can write around it by carelessness, and writers at
# the same moment do not fork the chain.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"

small_db audit 6
small_policy | write_conf unsealed
start_policy

open="SELECT waarborg.breach_open('{\"title\": \"t\", \"what_happened\": \"w\", \"nature\": [\"CONFIDENTIALITY\"], \"aware_at\": \"2026-10-23T15:00+02:00\", \"consequences\": [\"CONF_WIDER\"]}')"
assess='{"risk": "high", "notify_ap": true, "notify_customers": true, "because": "why"}'
notify='{"recipient": "ap", "kind": "final", "sent_at": "2026-10-26T14:00+01:00"}'

# What is written ~ the lines it adds (action object, in order)
while IFS='~' read -r statement lines; do
    case $statement in '' | '#'*) continue ;; esac
    before=$(sql "SELECT seq FROM waarborg.audit_head")
    sql "SET TimeZone = 'Europe/Amsterdam'; $statement" >/dev/null || fail "does not run: $statement"
    expect_sql "$lines" "SELECT string_agg(action || ' ' || object, ', ' ORDER BY seq)
                           FROM waarborg.audit WHERE seq > $before AND object !~ '^breach_clock'"
done <<WRITES
$open~insert breach DL-2026-0001
SELECT waarborg.breach_amend('DL-2026-0001', 1, '{"title": "u"}', 'typed wrong')~update breach DL-2026-0001
SELECT waarborg.breach_assess('DL-2026-0001', '$assess')~insert assessment 1, update breach DL-2026-0001
SELECT waarborg.breach_notify('{DL-2026-0001}', '$notify')~insert notification 1, insert notification_breach 1
SELECT waarborg.breach_measure_add('DL-2026-0001', '{"type": "REPAIR", "status": "taken", "description": "d"}')~insert measure 1
SELECT waarborg.breach_timeline_add('DL-2026-0001', '2026-10-23 16:00', 'called')~insert timeline 1
SELECT waarborg.breach_attachment_add('DL-2026-0001', '/x', repeat('0', 64), 1)~insert attachment 1
SELECT waarborg.affected_add('DL-2026-0001', 'customers', '{"{1}","{2}","{3}"}')~insert affected
SELECT waarborg.affected_feed('DL-2026-0001')~update breach DL-2026-0001
SELECT waarborg.letters_prepare('DL-2026-0001')~insert letter
SELECT waarborg.letters_done('{1}', 'mail')~update affected
SELECT waarborg.letter_returned(1, (SELECT token FROM waarborg.letter WHERE id = 1), '5.1.1')~update affected
SELECT waarborg.affected_told('DL-2026-0001', 'customers', '{"{1}"}', NULL, 'telephone')~update affected
SELECT waarborg.affected_exempt('DL-2026-0001', 'customers', NULL, 'moved abroad')~update affected
SELECT waarborg.reminder_claim(1, 'ap', '2026-10-26 14:00', '4h', '{24h}')~insert reminder 1, insert reminder 2
SELECT waarborg.reminder_sent(1)~update reminder 1
SELECT waarborg.breach_close('DL-2026-0001', 'done')~update breach DL-2026-0001
SELECT waarborg.breach_reopen('DL-2026-0001', 'not done')~update breach DL-2026-0001
SELECT waarborg.wft_switch(true)~insert wft_undertaking 1
SELECT waarborg.wft_switch(true)~
INSERT INTO waarborg.clock_limit VALUES ('ap', 'gdpr', 'aware', 96, NULL, NULL, 'a proposal', '2030-01-01')~insert clock_limit ap
SELECT waarborg.hold_add('customers', '{5}', 'claim', 'letter', NULL, now(), 'me')~insert hold 1
UPDATE waarborg.hold SET released_at = now(), released_by = 'me', release_reason = 'settled'~update hold 1
# The owner, past the functions
SELECT set_config('waarborg.reason', 'by hand', false); UPDATE waarborg.breach SET title = 'v'~update breach DL-2026-0001
BEGIN; $open; ROLLBACK~
WRITES

expect_sql '' "SELECT string_agg(seq::text, ',') FROM waarborg.audit WHERE old LIKE '%Jansen%' OR new LIKE '%Jansen%'"
expect_sql 'u' "SELECT (new::jsonb)->>'title' FROM waarborg.audit WHERE reason = 'typed wrong'"

# Nothing is changed or deleted, nor with triggers that only fire for the application switched off.
# Rows that only grow ~ rows that may change, by the rules
for statement in "UPDATE waarborg.audit SET reason = 'x'" "DELETE FROM waarborg.audit" \
    "TRUNCATE waarborg.audit" "UPDATE waarborg.audit_head SET seq = 1" "DELETE FROM waarborg.audit_head" \
    "INSERT INTO waarborg.audit SELECT a.seq + 100, a.recorded_at, a.at, a.db_role, a.os_user, a.action,
         a.object, a.breach, a.reason, a.old, a.new, a.previous, a.sha256 FROM waarborg.audit AS a LIMIT 1" \
    "UPDATE waarborg.assessment SET risk = 'unlikely'" "DELETE FROM waarborg.assessment" \
    "UPDATE waarborg.notification SET sent_at = now()" "DELETE FROM waarborg.notification_breach" \
    "UPDATE waarborg.measure SET description = 'x'" "UPDATE waarborg.timeline SET what = 'x'" \
    "UPDATE waarborg.attachment SET path = 'x'" "UPDATE waarborg.breach_clock SET hours = 96" \
    "UPDATE waarborg.clock_limit SET hours = 96" "DELETE FROM waarborg.clock_limit" \
    "UPDATE waarborg.approval SET fingerprint = 'x'" "DELETE FROM waarborg.approval" \
    "DELETE FROM waarborg.breach" "DELETE FROM waarborg.affected" "DELETE FROM waarborg.letter" \
    "DELETE FROM waarborg.reminder" "DELETE FROM waarborg.hold" "TRUNCATE waarborg.breach CASCADE" \
    "UPDATE waarborg.affected SET subject_key = '{9}'" "UPDATE waarborg.affected SET told_at = NULL"; do
    for role in origin replica; do
        ! psql -XAtq -v ON_ERROR_STOP=1 -d "$db" -c "SET session_replication_role = $role" -c "$statement" \
            2>"$T/err" >/dev/null || fail "went through ($role): $statement"
        grep -qE 'only grows|audit_add alone|stays the same one' "$T/err" ||
            fail "refused for another reason ($role): $statement: $(cat "$T/err")"
    done
done

# A change of a breach without a reason
! sql "UPDATE waarborg.breach SET title = 'x'" 2>"$T/err" || fail "changed without a reason"
grep -q 'names its reason' "$T/err" || fail "refused for another reason"

# Writers at the same moment: a number each, no gap, one chain.
lines=$(sql "SELECT seq FROM waarborg.audit_head")
writers=6 each=30
for writer in $(seq "$writers"); do
    for _ in $(seq "$each"); do
        echo "$open;"
        echo "SELECT waarborg.hold_add('customers', '{$writer}', 'claim', 'letter', NULL, now(), 'me');"
    done | psql -XAtq -v ON_ERROR_STOP=1 -d "$db" >"$T/writer.$writer" 2>&1 &
done
wait
expect_sql "$((writers * each + 1))" "SELECT count(*) FROM waarborg.breach"
expect_sql "$((writers * each + 1))" "SELECT last FROM waarborg.breach_number"
expect_sql "$((writers * each + 1))" "SELECT max(substr(reference, 9)::int) FROM waarborg.breach"
expect_sql "$((lines + writers * each * 6))" "SELECT seq FROM waarborg.audit_head"
waarborg evidence verify
expect_status 0
expect_out "each of its $((lines + writers * each * 6)) lines|each of its 1,"
