# The four formats of a report beside each other.  Source it after lib.sh.
#
#   same_places [--as-of DAY] report NAME...   CSV, and HTML and text in both languages, say what the
#                                              JSON says, each value at its place (report_places.py);
#                                              the JSON is left in $T/json, the exit code in $status

same_places() {
    places=
    waarborg "$@" --json --lang nl
    same_status=$status
    [ "$status" -le 1 ] || fail "there is no report"
    cp "$T/out" "$T/json"
    waarborg "$@" --format csv
    cp "$T/out" "$T/csv"
    for language in nl en; do
        for format in html text; do
            waarborg "$@" --format $format --lang $language
            expect_status "$same_status"
            cp "$T/out" "$T/$language.$format"
        done
        places="$places $language $T/$language.html $T/$language.text"
    done
    waarborg "$@" --json
    # A moment later, when the day that is judged by is today.
    sed '/^  "judged_at": /d' "$T/out" >"$T/later"
    sed '/^  "judged_at": /d' "$T/json" | cmp -s "$T/later" - || fail "the JSON depends on the language"
    # shellcheck disable=SC2086 # words
    python3 "$ROOT/tests/harness/report_places.py" "$T/json" "$T/csv" $places >"$T/places" || {
        head -n 20 "$T/places" >&2
        fail "the formats differ"
    }
}
