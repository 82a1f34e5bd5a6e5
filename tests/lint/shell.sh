#!/bin/sh
# Every shell script can be read by sh; where shellcheck is installed it finds nothing either.
#   shell.sh SOURCE
set -eu
cd "$1"
find . -path "./build*" -prune -o -name '*.sh' -type f -print | sort | while read -r script; do
    sh -n "$script"
    if command -v shellcheck >/dev/null 2>&1; then
        # 1090, 1091: sourced files are checked by themselves; 2034, 2154: variables of the harness.
        shellcheck -S warning -s sh -e SC1090,SC1091,SC2034,SC2154 "$script"
    fi
done
bash -n .ci/run
