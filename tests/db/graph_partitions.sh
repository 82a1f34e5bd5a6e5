# Partitioned tables, keys on some partitions, and tables that inherit.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/db/cases/cycle.sh"
run_cases graph_partitions "${1:-}"
