#!/bin/sh
# Includes show the layers: each folder may include only what stands beside its name here.
#   layering.sh SOURCE
set -eu
cd "$1"

faults=0
check() { # FOLDER ALLOWED, an extended regular expression for what stands between the quotes
    [ -d "$1" ] || return 0
    # main.c stands above all of them.
    found=$(grep -snE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$1"/*.[ch] /dev/null |
        grep -v '^jobs/main\.c:' | grep -vE "include[[:space:]]*\"($2)\"" || :)
    [ -n "$found" ] || return 0
    echo "$1 may include only \"($2)\":"
    echo "$found"
    faults=1
}

base='common/[^"]*'
settings="$base|jobs/settings/[^\"]*"
shared="$settings|jobs/job\\.h|jobs/schema/[^\"]*|sql\\.h"

check common "$base|style\\.h" # generated of common/report.css
check jobs/settings "$settings"
check jobs "$settings|jobs/[^\"/]*"
check jobs/schema "$shared"
for folder in jobs/*/; do
    area=$(basename "$folder")
    case $area in
    settings | schema) ;;
    retention | hold) check "jobs/$area" "$shared|jobs/$area/[^\"]*|jobs/archive/[^\"]*" ;;
    evidence | breach | roles) check "jobs/$area" "$shared|jobs/$area/[^\"]*|jobs/(archive|retention)/[^\"]*" ;;
    report) check "jobs/$area" "$shared|jobs/$area/[^\"]*|jobs/(archive|retention|breach|evidence|hold)/[^\"]*" ;;
    *) check "jobs/$area" "$shared|jobs/$area/[^\"]*" ;;
    esac
done

if grep -rnE '#[[:space:]]*include[[:space:]]*"[^"]*main\.[ch]"' common jobs tests; then
    echo "Nothing includes main."
    faults=1
fi
exit $faults
