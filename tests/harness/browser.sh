# Pages in a browser.  Source it after lib.sh; without one the test is skipped.
#
#   browse PAGE   what browser.py finds wrong with it is in $T/out, its exit code in $status, and what it
#                 makes of the page in $T/seen

command -v chromium >/dev/null 2>&1 || skip "chromium is not installed"

browse() {
    last_command="browser.py $1"
    status=0
    python3 "$ROOT/tests/harness/browser.py" "$1" "$T/seen" >"$T/out" 2>"$T/err" || status=$?
    [ "$status" -ne 77 ] || skip "chromium does not start here"
}
