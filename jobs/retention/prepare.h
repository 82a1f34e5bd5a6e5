/* prepare: a policy met with its database: graph, problems, fingerprint.  The common beginning of
 * check, plan, approve and run. */
#pragma once

#include <stdio.h>

#include "jobs/job.h"
#include "jobs/retention/fingerprint.h"

struct prepared {
    struct graph graph;
    struct problem_list problems;
    char *definition; /* NULL when the graph was refused */
    char fingerprint[DIGEST_HEX_SIZE];
};

/* false only when the database fails; refusals are in problems. */
MUST_CHECK bool prepare_policy(const struct job_ctx *ctx, struct db *db,
                               const struct policy *policy, struct prepared *ret,
                               struct error *err);
void prepared_free(struct prepared *p);

/* ERR_USAGE when there are refusals (for_run: those of a run, too); prints them on stderr, one a
 * line, with their mends. */
MUST_CHECK bool prepare_refuse(const struct prepared *p, const struct policy *policy, bool for_run,
                               struct error *err);

/* ERR_USAGE when nobody approved this fingerprint, or, where the roles are in force
 * (sql/schema/010_roles.sql), nobody but the role we run as; prints the difference on stderr. */
MUST_CHECK bool prepare_require_approval(struct db *db, const struct prepared *p,
                                         const struct policy *policy, struct error *err);

/* Prints problems for people: "refused: ... -> mend". */
void prepare_print_problems(FILE *stream, const struct problem_list *problems);
