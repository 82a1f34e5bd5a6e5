/* statement_list: every statement a run may send for this policy, with placeholders for the keys,
 * in the order of the protocol: what `plan --sql` prints and `check` has the server plan. */
#pragma once

#include "jobs/retention/graph.h"

/* sql: without final semicolon.  Returns false with err set to stop. */
typedef bool statement_visit(void *context, const char *title, const char *sql, struct error *err);

MUST_CHECK bool statement_list(const struct graph *g, const char *timezone, struct local_date as_of,
                               statement_visit *visit, void *context, struct error *err);
