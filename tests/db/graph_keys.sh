# Foreign keys of every shape: composite, several between two tables, on other than the primary key.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/db/cases/cycle.sh"
run_cases graph_keys "${1:-}"
