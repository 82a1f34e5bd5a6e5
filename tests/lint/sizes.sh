#!/bin/sh
# Files of at most 500 lines, headers of at most 120.
#   sizes.sh SOURCE
set -eu
cd "$1"
find common jobs sql tests conf -type f \( -name '*.[ch]' -o -name '*.sql' -o -name '*.sh' \) \
    -exec awk '
    function judge() {
        limit = file ~ /\.h$/ ? 120 : 500
        if (lines > limit) {
            printf "%s has %d lines; %d are the limit\n", file, lines, limit
            faults = 1
        }
    }
    FNR == 1 { judge(); file = FILENAME }
    { lines = FNR }
    END { judge(); exit faults }' {} +
