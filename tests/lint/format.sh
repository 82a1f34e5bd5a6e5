#!/bin/sh
# Every C file is as .clang-format has it.
#   format.sh SOURCE
set -eu
cd "$1"
wrong=$(find common jobs tests -name '*.[ch]' | sort | while read -r file; do
    clang-format --dry-run -Werror "$file" 2>/dev/null || echo "$file"
done)
[ -z "$wrong" ] || {
    echo "clang-format -i $(echo "$wrong" | tr '\n' ' ')"
    exit 1
}
