# A clean root directory of the release of Debian that this machine has, in which a package can be
# installed.  Source it after lib.sh.
#
#   root_make                 makes it, in $root: once a day, then copied (beside $WAARBORG_PACKAGE_BUILD)
#   inside COMMAND...         runs a command in it: output in $T/out, messages in $T/err, $status
#   done_inside COMMAND...    the same, and it must end well
#   as_waarborg ARGUMENTS     the program in it, as the user of the jobs
#   root_configure            $T/waarborg.conf and its key, as an administrator places them in it
#   expect_paths              on stdin lines of mode, owner:group (of the root) and path; - - for what
#                             must not be there
#
# Nothing of the root is mounted where others see it, so nothing can stay behind.

[ "$(id -u)" -eq 0 ] || skip "only root can install into a root directory"
for tool in debootstrap cpack dpkg-deb dpkg-shlibdeps unshare; do
    command -v "$tool" >/dev/null 2>&1 || skip "no $tool; sh conf/demo/prepare.sh tests installs it"
done
unshare --mount mount -t tmpfs none /mnt 2>"$T/err" ||
    skip "this machine does not let root mount anything: $(cat "$T/err")"

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

# root_fill: debootstrap and what apt knows, in $root.
root_fill() {
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
        unshare --mount debootstrap --variant=minbase --include=systemd "$release" "$root" "$mirror"
    ) >"$T/out" 2>"$T/err" </dev/null || status=$?
    [ "$status" -eq 0 ] || {
        ! grep -qE "Failed getting release file|Couldn't download|Unable to (connect|fetch)" "$T/out" "$T/err" ||
            skip "no Debian mirror: $(grep -hE '^E:' "$T/out" "$T/err" | tail -n 1)"
        fail "debootstrap cannot make a root directory"
    }
    inside apt-get -q update
    [ "$status" -eq 0 ] || skip "apt does not reach $mirror: $(tail -n 1 "$T/err")"
    done_inside apt-get -q clean
}

root_make() {
    root=$T/root
    root_kept=${WAARBORG_PACKAGE_BUILD:-$ROOT/build/package}.root.tar
    mkdir -p "${root_kept%/*}"
    mkdir -m 755 "$root"
    chmod 711 "$T"
    # Two tests want it at the same time: the second waits for the first.  fail and skip end the subshell.
    (
        flock 8
        if [ -n "$(find "$root_kept" -mtime -1 2>/dev/null)" ]; then
            tar -x -p --numeric-owner -f "$root_kept" -C "$root"
        else
            root_fill
            tar -c --numeric-owner -f "$root_kept.new" -C "$root" .
            mv "$root_kept.new" "$root_kept"
        fi
    ) 8>"$root_kept.lock" || exit $?
}

root_configure() {
    sed -i -e "s|host='[^']*'|host=/run/postgresql|" -e "s|$T/reference.key|/etc/waarborg/reference.key|" \
        -e "s|$T/|/var/lib/waarborg/|" "$T/waarborg.conf"
    cp "$T/waarborg.conf" "$root/etc/waarborg/waarborg.conf"
    cp "$T/reference.key" "$root/etc/waarborg/reference.key"
    done_inside chown root:waarborg /etc/waarborg/waarborg.conf
    done_inside chown waarborg: /etc/waarborg/reference.key
    chmod 640 "$root/etc/waarborg/waarborg.conf"
}

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

# higher_version SED-SCRIPT: $T/newer.deb, one version up ($newer), with two other templates, and its
# control file, manual and units edited: SED-SCRIPT is for waarborg-retention.timer.
higher_version() {
    newer=$package_version.1
    umask 022
    dpkg-deb -R "$T/$package" "$T/newer"
    sed -i "s/^Version: .*/Version: $newer/" "$T/newer/DEBIAN/control"
    echo 'A line of the new version.' | tee -a "$T/newer/etc/waarborg/templates/letter.nl.txt" \
        >>"$T/newer/etc/waarborg/templates/reminder.en.txt"
    sed -i "$1" "$T/newer/usr/lib/systemd/system/waarborg-retention.timer"
    gzip -d "$T/newer/usr/share/man/man1/waarborg-hold.1.gz"
    echo '.\" A line of the new version.' >>"$T/newer/usr/share/man/man1/waarborg-hold.1"
    gzip -9n "$T/newer/usr/share/man/man1/waarborg-hold.1"
    (cd "$T/newer" && find etc usr -type f -exec md5sum {} + >DEBIAN/md5sums)
    dpkg-deb --root-owner-group -b "$T/newer" "$T/newer.deb" >/dev/null
    cp "$T/newer.deb" "$root/newer.deb"
    umask 077
}
