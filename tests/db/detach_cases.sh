# Columns that are emptied on rows that stay.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/db/cases/cycle.sh"
run_cases detach "${1:-}"
