#!/bin/sh
# A program that is installed has no places at which it can be killed: a build with the default options
# holds no fault point, and one with -DFAULT_POINTS=ON does (else the search would prove nothing).
#   release.sh SOURCE
set -eu
build=$(mktemp -d "${TMPDIR:-/tmp}/waarborg-release.XXXXXXXX")
trap 'rm -rf "$build"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

first_point=$(grep -rhoE 'FAULT_POINT\("[^"]+"\)' "$1/common" "$1/jobs" --include='*.c' |
    sed -n '1s/.*"\(.*\)".*/\1/p')
holds_points() {
    grep -qE "WAARBORG_FAULT_|fault_point" "$build/waarborg" ||
        grep -qF "$first_point" "$build/waarborg"
}

[ -n "$first_point" ]
sh "$1/conf/demo/build.sh" "$build" waarborg -DCMAKE_BUILD_TYPE=Release
if holds_points; then
    echo "a build with the default options holds fault points"
    exit 1
fi
sh "$1/conf/demo/build.sh" "$build" waarborg -DFAULT_POINTS=ON
holds_points || {
    echo "a build with -DFAULT_POINTS=ON holds no fault point"
    exit 1
}
