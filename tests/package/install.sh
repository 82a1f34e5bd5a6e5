# The Debian package in a clean root directory: installed, run, upgraded, removed, purged, and once
# more installed.  package/units.sh looks at the jobs under systemd.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/package.sh"
. "$ROOT/tests/harness/root.sh"

# ---- The root directory ---------------------------------------------------------------------

# A stand-in that only notes what is asked of systemd; the directory says that systemd runs.
# package/units.sh asks a real one.
note_systemctl() {
    cat >"$root/usr/bin/systemctl" <<'SYSTEMCTL'
#!/bin/sh
echo "$*" >>/systemctl.log
SYSTEMCTL
    chmod 755 "$root/usr/bin/systemctl"
    mkdir -p "$root/run/systemd/system"
    : >"$root/systemctl.log"
}

# ---- What is there --------------------------------------------------------------------------

expect_installed() {
    done_inside dpkg-query -W -f '${db:Status-Abbrev}${Version}' waarborg
    expect_out "^ii +$1\$"
    done_inside dpkg --verify waarborg
    expect_paths <<'PATHS'
755 root:root /usr/sbin/waarborg
700 waarborg:waarborg /var/lib/waarborg
700 waarborg:waarborg /var/lib/waarborg/archive
2750 waarborg:waarborg-reports /var/lib/waarborg-reports
755 root:root /etc/waarborg/templates
PATHS
    [ -z "$(find "$root/etc" "$root/var/lib/systemd" -name '*waarborg*.timer' 2>/dev/null)" ] ||
        fail "installation switches a timer on"
    [ ! -e "$root/etc/cron.d/waarborg" ] || fail "installation switches a cron job on"
}

# What a purge must not touch, with every byte, owner and mode.
evidence_listing() {
    (
        cd "$root" || exit 1
        find etc/waarborg var/lib/waarborg -path etc/waarborg/templates -prune -o \
            -printf '%m %U:%G %p\n' | sort
        find etc/waarborg var/lib/waarborg -path etc/waarborg/templates -prune -o -type f \
            -exec sha256sum {} + | sort
    )
}

expect_systemctl() { # WHAT REGEX
    grep -qE -e "$2" "$root/systemctl.log" || fail "$1 does not ask systemd: $2"
    : >"$root/systemctl.log"
}

root_make
note_systemctl
package_build
cp "$T/$package" "$root/waarborg.deb"

# ---- Installed ------------------------------------------------------------------------------

done_inside apt-get -q -y --no-install-recommends install /waarborg.deb
expect_installed "$package_version"
expect_systemctl installation '^--system daemon-reload$'
expect_paths <<'PATHS'
750 root:waarborg /etc/waarborg
- - /etc/waarborg/waarborg.conf
- - /etc/waarborg/reference.key
PATHS
done_inside getent passwd waarborg
expect_out '^waarborg:x:[1-9][0-9]{2}:[1-9][0-9]{2}:[^:]*:/var/lib/waarborg:/usr/sbin/nologin$'
done_inside waarborg --version
expect_out "^waarborg $package_version\$"
done_inside waarborg --help
expect_out 'retention run'
as_waarborg check
expect_status 2
expect_err '/etc/waarborg/waarborg\.conf'

# ---- Run, as the README says ----------------------------------------------------------------

new_demo_db package
demo_policy | write_conf unsealed 'max_share = 1.0;'
root_configure
rows=$(row_count)
while read -r code arguments; do
    # shellcheck disable=SC2086 # words
    as_waarborg --as-of $AS_OF $arguments
    expect_status "$code"
done <<'COMMANDS'
0 migrate
0 check
0 retention plan
0 retention approve
0 retention run
0 archive verify
0 evidence verify
COMMANDS
left=$(row_count)
[ "$left" -lt "$rows" ] || fail "the run deleted nothing"
[ "$(find "$root/var/lib/waarborg/archive" -name '*.sql.gz' | wc -l)" -gt 0 ] || fail "nothing is archived"

# ---- Upgraded -------------------------------------------------------------------------------

echo 'A line of the administrator.' >>"$root/etc/waarborg/templates/letter.nl.txt"
chmod 751 "$root/etc/waarborg"
# What a person switched on, off for good, and set.
wants=/etc/systemd/system/timers.target.wants
mkdir -p "$root$wants" "$root/etc/systemd/system/waarborg-expire.timer.d"
ln -s /usr/lib/systemd/system/waarborg-retention.timer "$root$wants/"
ln -s /dev/null "$root/etc/systemd/system/waarborg-report.timer"
echo '[Timer]' >"$root/etc/systemd/system/waarborg-expire.timer.d/local.conf"
units_listing() {
    (cd "$root/etc/systemd/system" && find . -name 'waarborg*' -printf '%y %p %l\n' | sort)
}
units_listing >"$T/units"
evidence_listing >"$T/before"
higher_version 's/01:30/01:45/'
done_inside dpkg --force-confdef -i /newer.deb
# dpkg's own lines, and one of ours: what a person is to do now.
grep -vE '^(\(Reading|Preparing|Unpacking|Setting up|Configuration file|Installing new version)|^ *==> ' \
    "$T/out" >"$T/said" || :
[ "$(cut -c 1-45 "$T/said")" = 'waarborg: run waarborg migrate and waarborg c' ] ||
    fail "an upgrade says: $(cat "$T/said")"
evidence_listing | diff "$T/before" - || fail "the upgrade changes what is not the package's"
grep -q 'administrator' "$root/etc/waarborg/templates/letter.nl.txt" || fail "a changed template is replaced"
grep -q 'new version' "$root/etc/waarborg/templates/letter.nl.txt.dpkg-dist" || fail "the new one is not beside it"
grep -q 'new version' "$root/etc/waarborg/templates/reminder.en.txt" || fail "an unchanged template stays old"
rm "$root/etc/waarborg/templates/letter.nl.txt.dpkg-dist"
units_listing | diff "$T/units" - || fail "an upgrade changes what the administrator set"
grep -q '01:45' "$root/usr/lib/systemd/system/waarborg-retention.timer" || fail "a unit stays old"
zcat "$root/usr/share/man/man1/waarborg-hold.1.gz" | grep -q 'new version' || fail "a page of the manual stays old"
done_inside waarborg --version
# The same version once more asks for nothing.
done_inside dpkg --force-confdef -i /newer.deb
refute_out migrate
: >"$root/systemctl.log"

# ---- Removed, installed again ---------------------------------------------------------------

done_inside dpkg -r waarborg
expect_systemctl removal '^--system daemon-reload$'
expect_paths <<'PATHS'
- - /usr/sbin/waarborg
- - /etc/systemd/system/timers.target.wants/waarborg-retention.timer
600 root:root /etc/systemd/system/waarborg-expire.timer.d/local.conf
644 root:root /etc/waarborg/templates/letter.nl.txt
PATHS
done_inside getent passwd waarborg
evidence_listing | diff "$T/before" - || fail "removal changes what is not the package's"
done_inside dpkg --force-confdef -i /newer.deb
grep -q 'administrator' "$root/etc/waarborg/templates/letter.nl.txt" || fail "a changed template is lost"
as_waarborg --as-of $AS_OF retention plan
expect_status 0

# ---- Purged ---------------------------------------------------------------------------------

reports=/var/lib/waarborg-reports
for page in summary.html for-the-auditor.csv; do
    as_waarborg report summary --out $reports/$page
    [ "$status" -le 1 ] || fail "the page cannot be written there"
done
expect_paths <<'PATHS'
600 waarborg:waarborg-reports /var/lib/waarborg-reports/summary.html
PATHS
mkdir -p "$root/var/lib/systemd/timers"
: >"$root/var/lib/systemd/timers/stamp-waarborg-retention.timer"
done_inside dpkg -P waarborg
expect_out '^waarborg: .* evidence .*: /etc/waarborg /var/lib/waarborg /var/lib/waarborg-reports$'
expect_paths <<'PATHS'
- - /usr/sbin/waarborg
- - /var/lib/systemd/timers/stamp-waarborg-retention.timer
- - /var/lib/waarborg-reports/summary.html
600 waarborg:waarborg-reports /var/lib/waarborg-reports/for-the-auditor.csv
- - /etc/waarborg/templates
- - /usr/share/doc/waarborg
PATHS
rm "$root$reports/for-the-auditor.csv"
evidence_listing | diff "$T/before" - || fail "a purge touches archive, journal or keys"
[ -L "$root/etc/systemd/system/waarborg-report.timer" ] || fail "a purge takes away what the administrator set"
rm -r "$root/etc/systemd/system"/waarborg-*

done_inside dpkg -i /waarborg.deb
chmod 750 "$root/etc/waarborg"
expect_installed "$package_version"
as_waarborg --as-of $AS_OF evidence verify
expect_status 0
as_waarborg --as-of $AS_OF archive verify
expect_status 0

# Nothing was ever done with it: nothing stays, and nothing is said.
rm "$root/etc/waarborg/waarborg.conf" "$root/etc/waarborg/reference.key"
find "$root/var/lib/waarborg" -mindepth 1 ! -path '*/waarborg/archive' -delete
done_inside dpkg -P waarborg
refute_out evidence
expect_paths <<'PATHS'
- - /etc/waarborg
- - /var/lib/waarborg
- - /var/lib/waarborg-reports
PATHS
