# Tables that refer to themselves, to each other, and back to the subject.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/db/cases/cycle.sh"
run_cases graph_cycles "${1:-}"
