#!/bin/sh
# Builds this checkout into a directory; prints nothing unless that fails.
#   build.sh DIRECTORY [TARGET [cmake options]]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
directory=$1
target=${2:-all}
[ $# -lt 2 ] && shift || shift 2

# A checkout that was moved or copied brings a cache that names its old place, which cmake refuses.
if [ -f "$directory/CMakeCache.txt" ] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$directory/CMakeCache.txt"; then
    rm -rf "$directory/CMakeCache.txt" "$directory/CMakeFiles"
fi
[ -f "$directory/CMakeCache.txt" ] || set -- -G Ninja "$@"
cmake -S "$root" -B "$directory" "$@" >/dev/null
# Both make and ninja print what fails on stdout, among what does not.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --build "$directory" --target "$target" --parallel "$(nproc)" >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}
