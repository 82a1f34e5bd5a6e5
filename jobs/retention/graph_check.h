/* graph_check: is it safe to delete along this graph?  Every refusal of the design, each with its
 * mend.  Reads the catalogue only. */
#pragma once

#include "jobs/retention/graph.h"
#include "jobs/settings/settings.h"

/* false only when the database fails. */
MUST_CHECK bool graph_check(struct db *db, const struct graph *g, const struct settings *settings,
                            struct problem_list *problems, struct error *err);
