# The units of systemd and the lines for cron: each can be read, is closed as far as it can be, runs the
# program with options that exist, at the same times, and tells somebody when it fails.
. "$(dirname "$0")/../harness/lib.sh"
. "$(dirname "$0")/../harness/night.sh"

command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed (Debian: systemd)"

# Nothing of this machine's own settings for waarborg-*.
export SYSTEMD_UNIT_PATH=/usr/lib/systemd/system SYSTEMD_LOG_LEVEL=warning
units=$T/units
cp -R "$ROOT/conf/systemd" "$units"
ln -s "$WAARBORG" "$T/waarborg"
services=$(cd "$units" && ls -- *.service)
jobs=$(echo "$services" | sed -n '/@/!s/\.service$//p')
[ "$(echo "$jobs" | wc -l)" -ge 6 ] || fail "jobs are missing: $jobs"

# ---- Units: what systemd says of them ----------------------------------------------------------

# systemd finds the program where it is installed, which it need not be here.
cp -R "$units" "$T/here"
sed -i "s|^ExecStart=waarborg |ExecStart=$T/waarborg |" "$T/here"/*.service
for unit in $services $(cd "$units" && ls -- *.timer); do
    echo "case: verify $unit"
    systemd-analyze verify --man=no "$T/here/$unit" >"$T/verify" 2>&1 || fail "$unit: $(cat "$T/verify")"
    [ ! -s "$T/verify" ] || fail "$unit: $(cat "$T/verify")"
done

exposure() { # FILE: what systemd-analyze security gives it, 0.0 (closed) to 10.0
    systemd-analyze security --no-pager --offline=true "$1" 2>&1 |
        sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p'
}
for unit in $services; do
    level=$(exposure "$units/$unit")
    echo "case: exposure of $unit: $level"
    awk -v level="${level:-10}" 'BEGIN { exit !(level <= 2.0) }' ||
        fail "$unit: exposure '$level', 2.0 is the limit: systemd-analyze security --offline=true $unit"
done
cp -R "$units" "$T/open"
rm "$T/open/waarborg-.service.d/20-hardening.conf"
awk -v level="$(exposure "$T/open/waarborg-retention.service")" 'BEGIN { exit !(level > 5) }' ||
    fail "systemd-analyze does not look at what the units have in common"

# ---- Units: what they call ---------------------------------------------------------------------

small_db scheduling 3
small_conf "max_share = 1.0;"
sql "INSERT INTO klant.customer VALUES (99, 'no rule speaks of this one')"
mkdir "$T/lib" "$T/lib-reports" "$T/metrics"
ln -s "$T/metrics" "$T/lib/node-exporter"

# here COMMAND: with the directories and the configuration of this test.
here() {
    echo "$1" | sed -e "s|/etc/waarborg/waarborg\.conf|$T/waarborg.conf|g" -e "s|/var/lib/waarborg|$T/lib|g" \
        -e "s|/var/lib/prometheus/node-exporter|$T/metrics|g"
}
# run_as_scheduled COMMAND: it must end well; report may find that something needs attention.
run_as_scheduled() {
    last_command=$1 status=0
    PATH=$T:$PATH sh -c "$(here "$1")" >"$T/out" 2>"$T/err" </dev/null || status=$?
    case $1 in
    *' report '*) [ "$status" -le 1 ] && [ -s "$T/lib-reports/summary.html" ] ;;
    *) [ "$status" -eq 0 ] ;;
    esac || fail "it does not run as scheduled"
}

for job in $jobs; do
    [ -f "$units/$job.timer" ] || fail "$job.service has no timer"
    command=$(sed -n 's/^ExecStart=//p' "$units/$job.service")
    grep -qx 'User=waarborg' "$units/$job.service" || fail "$job.service runs as root"
    case $command in
    "waarborg -c /etc/waarborg/waarborg.conf "*' $OPTIONS') ;;
    '!setpriv --reuid=waarborg --regid=waarborg --init-groups waarborg -c /etc/waarborg/waarborg.conf '*' $OPTIONS')
        command=${command#*--init-groups }
        [ -f "$units/$job.service.d/30-mail.conf" ] || fail "$job: setpriv without its settings"
        ;;
    *) fail "$job.service starts something else: $command" ;;
    esac
    echo "case: run $job"
    run_as_scheduled "${command% *}"
done
for timer in "$units"/*.timer; do
    [ -f "${timer%.timer}.service" ] || fail "$timer starts nothing"
    grep -qx 'WantedBy=timers.target' "$timer" || fail "$timer cannot be enabled"
    grep -qx 'Persistent=yes' "$timer" || fail "$timer forgets what the machine slept through"
done

# ---- cron: the same jobs at the same times -----------------------------------------------------

normal() { # CALENDAR EXPRESSION: in systemd's own form
    systemd-analyze calendar "$1" | sed -n 's/^ *Normalized form: //p'
}
from_cron() { # MINUTE HOUR DAY MONTH WEEKDAY
    case $5 in
    0) cron_day='Sun ' ;;
    1) cron_day='Mon ' ;;
    \*) cron_day='' ;;
    *) fail "cron: this test does not know the weekday $5" ;;
    esac
    cron_minute=$1 cron_hour=$2
    [ "$1" = "${1#\*/}" ] || cron_minute=0/${1#\*/}
    normal "$cron_day*-$4-$3 $cron_hour:$cron_minute:00"
}

grep -E '^#?[0-9*][0-9*/]* ' "$ROOT/conf/cron.d/waarborg" >"$T/lines"
: >"$T/seen"
while read -r minute hour day month weekday user command; do
    echo "case: cron $minute $hour $command"
    [ "$user" = waarborg ] || fail "cron: as user $user"
    what=$(echo "$command" | sed 's/.*waarborg\.conf //; s/ --.*//')
    # The unit that calls the same.
    job=$(grep -lE "^ExecStart=.*waarborg\.conf $what " "$units"/*.service) ||
        fail "cron: no unit calls: $what"
    timer=${job%.service}.timer
    [ "$(from_cron "${minute#\#}" "$hour" "$day" "$month" "$weekday")" = \
        "$(normal "$(sed -n 's/^OnCalendar=//p' "$timer")")" ] || fail "cron: $what runs at another time than ${timer##*/}"
    case $minute in
    \#*)
        case $command in
        *' --metrics '*) ;;
        *) fail "cron: a line is switched off" ;;
        esac
        ;;
    *) echo "${job##*/}" >>"$T/seen" ;;
    esac
    run_as_scheduled "$command"
    case $command in
    *' report '*)
        # What is printed is mailed, so it says what needs attention: a customer without a rule.
        expect_err 'level=warning event=report\.attention report=summary checks=[a-z,]+ file=".*/summary\.html"'
        [ "$(stat -c %a "$T/lib-reports/summary.html")" = 640 ] || fail "cron: others cannot read the report"
        ;;
    *)
        [ ! -s "$T/out" ] && [ ! -s "$T/err" ] || fail "cron would mail something"
        metrics=$(echo "$command" | sed -n "s|.* --metrics [^ ]*/||p")
        [ -z "$metrics" ] || grep -q '^waarborg_' "$T/metrics/$metrics" || fail "cron: $metrics was not written"
        ;;
    esac
done <"$T/lines"
[ "$(sort "$T/seen")" = "$(echo "$jobs" | sed 's/$/.service/' | sort)" ] ||
    fail "cron has other jobs than systemd: $(cat "$T/seen")"

# The night is over, late starts included, before the next job wants its lock.
start_of() { # JOB: minutes after midnight
    sed -n 's/^OnCalendar=.* \([0-9]*\):\([0-9]*\):00$/\1 \2/p' "$units/waarborg-$1.timer" | awk '{ print $1 * 60 + $2 }'
}
night_minutes=$(sed -n 's/^ *max_minutes = \([0-9]*\);.*/\1/p' "$ROOT/conf/waarborg.conf")
[ $(($(start_of retention) + 10 + night_minutes)) -le "$(start_of expire)" ] ||
    fail "archive expire would meet the night"

# ---- Mail on failure ---------------------------------------------------------------------------

grep -qx 'OnFailure=waarborg-failure@%n.service' "$units/waarborg-.service.d/10-common.conf" ||
    fail "nobody is told of a failure"
grep -qx 'SuccessExitStatus=75' "$units/waarborg-.service.d/10-common.conf" ||
    fail "exit code 75 counts as a failure"
! grep -hs '^[^#]' "$units/waarborg-failure@.service.d/10-common.conf" ||
    fail "a failure that cannot be mailed must not call itself"

# The mail, with stand-ins for what it asks.
mkdir "$T/bin"
cat >"$T/bin/systemctl" <<'STUB'
#!/bin/sh
case "$*" in
*ExecMainStartTimestamp*) echo "$BEGIN" ;;
*ExecMainStatus*) echo 9 ;;
*Result*) echo by-hand ;;
status*) echo "status of $6" ;;
esac
STUB
cat >"$T/bin/journalctl" <<'STUB'
#!/bin/sh
echo "lines of $*"
STUB
cat >"$T/bin/sendmail" <<STUB
#!/bin/sh
[ "\$*" = '-t -i' ] && cat >"$T/mail"
STUB
chmod +x "$T/bin"/*
script=$(sed -n "/^ExecStart=!setpriv .*--groups=systemd-journal sh -c '/,/ sh %i\$/p" \
    "$units/waarborg-failure@.service" | sed -e "1s/.*sh -c '//" -e "s/' sh %i\$//" -e 's/\\$//' -e 's/\$\$/$/g')
failure_mail() { # [VARIABLE=VALUE...]
    rm -f "$T/mail"
    env PATH="$T/bin:$PATH" WAARBORG_ALERT_TO=root WAARBORG_ALERT_SENDMAIL="$T/bin/sendmail" "$@" \
        sh -c "$script" sh waarborg-retention.service >"$T/out" 2>&1 || fail "the mail fails: $(cat "$T/out")"
}
expect_mail() {
    grep -qxE -e "$1" "$T/mail" || fail "no line of the mail is '$1': $(cat "$T/mail")"
}
failure_mail BEGIN='Mon 2026-11-23 01:30:00 UTC' MONITOR_SERVICE_RESULT=exit-code MONITOR_EXIT_STATUS=4
expect_mail 'To: root'
expect_mail 'Subject: waarborg-retention\.service on [^ ]*: exit-code 4'
expect_mail '  exit-code 4  .*never ignore'
expect_mail 'lines of .* --since=Mon 2026-11-23 01:30:00 UTC _SYSTEMD_UNIT=waarborg-retention\.service \+ UNIT=.* _PID=1'
expect_mail 'status of waarborg-retention\.service'
[ "$(sed '/^$/q' "$T/mail" | grep -cv '^[A-Z][A-Za-z-]*: .\|^$')" -eq 0 ] || fail "the mail's header is none"
failure_mail BEGIN=
expect_mail 'Subject: .*: by-hand 9'
expect_mail 'lines of .* --since=-15min _SYSTEMD_UNIT=.*'
