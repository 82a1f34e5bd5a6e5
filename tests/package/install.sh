# The Debian package in a clean root directory: installed, run, upgraded, removed, purged, and once
# more installed.  Nothing of the root is mounted where others see it, so nothing can stay behind.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/harness/night.sh"
. "$ROOT/tests/harness/package.sh"

[ "$(id -u)" -eq 0 ] || skip "only root can install into a root directory"
for tool in debootstrap cpack dpkg-deb dpkg-shlibdeps unshare; do
    command -v "$tool" >/dev/null 2>&1 || skip "no $tool; sh conf/demo/prepare.sh tests installs it"
done
unshare --mount mount -t tmpfs none /mnt 2>"$T/err" ||
    skip "this machine does not let root mount anything: $(cat "$T/err")"

# ---- The root directory ---------------------------------------------------------------------

# With mounts of its own, which end with the command: proc, and the socket of the test's server.
cat >"$T/enter" <<'ENTER'
set -eu
root=$1 socket=$2
shift 2
umask 022
mount -t proc proc "$root/proc"
mkdir -p "$root/run/postgresql"
: >"$root/run/postgresql/${socket##*/}"
mount --bind "$socket" "$root/run/postgresql/${socket##*/}"
exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive "$@"
ENTER

# inside COMMAND...: in the root; output in $T/out, messages in $T/err, exit code in $status.
inside() {
    last_command=$* status=0
    unshare --mount sh "$T/enter" "$root" "$PGHOST/.s.PGSQL.$PGPORT" "$@" >"$T/out" 2>"$T/err" </dev/null ||
        status=$?
}
done_inside() {
    inside "$@"
    expect_status 0
}
as_waarborg() {
    inside runuser -u waarborg -- waarborg "$@"
}

make_root() {
    # The machine's own release, mirror and proxy: the package was built against its libraries.
    # shellcheck disable=SC1091
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
        awk -v release="$release" '$2 == release && $3 == "main" { print $1; exit }')
    apt-config dump | grep -E '^Acquire::(http|https|Check-[A-Za-z-]*|Retries|ForceIPv[46])\b.* ".+";$' \
        >"$T/apt.conf" || :
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    mkdir -p "$root/etc/dpkg/dpkg.cfg.d" "$root/etc/apt/apt.conf.d"
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/test"
    cp "$T/apt.conf" "$root/etc/apt/apt.conf.d/90test"
    chmod -R go=rX "$root"
    last_command="debootstrap $release ${mirror:=http://deb.debian.org/debian}" status=0
    (
        umask 022
        [ -z "${proxy:-}" ] || export http_proxy="$proxy"
        unshare --mount debootstrap --variant=minbase "$release" "$root" "$mirror"
    ) >"$T/out" 2>"$T/err" </dev/null || status=$?
    [ "$status" -eq 0 ] || {
        ! grep -qE "Failed getting release file|Couldn't download|Unable to (connect|fetch)" "$T/out" "$T/err" ||
            skip "no Debian mirror: $(grep -hE '^E:' "$T/out" "$T/err" | tail -n 1)"
        fail "debootstrap cannot make a root directory"
    }
    inside apt-get -q update
    [ "$status" -eq 0 ] || skip "apt does not reach $mirror: $(tail -n 1 "$T/err")"
    # A stand-in that only notes what is asked of systemd; the directory says that systemd runs.
    cat >"$root/usr/bin/systemctl" <<'SYSTEMCTL'
#!/bin/sh
echo "$*" >>/systemctl.log
SYSTEMCTL
    chmod 755 "$root/usr/bin/systemctl"
    mkdir -p "$root/run/systemd/system"
    : >"$root/systemctl.log"
}

# ---- What is there --------------------------------------------------------------------------

# expect_paths: on stdin lines of mode, owner:group (of the root), path; - for what must not be there.
expect_paths() {
    while read -r mode owner path; do
        if [ "$mode" = - ]; then
            [ ! -e "$root$path" ] && [ ! -L "$root$path" ] || fail "$path is there"
            continue
        fi
        inside stat -c '%a %U:%G' "$path"
        [ "$(cat "$T/out")" = "$mode $owner" ] ||
            fail "$path: expected $mode $owner, got $(cat "$T/out" "$T/err")"
    done
}

expect_installed() {
    done_inside dpkg-query -W -f '${db:Status-Abbrev}${Version}' waarborg
    expect_out "^ii +$1\$"
    done_inside dpkg --verify waarborg
    expect_paths <<'PATHS'
755 root:root /usr/sbin/waarborg
700 waarborg:waarborg /var/lib/waarborg
700 waarborg:waarborg /var/lib/waarborg/archive
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

# higher_version: $T/newer.deb, one version up, with two other templates.
higher_version() {
    newer=$package_version.1
    umask 022
    dpkg-deb -R "$T/$package" "$T/newer"
    sed -i "s/^Version: .*/Version: $newer/" "$T/newer/DEBIAN/control"
    echo 'A line of the new version.' | tee -a "$T/newer/etc/waarborg/templates/letter.nl.txt" \
        >>"$T/newer/etc/waarborg/templates/reminder.en.txt"
    (cd "$T/newer" && find etc usr -type f -exec md5sum {} + >DEBIAN/md5sums)
    dpkg-deb --root-owner-group -b "$T/newer" "$T/newer.deb" >/dev/null
    umask 077
}

root=$T/root
mkdir -m 755 "$root"
chmod 711 "$T"
make_root
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
sed -i -e "s|host='[^']*'|host=/run/postgresql|" -e "s|$T/reference.key|/etc/waarborg/reference.key|" \
    -e "s|$T/|/var/lib/waarborg/|" "$T/waarborg.conf"
cp "$T/waarborg.conf" "$root/etc/waarborg/waarborg.conf"
cp "$T/reference.key" "$root/etc/waarborg/reference.key"
done_inside chown root:waarborg /etc/waarborg/waarborg.conf
done_inside chown waarborg: /etc/waarborg/reference.key
chmod 640 "$root/etc/waarborg/waarborg.conf"
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
evidence_listing >"$T/before"
higher_version
cp "$T/newer.deb" "$root/newer.deb"
done_inside dpkg --force-confdef -i /newer.deb
# dpkg's own lines, and nothing of ours.
grep -vE '^(\(Reading|Preparing|Unpacking|Setting up|Configuration file|Installing new version)|^ *==> ' \
    "$T/out" >"$T/said" || :
[ ! -s "$T/said" ] || fail "an upgrade says: $(cat "$T/said")"
evidence_listing | diff "$T/before" - || fail "the upgrade changes what is not the package's"
grep -q 'administrator' "$root/etc/waarborg/templates/letter.nl.txt" || fail "a changed template is replaced"
grep -q 'new version' "$root/etc/waarborg/templates/letter.nl.txt.dpkg-dist" || fail "the new one is not beside it"
grep -q 'new version' "$root/etc/waarborg/templates/reminder.en.txt" || fail "an unchanged template stays old"
rm "$root/etc/waarborg/templates/letter.nl.txt.dpkg-dist"
done_inside waarborg --version
: >"$root/systemctl.log"

# ---- Removed, installed again ---------------------------------------------------------------

# What a person switched on.
mkdir -p "$root/etc/systemd/system/timers.target.wants"
ln -s /usr/lib/systemd/system/waarborg-retention.timer "$root/etc/systemd/system/timers.target.wants/"
done_inside dpkg -r waarborg
expect_systemctl removal '^--system daemon-reload$'
expect_paths <<'PATHS'
- - /usr/sbin/waarborg
- - /etc/systemd/system/timers.target.wants/waarborg-retention.timer
644 root:root /etc/waarborg/templates/letter.nl.txt
PATHS
done_inside getent passwd waarborg
evidence_listing | diff "$T/before" - || fail "removal changes what is not the package's"
done_inside dpkg --force-confdef -i /newer.deb
grep -q 'administrator' "$root/etc/waarborg/templates/letter.nl.txt" || fail "a changed template is lost"
as_waarborg --as-of $AS_OF retention plan
expect_status 0

# ---- Purged ---------------------------------------------------------------------------------

done_inside dpkg -P waarborg
expect_out '^waarborg: .* evidence .*: /etc/waarborg /var/lib/waarborg$'
expect_paths <<'PATHS'
- - /usr/sbin/waarborg
- - /etc/waarborg/templates
- - /usr/share/doc/waarborg
PATHS
evidence_listing | diff "$T/before" - || fail "a purge touches archive, journal or keys"

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
PATHS
