# kill -9 of `waarborg breach remind` at each of its steps and at any moment: no reminder is lost, none
# goes out under a second Message-ID, and one that was handed over just before the kill goes twice as the
# same mail.
#   WAARBORG_REMIND_KILLS=500 sh tests/fault/remind.sh    so many kills at any moment (30)
. "$(dirname "$0")/../harness/lib.sh"
WAARBORG=$WAARBORG_PLAIN
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/faults.sh"
. "$ROOT/tests/harness/reminders.sh"
kills=${WAARBORG_REMIND_KILLS:-30}

breaches() { # three clocks to remind of
    mails_forget
    for left in '10 hours' '30 minutes' '-1 hour'; do breach "$left"; done
}

# Whatever was begun, the next run ends; $1: how many mails may have come twice.
expect_made_up() {
    waarborg breach remind
    expect_status 0
    [ "$(mail_ids | uniq | wc -l)" -eq 3 ] || fail "$(mail_ids | uniq | wc -l) Message-IDs for 3 reminders"
    [ "$(mails)" -le $((3 + $1)) ] || fail "$(mails) mails for 3 reminders"
    expect_sql 0 "SELECT count(*) FROM waarborg.reminder
                  WHERE sent_at IS NULL AND covered_by IS NULL AND dropped_because IS NULL"
    waarborg breach remind
    expect_out '^No reminder is due'
}

register_db remind

# POINT[:PASSING] | MAILS THAT WENT | ROWS THAT WAIT: claimed, not marked
cat >"$T/table" <<'TABLE'
remind.claimed|0|1
remind.claimed:3|0|3
remind.taken|0|3
remind.taken:2|1|2
remind.mailed|1|3
remind.mailed:3|3|1
remind.marked|1|3
remind.committed|1|2
remind.committed:3|3|0
TABLE
if grep -q WAARBORG_FAULT_POINT "$WAARBORG"; then
    grep -rhoE 'FAULT_POINT\("remind\.[^"]+"\)' "$ROOT/jobs" | sed 's/.*"\(.*\)".*/\1/' | sort >"$T/names"
    sed 's/[:|].*//' "$T/table" | sort -u | cmp -s - "$T/names" || fail "a point has no line in the table"
    while IFS='|' read -r point went waiting <&3; do
        echo "case: killed at $point"
        breaches
        WAARBORG_FAULT_POINT=$point
        export WAARBORG_FAULT_POINT
        waarborg breach remind 2>/dev/null
        unset WAARBORG_FAULT_POINT
        [ "$status" -eq 137 ] || fail "it was not killed"
        settle
        expect_mails "$went"
        expect_sql "$waiting" "SELECT count(*) FROM waarborg.reminder
            WHERE sent_at IS NULL AND covered_by IS NULL AND dropped_because IS NULL"
        expect_made_up 1
    done 3<"$T/table"
    fault_row 'breach remind killed at each point' "$(wc -l <"$T/table")" \
        'claimed reminders, of which the last may have gone' 'sent them, under the same Message-ID'
else
    echo "not run: this build has no fault points (cmake -DFAULT_POINTS=ON)"
fi

echo "case: killed at any moment, $kills times"
twice=0
for i in $(seq "$kills"); do
    breaches
    # From before it is connected until after it is done; a mail that is with the mail system by then
    # arrives.
    { (
        exec timeout -s KILL "0.$(printf %03d $((5 + i * 137 % 250)))" \
            "$WAARBORG" -q -c "$T/waarborg.conf" breach remind >"$T/out" 2>"$T/err"
    ) || :; } 2>/dev/null
    settle
    wait_for 20 sh -c "! ls '$mta'/mail/.[0-9]* 2>/dev/null"
    expect_made_up 1
    twice=$((twice + $(mails) - 3))
done
fault_row "breach remind killed at any moment ($twice mails went twice, as the same mail)" "$kills" \
    'claimed reminders, of which the last may have gone' 'sent them, under the same Message-ID'
echo "$kills kills, $twice mails went twice under one Message-ID"
