#include "jobs/roles/roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"
#include "jobs/retention/graph.h"
#include "jobs/retention/prepare.h"
#include "sql.h"

void roles_free(struct roles *r)
{
    json_decrefp(&r->created);
    json_decrefp(&r->refused);
    free(r->excess);
    grants_free(&r->grants);
    *r = (struct roles){0};
}

/* The graph alone: what graph_check wants is what is granted here. */
static bool gather_policy(struct db *db, const struct policy *policy, struct roles *r,
                          struct error *err)
{
    struct graph graph = {0};
    struct problem_list problems = {0};
    bool done = graph_build(db, policy, &graph, &problems, err);
    if (done && problems.refusals == 0)
        grants_add(&r->grants, &graph);
    if (done && problems.refusals > 0) {
        prepare_print_problems(stderr, &problems);
        json_array_append_new(r->refused, json_string(policy->name));
    }
    graph_free(&graph);
    problem_list_free(&problems);
    return done || error_context(err, "policy %s", policy->name);
}

bool roles_gather(const struct job_ctx *ctx, struct db *db, struct roles *ret, struct error *err)
{
    CLEANUP(roles_free)
    struct roles r = {.created = json_array(), .refused = json_array()};
    for (size_t i = 0; i < ctx->settings->policy_count; i++)
        if (!gather_policy(db, &ctx->settings->policies[i], &r, err))
            return false;
    *ret = r;
    r = (struct roles){0};
    return true;
}

static bool create(struct db *db, struct roles *r, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *roles = NULL;
    CLEANUP(text_free) struct text statements = {0};
    if (!db_query(db, DB_ROWS, sql_roles_list_roles, 0, NULL, &roles, err))
        return false;
    for (size_t i = 0; i < db_rows(roles); i++) {
        if (db_bool(roles, i, 1))
            continue;
        text_addf(&statements, " CREATE ROLE %s NOLOGIN;", db_text(roles, i, 0));
        json_array_append_new(r->created, json_string(db_text(roles, i, 0)));
    }
    if (json_array_size(r->created) > 0 && !db_bool(roles, 0, 2))
        return error_set(err, ERR_USAGE,
                         "user %s may not create roles: have a superuser run%s then run this again",
                         db_text(roles, 0, 3), text_get(&statements));
    return json_array_size(r->created) == 0 || db_script(db, sql_roles_create_roles, err);
}

/* A GRANT by somebody who has no right to give says so in a warning only. */
static bool grant_tables(struct db *db, const struct roles *r, struct error *err)
{
    CLEANUP(memory_release) char *missing = NULL;
    const char *statements = text_get(&r->grants.statements);
    if ((statements[0] != '\0' && !db_script(db, statements, err)) ||
        !grants_missing(db, &r->grants, &missing, err)) {
        if (strcmp(err->sqlstate, "42501") != 0)
            return false;
        CLEANUP(memory_release) char *said = memory_copy_text(err->message);
        return error_set(err, ERR_USAGE,
                         "we may not grant rights on a customer table (%s): have their owner or a "
                         "superuser run what waarborg migrate --print-roles prints",
                         said);
    }
    return missing == NULL ||
           error_set(err, ERR_USAGE,
                     "we may not grant rights on %s: have their owner or a superuser run what "
                     "waarborg migrate --print-roles prints",
                     missing);
}

/* Rights that an earlier policy needed.  Only told: a person may have granted them for a reason. */
static bool find_excess(struct db *db, struct roles *r, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *tables = NULL;
    CLEANUP(text_free) struct text list = {0};
    const char *params[] = {grants_tables(&r->grants)};
    if (json_array_size(r->refused) > 0) /* we do not know what they need */
        return true;
    if (!db_query(db, DB_ROWS, sql_roles_list_excess, 1, params, &tables, err))
        return false;
    for (size_t i = 0; i < db_rows(tables); i++)
        text_addf(&list,
                  "waarborg_job has %s on %s, which no policy needs\n"
                  "  mend: REVOKE ALL ON %s FROM waarborg_job;\n",
                  db_text(tables, i, 1), db_text(tables, i, 0), db_text(tables, i, 0));
    r->excess = list.length == 0 ? NULL : text_take(&list);
    return true;
}

bool roles_apply(const struct job_ctx *ctx, struct db *db, struct roles *r, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    char now[21];
    clock_format_utc(ctx->now, now);
    const char *params[] = {now};
    /* Roles of the cluster first, on their own: another database may be waiting to see them. */
    if (!create(db, r, err) || !db_tx_begin(db, DB_READ_COMMITTED, &tx, err) ||
        !db_script(db, sql_roles_grant_schema, err) ||
        !db_exec(db, sql_roles_put_in_force, COUNT_OF(params), params, err) ||
        !grant_tables(db, r, err) || !db_tx_commit(&tx, err) || !find_excess(db, r, err))
        return false;
    log_event(LOG_NOTICE, "migrate.roles", "created=%zu refused_policies=%zu",
              json_array_size(r->created), json_array_size(r->refused));
    return true;
}

void roles_print(const struct job_ctx *ctx, const struct roles *r)
{
    size_t index;
    json_t *name;
    char now[21];
    clock_format_utc(ctx->now, now);
    printf("%s\nBEGIN;\n\n%s\n-- ---- The roles hold in this database from now on ----\n"
           "INSERT INTO waarborg.roles_in_force (since, by)\n"
           "SELECT '%s', session_user ON CONFLICT DO NOTHING;\n\n"
           "-- ---- The tables of the policies' graphs ----\n%s",
           sql_roles_create_roles, sql_roles_grant_schema, now, text_get(&r->grants.statements));
    json_array_foreach(r->refused, index, name)
    {
        printf("-- Nothing for policy %s: its graph has faults (waarborg check).\n",
               json_string_value(name));
    }
    printf("\nCOMMIT;\n");
}
