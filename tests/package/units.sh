# The jobs under a systemd that runs: the package is installed into a clean root directory, which is
# booted in namespaces of its own.  Each job is started, hardened as its unit says; what it says has its
# priority in the journal; what it writes has its mode; a failure is mailed; an upgrade leaves on what
# was on and off what was off.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/package.sh"
. "$ROOT/tests/harness/root.sh"

# ---- systemd ----------------------------------------------------------------------------------

# systemd wants a part of the tree of control groups (version 2) for itself.
for groups in /sys/fs/cgroup /sys/fs/cgroup/unified; do
    [ ! -e "$groups/cgroup.procs" ] || [ "$(stat -f -c %T "$groups")" != cgroup2fs ] || break
    groups=''
done
[ -n "$groups" ] || skip "this machine has no control groups of version 2, which systemd needs"
groups=$groups/waarborg-test-$$
mkdir "$groups" 2>"$T/err" || skip "control groups cannot be made here: $(cat "$T/err")"

machine=''
machine_stop() {
    [ -z "$machine" ] || kill -9 "$machine" 2>/dev/null || :
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        find "$groups" -depth -type d -exec rmdir {} + 2>/dev/null && break
        sleep 0.2
    done
    harness_exit
}
trap machine_stop EXIT

cat >"$T/boot" <<'BOOT'
set -eu
root=$1 socket=$2
umask 022
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
    : >"dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=755 tmpfs run
mkdir -p run/postgresql
: >"run/postgresql/${socket##*/}"
mount --bind "$socket" "run/postgresql/${socket##*/}"
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir -p old
pivot_root . old
umount -l /old
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --log-target=null \
    --show-status=no
BOOT

# boot: afterwards `inside` asks the machine that runs.
boot() {
    sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$groups" \
        unshare --pid --fork --kill-child --mount --uts --ipc --net --cgroup \
        sh "$T/boot" "$root" "$PGHOST/.s.PGSQL.$PGPORT" >"$T/boot.log" 2>&1 </dev/null &
    machine=$!
    inside() {
        last_command=$* status=0
        timeout 60 nsenter -t "$first" -a env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TERM=dumb \
            DEBIAN_FRONTEND=noninteractive SYSTEMD_PAGER= "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
    }
    is_up() {
        first=$(cat "/proc/$machine/task/$machine/children") && first=${first%% *} && [ -n "$first" ] &&
            inside systemctl is-system-running && grep -qxE 'running|degraded' "$T/out"
    }
    patience=200
    until is_up 2>/dev/null || grep -qxE 'degraded' "$T/out"; do
        kill -0 "$machine" 2>/dev/null || skip "systemd cannot be booted here: $(tail -n 3 "$T/boot.log")"
        patience=$((patience - 1))
        [ "$patience" -gt 0 ] || fail "systemd does not come up: $(cat "$T/boot.log")"
        sleep 0.1
    done
}

# start JOB CODE [WHAT-IT-SAYS]: the job is started and ends with this exit code; what it says, with its
# priority in front (3 error ... 6 info), is in $T/said and matches.
start() {
    echo "case: $1 ends with $2"
    inside systemctl reset-failed
    inside systemctl start "waarborg-$1.service"
    inside systemctl show "waarborg-$1.service" -p ExecMainStatus -p ExecMainStartTimestamp
    grep -qx "ExecMainStatus=$2" "$T/out" || {
        cat "$T/out" >&2
        inside journalctl --no-pager -u "waarborg-$1.service"
        fail "waarborg-$1.service did not end with $2"
    }
    begin=$(sed -n 's/^ExecMainStartTimestamp=//p' "$T/out")
    inside journalctl --sync
    : >"$T/said"
    for priority in 3 4 5 6; do
        inside journalctl -o cat -p "$priority..$priority" --since="$begin" "_SYSTEMD_UNIT=waarborg-$1.service"
        sed "s/^/$priority /" "$T/out" >>"$T/said"
    done
    [ -z "${3:-}" ] || grep -qE -e "$3" "$T/said" || {
        inside journalctl --no-pager -n 30 -o verbose --output-fields=MESSAGE,_SYSTEMD_UNIT,PRIORITY
        fail "waarborg-$1.service does not say $3: $(cat "$T/said")"
    }
}

# ---- Installed: nothing is on ------------------------------------------------------------------

root_make
package_build
# A mail system that keeps what it gets, and takes it only from the user of the job.
cat >"$root/usr/sbin/sendmail" <<'SENDMAIL'
#!/bin/sh
[ "$(id -un)" = waarborg ] && cat >"/var/mail/$$"
SENDMAIL
chmod 755 "$root/usr/sbin/sendmail"
chmod 1777 "$root/var/mail"
cp "$T/$package" "$root/waarborg.deb"
# What it depends on comes before: the machine has no network.
done_inside apt-get -q -y --no-install-recommends install /waarborg.deb
done_inside dpkg -P waarborg
boot
done_inside dpkg -i /waarborg.deb
inside systemctl list-unit-files --no-legend 'waarborg-*.timer'
[ "$(wc -l <"$T/out")" -ge 6 ] || fail "systemd does not know the timers"
! grep -vE ' disabled +enabled *$' "$T/out" || fail "a timer is on"
inside systemctl list-units --no-legend --all 'waarborg-*'
[ ! -s "$T/out" ] || fail "something was started"
# Not set up yet: a condition that is not met, no failure.
done_inside systemctl start waarborg-retention.service
inside systemctl show waarborg-retention.service -p ConditionResult
expect_out '^ConditionResult=no$'

# ---- Each job, as its unit runs it --------------------------------------------------------------

# systemd forgets how a job ended that nothing refers to.
cat >"$root/etc/systemd/system/remember.service" <<'UNIT'
[Unit]
After=waarborg-retention.service waarborg-expire.service waarborg-verify.service waarborg-evidence.service
After=waarborg-remind.service waarborg-report.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=true
UNIT
chmod 644 "$root/etc/systemd/system/remember.service"
done_inside systemctl daemon-reload
done_inside systemctl start remember.service
small_db units 30
# Due today: later than that is something that report summary names.
sql "UPDATE klant.agreement SET ended_on = ((now() AT TIME ZONE 'Europe/Amsterdam')::date - 1 - interval '7 years')::date"
small_policy | write_conf unsealed 'max_share = 1.0;'
root_configure
for words in migrate 'retention approve'; do
    # shellcheck disable=SC2086 # words
    as_waarborg $words
    expect_status 0
done
done_inside adduser --quiet --disabled-password --gecos '' fg
done_inside adduser --quiet fg waarborg-reports

while read -r job code says; do
    start "$job" "$code" "$says"
done <<'JOBS'
retention 0 ^5 .*event=retention\.done .* disposed=30
expire 0 ^5 .*event=archive\.expire\.done
verify 0 ^6 .*event=archive\.verify\.done .* faults=0
evidence 0 ^6 .*event=evidence\.verify\.done .* faults=0
remind 0 ^6 No reminder is due
report 0
JOBS
expect_paths <<'PATHS'
700 waarborg:waarborg /var/lib/waarborg
600 waarborg:waarborg /var/lib/waarborg/journal.jsonl
2750 waarborg:waarborg-reports /var/lib/waarborg-reports
640 waarborg:waarborg-reports /var/lib/waarborg-reports/summary.html
PATHS
done_inside runuser -u fg -- cat /var/lib/waarborg-reports/summary.html
expect_out '</html>'
inside runuser -u fg -- touch /var/lib/waarborg-reports/mine
[ "$status" -ne 0 ] || fail "a reader of the reports may write there"
inside runuser -u nobody -- cat /var/lib/waarborg-reports/summary.html
[ "$status" -ne 0 ] || fail "everybody may read the reports"
[ -z "$(ls "$root/var/mail")" ] || fail "a mail is sent although all is well"

# ---- Metrics, as the comments say ---------------------------------------------------------------

done_inside install -d -m 755 /var/lib/prometheus/node-exporter
for job in retention expire verify remind; do
    mkdir -p "$root/etc/systemd/system/waarborg-$job.service.d"
    printf '[Service]\nEnvironment="OPTIONS=--metrics /var/lib/prometheus/node-exporter/waarborg-%s.prom"\n' $job \
        >"$root/etc/systemd/system/waarborg-$job.service.d/local.conf"
done
chmod -R go=rX "$root/etc/systemd/system"
done_inside systemctl daemon-reload
start remind 2 '^3 .*--metrics: .*node-exporter.*: Permission denied'
done_inside chgrp waarborg /var/lib/prometheus/node-exporter
done_inside chmod 775 /var/lib/prometheus/node-exporter
for job in retention expire verify remind; do
    start $job 0
    expect_paths <<PATHS
644 waarborg:waarborg /var/lib/prometheus/node-exporter/waarborg-$job.prom
PATHS
    grep -q '^waarborg_' "$root/var/lib/prometheus/node-exporter/waarborg-$job.prom" || fail "$job: no metrics"
done

# ---- Mail on failure ----------------------------------------------------------------------------

# mailed JOB REGEX...: one mail about the job came, with these lines.
mailed() {
    job=$1
    shift
    mail_is_there() {
        grep -lqs "^Subject: waarborg-$job\.service on " "$root/var/mail"/*
    }
    wait_for 20 mail_is_there
    for regex; do
        wait_for 5 grep -qhE -e "$regex" "$root/var/mail"/*
    done
    rm -f "$root/var/mail"/*
}
rm -f "$root/var/mail"/*
sql "INSERT INTO klant.customer VALUES (77, 'nobody speaks of this one')" >/dev/null
start retention 0
start report 1 '^4 .*event=report\.attention report=summary checks=uncovered '
mailed report '^Subject: .*: exit-code 1$' 'event=report\.attention .*summary\.html'
expect_paths <<'PATHS'
640 waarborg:waarborg-reports /var/lib/waarborg-reports/summary.html
PATHS
segment=$(find "$root/var/lib/waarborg/archive" -name '*.sql.gz' | head -n 1)
cp "$segment" "$T/segment"
echo x >>"$segment"
start verify 4 '^3 .*event=archive\.verify\.done .* faults=[1-9]'
mailed verify '^Subject: .*: exit-code 4$' 'exit-code 4 .* never ignore'
cat "$T/segment" >"$segment"
start verify 0

# Another run holds the lock: no failure, and no mail.
sql "INSERT INTO klant.customer VALUES (78, 'due'); INSERT INTO klant.agreement VALUES (78, 78, '2015-01-01');
     INSERT INTO klant.payment VALUES (780, 78, 1);
     INSERT INTO klant.complaint VALUES (78, 78, '2015-01-01')" >/dev/null
gate_close 4
by_hand() { # not by systemd, which starts one behind the other
    T=$T/by-hand
    inside runuser -u waarborg -- waarborg retention run
}
mkdir "$T/by-hand"
by_hand &
harness_children="$harness_children $!"
wait_at_gate
start expire 75 '^[345] .*another'
inside systemctl show waarborg-expire.service -p Result
expect_out '^Result=success$'
gate_open
wait_for 20 sessions_gone
[ -z "$(ls "$root/var/mail")" ] || fail "exit code 75 is mailed: $(cat "$root/var/mail"/*)"

# ---- Upgraded, removed, purged under a systemd that runs -----------------------------------------

done_inside systemctl enable --now waarborg-retention.timer
done_inside systemctl enable waarborg-verify.timer
done_inside systemctl mask waarborg-report.timer
states() {
    for timer in retention expire verify evidence remind report; do
        inside systemctl is-enabled "waarborg-$timer.timer"
        enabled=$(cat "$T/out")
        inside systemctl is-active "waarborg-$timer.timer"
        echo "$timer $enabled $(cat "$T/out")"
    done
}
states >"$T/states"
grep -qx 'retention enabled active' "$T/states" || fail "the timer is not on: $(cat "$T/states")"
higher_version 's/01:30/01:45/'
done_inside dpkg --force-confdef -i /newer.deb
expect_out '^waarborg: run waarborg migrate'
states | diff "$T/states" - || fail "an upgrade changes what is on"
inside systemctl show waarborg-retention.timer -p TimersCalendar -p NextElapseUSecRealtime
expect_out 'OnCalendar=\*-\*-\* 01:45:00'
expect_out '^NextElapseUSecRealtime=.* 01:(4[5-9]|5[0-5]):'
start retention 0 '^5 .*event=retention\.done'

done_inside dpkg -r waarborg
inside systemctl list-units --no-legend 'waarborg-*.timer'
[ ! -s "$T/out" ] || fail "a timer goes on after removal: $(cat "$T/out")"
done_inside dpkg --force-confdef -i /newer.deb
inside systemctl is-enabled waarborg-retention.timer
expect_out '^disabled$'
done_inside dpkg -P waarborg
expect_paths <<'PATHS'
- - /var/lib/systemd/timers/stamp-waarborg-retention.timer
- - /var/lib/waarborg-reports
600 waarborg:waarborg /var/lib/waarborg/journal.jsonl
PATHS
