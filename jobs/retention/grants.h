/* grants: the rights on customer tables that the graph of a policy needs, as statements.
 *
 * waarborg_job gets what graph_check asks for, and no more: SELECT and DELETE on the tables whose
 * rows go, INSERT to put them back (archive restore), UPDATE of the columns that are set to NULL,
 * or of one column where rows are only locked; SELECT on the tables that guard owned rows.
 * waarborg_dpo gets SELECT on the same tables, to look before it approves.
 *
 * Only for a graph without refusals. */
#pragma once

#include "common/text.h"
#include "jobs/retention/graph.h"

struct grants { /* start with {0} */
    struct text statements;
    struct text proofs; /* rows of VALUES: name of a table, are its rights there? */
    struct text tables; /* regclass[] literal under construction, see grants_tables */
};

void grants_add(struct grants *grants, const struct graph *g);
void grants_free(struct grants *grants);

/* All tables as a regclass[] literal, borrowed; nothing may be added after it. */
const char *grants_tables(struct grants *grants);

/* The names of tables, separated by commas, on which a right is still missing; NULL when none is.
 * The caller frees *ret. */
MUST_CHECK bool grants_missing(struct db *db, const struct grants *grants, char **ret,
                               struct error *err);
