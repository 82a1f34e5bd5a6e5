#!/bin/sh
# Installs what is missing to build waarborg and to run its demo, with apt; nothing when all is
# there.  `prepare.sh tests` adds what only the tests need.  As another user than root: with sudo.
set -eu

packages='build-essential cmake ninja-build pkg-config libpq-dev libconfig-dev zlib1g-dev
    libssl-dev libjansson-dev libcmocka-dev openssl'
[ "${1:-}" != tests ] || packages="$packages clang-format clang-tidy time"

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

as_root apt-get -q update
if [ -z "$server" ]; then
    missing="$missing postgresql-15"
    # Debian's package makes and starts a cluster `main`, unless told not to: a machine that only
    # looks at the demo is left without one.
    snippet=/etc/postgresql-common/createcluster.d/waarborg-demo.conf
    remove_snippet() {
        as_root rm -f "$snippet"
    }
    trap remove_snippet EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    as_root mkdir -p "${snippet%/*}"
    echo 'create_main_cluster = false' | as_root tee "$snippet" >/dev/null
fi
# shellcheck disable=SC2086 # a list of words
as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing
