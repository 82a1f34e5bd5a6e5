# Files of metrics, in tests.  Source it after lib.sh.
#
#   expect_prometheus FILE...         each can be read by a strict reader (prometheus.py), no metric is
#                                     in two of them, and anybody may read them
#   expect_sample FILE VALUE SAMPLE   the value of a sample, written as in the file; '' when there is none
#
# promtool looks at them, too, where it is installed (Debian: prometheus).  It is not asked for: the
# package is large, and starts a service.

expect_prometheus() {
    command -v python3 >/dev/null 2>&1 || skip "python3 is not installed, with which metrics are read"
    python3 "$ROOT/tests/harness/prometheus.py" "$@" >&2 || fail "the metrics are not in the text format"
    for metrics_path; do
        [ "$(stat -c %a "$metrics_path")" = 644 ] || fail "the collector cannot read $metrics_path"
        [ "$(find "${metrics_path%/*}" -maxdepth 1 -name '.*.prom*')" = '' ] || fail "a temporary file is left"
        ! command -v promtool >/dev/null 2>&1 ||
            promtool check metrics <"$metrics_path" >"$T/promtool" 2>&1 ||
            fail "promtool on $metrics_path: $(cat "$T/promtool")"
    done
}

expect_sample() {
    actual=$(awk -v name="$3" 'substr($0, 1, length(name) + 1) == name " " { print $NF }' "$1")
    [ "$actual" = "$2" ] || fail "expected '$2' for $3, got '$actual'"
}
