# Names that need quoting, and values of every type.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/db/cases/cycle.sh"
run_cases graph_names "${1:-}"
