# Parents that go with the last row that refers to them.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/db/cases/cycle.sh"
run_cases owned "${1:-}"
