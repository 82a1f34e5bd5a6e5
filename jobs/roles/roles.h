/* roles: waarborg_job, waarborg_security, waarborg_dpo and waarborg_auditor, roles without login of
 * the whole cluster, and what they may do in this database.
 *
 * The rights in the schema waarborg stand in sql/roles/grant_schema.sql; those on the customer
 * tables follow from the graph of each policy (jobs/retention/grants.h).  All of it can be done
 * again at any time.  From the first time on the rules of sql/schema/010_roles.sql hold: who runs
 * does not approve. */
#pragma once

#include <jansson.h>

#include "jobs/job.h"
#include "jobs/retention/grants.h"

struct roles {
    json_t *created; /* names */
    json_t *refused; /* names of policies whose graph could not be built */
    char *excess;    /* tables that no policy needs, with their rights and the mend; or NULL */
    struct grants grants;
};
void roles_free(struct roles *r);

/* Gathers what the policies of the settings need.  What is wrong with a graph goes to stderr, its
 * policy to ret->refused. */
MUST_CHECK bool roles_gather(const struct job_ctx *ctx, struct db *db, struct roles *ret,
                             struct error *err);

/* Creates the roles that are missing and sets the rights, in one transaction.  ERR_USAGE, with what
 * a superuser has to run, when we may not create a role or grant a right. */
MUST_CHECK bool roles_apply(const struct job_ctx *ctx, struct db *db, struct roles *r,
                            struct error *err);

/* Prints on stdout what roles_apply would run, for psql. */
void roles_print(const struct job_ctx *ctx, const struct roles *r);
