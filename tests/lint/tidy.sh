#!/bin/sh
# clang-tidy on every C file of the program, one file per call: several in one call gave a false
# finding about va_list.
#   tidy.sh SOURCE BUILD     BUILD holds compile_commands.json, made without sanitizers
set -eu
cd "$1"
[ -f "$2/compile_commands.json" ] || {
    echo "$2 has no compile_commands.json; configure it with cmake first" >&2
    exit 1
}
find common jobs -name '*.c' | sort |
    xargs -P 2 -I FILE sh -c 'clang-tidy -p "$1" --quiet "$2" 2>"$3.$$" && rm -f "$3.$$" ||
        { cat "$3.$$"; rm -f "$3.$$"; exit 1; }' tidy "$2" FILE "$(mktemp -u "${TMPDIR:-/tmp}/tidy.XXXXXX")"
