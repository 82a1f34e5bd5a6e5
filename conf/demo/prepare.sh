#!/bin/sh
# Installs what is missing to build waarborg and to run its demo, with apt; nothing when all is
# there.  `prepare.sh tests` adds what only the tests need.  As another user than root: with sudo.
set -eu

packages='build-essential cmake ninja-build pkg-config libpq-dev libconfig-dev zlib1g-dev
    libssl-dev libjansson-dev libgmime-3.0-dev libcmocka-dev openssl'
[ "${1:-}" != tests ] || packages="$packages clang clang-format clang-tidy
    libclang-rt-dev mandoc spin time valgrind msmtp python3
    debootstrap dpkg-dev file lintian chromium poppler-utils systemd"

command -v dpkg-query >/dev/null 2>&1 || {
    echo "This is no Debian: please install what matches these packages: $packages" >&2
    exit 2
}

missing=''
for package in $packages; do
    case $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) in
    ?i*) ;;
    *) missing="$missing $package" ;;
    esac
done
server=''
for postgres in /usr/lib/postgresql/*/bin/postgres; do
    [ ! -x "$postgres" ] || server=$postgres
done
[ -n "$missing" ] || [ -z "$server" ] || exit 0

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
    echo "Not installed:$missing${server:- postgresql-15}." >&2
    echo "There is no sudo here; run  sh $0 $*  once as root." >&2
    exit 2
fi

log=$(mktemp)
snippet=''
clean_up() {
    rm -f "$log"
    [ -z "$snippet" ] || as_root rm -f "$snippet"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Waits, five minutes, for another apt (a fresh machine may just be updating itself); tells what apt
# said only when it fails.
apt() {
    patience=60
    until as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -y \
        -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1; do
        patience=$((patience - 1))
        if ! grep -q 'Could not get lock' "$log" || [ "$patience" -eq 0 ]; then
            cat "$log" >&2
            exit 1
        fi
        sleep 5
    done
}

# What packages leave in /etc must be readable whatever the caller's umask is.
umask 022
[ -n "$server" ] || missing="$missing postgresql-15"
echo "With apt, a minute or two:$missing"
apt update
if [ -z "$server" ]; then
    # Debian's package makes and starts a cluster `main`, unless told not to: a machine that only
    # looks at the demo is left without one.
    snippet=/etc/postgresql-common/createcluster.d/waarborg-demo.conf
    as_root mkdir -p "${snippet%/*}"
    echo 'create_main_cluster = false' | as_root tee "$snippet" >/dev/null
fi
# shellcheck disable=SC2086 # a list of words
apt --no-install-recommends install $missing
