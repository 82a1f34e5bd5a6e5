# Files of metrics, in tests.  Source it after lib.sh.
#
#   expect_prometheus FILE...         each can be read by a strict reader (prometheus.py), no metric is
#                                     in two of them, and anybody may read them
#   sample FILE SAMPLE                the value of a sample, written as in the file; '' when there is none
#   expect_sample FILE VALUE SAMPLE   it is VALUE
#   expect_now FILE SAMPLE            it is an instant of the last minute
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

sample() {
    awk -v name="$2" 'substr($0, 1, length(name) + 1) == name " " { print $NF }' "$1"
}

expect_sample() {
    actual=$(sample "$1" "$3")
    [ "$actual" = "$2" ] || fail "expected '$2' for $3, got '$actual'"
}

expect_now() {
    age=$(($(date +%s) - $(sample "$1" "$2")))
    [ "$age" -ge 0 ] && [ "$age" -lt 60 ] || fail "$2 is $age s old"
}
