# Links, tables outside, columns that look like keys, missing indexes, rules and triggers: what is
# refused, with which mend, and what is let through.
. "$(dirname "$0")/../harness/lib.sh"
. "$ROOT/tests/db/cases/cycle.sh"
run_cases graph_refusals "${1:-}"
