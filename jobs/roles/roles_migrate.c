#include <stdio.h>

#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/roles/roles.h"
#include "jobs/roles/roles_jobs.h"
#include "jobs/schema/migrate.h"
#include "jobs/schema/schema.h"
#include "sql.h"

static void print_schema(const struct migrate_result *m)
{
    size_t index;
    json_t *name;
    json_array_foreach(m->applied, index, name)
    {
        printf("Applied %s.\n", json_string_value(name));
    }
    printf("The schema waarborg is %s %s.\n",
           json_array_size(m->applied) == 0 ? "up to date, nothing to do: it is at" : "now at",
           m->name);
}

static void print_roles(const struct job_ctx *ctx, const struct roles *r)
{
    size_t index;
    json_t *name;
    json_array_foreach(r->created, index, name)
    {
        printf("Created role %s.\n", json_string_value(name));
    }
    printf("Set the rights of waarborg_job, waarborg_security, waarborg_dpo, waarborg_auditor.\n");
    json_array_foreach(r->refused, index, name)
    {
        printf("Not set: the rights on the tables of policy %s, whose graph has faults; mend them "
               "and run this again.\n",
               json_string_value(name));
    }
    if (ctx->settings->policy_count == 0)
        printf("Not set: rights on customer tables; there is no policy yet.\n");
    if (r->excess != NULL)
        fputs(r->excess, stdout);
    printf("Give them to logins, for example: GRANT waarborg_job TO <user of the nightly job>;\n");
}

static void print_json(const struct migrate_result *m, const struct roles *r)
{
    json_t *result =
        json_pack("{s:O,s:s,s:i}", "applied", m->applied, "at", m->name, "number", m->number);
    if (r->created != NULL)
        json_object_set_new(result, "roles",
                            json_pack("{s:O,s:O,s:s?}", "created", r->created, "refused_policies",
                                      r->refused, "excess", r->excess));
    render_json(stdout, result);
    json_decref(result);
}

/* New tables and functions are nobody's until the roles are set again. */
static bool warn_of_roles(struct db *db, const struct migrate_result *m, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *in_force = NULL;
    if (json_array_size(m->applied) == 0)
        return true;
    if (!db_query(db, DB_ONE_ROW, sql_roles_are_in_force, 0, NULL, &in_force, err))
        return false;
    if (db_bool(in_force, 0, 0))
        fprintf(stderr, "This database uses the roles of waarborg: run waarborg migrate --roles, "
                        "too, for what is new.\n");
    return true;
}

static bool migrate(const struct job_ctx *ctx, struct db *db, bool with_roles, int *ret_exit,
                    struct error *err)
{
    CLEANUP(migrate_result_free) struct migrate_result m = {0};
    CLEANUP(roles_free) struct roles r = {0};
    if (!schema_migrate(db, ctx->now, &m, err) ||
        (with_roles ? !roles_gather(ctx, db, &r, err) || !roles_apply(ctx, db, &r, err)
                    : !warn_of_roles(db, &m, err)))
        return false;
    if (ctx->json)
        print_json(&m, &r);
    else
        print_schema(&m);
    if (with_roles && !ctx->json)
        print_roles(ctx, &r);
    bool whole =
        json_array_size(r.refused) == 0 && r.excess == NULL && ctx->settings->policy_count > 0;
    *ret_exit = with_roles && !whole ? JOB_ATTENTION : JOB_DONE;
    return true;
}

static bool print(const struct job_ctx *ctx, struct db *db, int *ret_exit, struct error *err)
{
    CLEANUP(roles_free) struct roles r = {0};
    if (!schema_require(db, err) || !roles_gather(ctx, db, &r, err))
        return false;
    roles_print(ctx, &r);
    *ret_exit = json_array_size(r.refused) > 0 ? JOB_ATTENTION : JOB_DONE;
    return true;
}

bool roles_migrate(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                   struct error *err)
{
    static const char text[] =
        "Creates the schema waarborg (approvals, worklist, holds, ledger, breach register) in the\n"
        "database, or upgrades it to what this program needs.  Safe to run again, and by\n"
        "two at once: each step is one transaction and recorded with its digest.  A\n"
        "database that a newer program has upgraded is left alone.\n"
        "\n"
        "--roles creates these roles, and sets exactly their rights; run it again after an\n"
        "upgrade, or when a policy or the customer tables changed:\n"
        "  waarborg_job       the nightly job: the rights its policies need, no decisions\n"
        "  waarborg_security  the breach register, by its functions; no customer tables\n"
        "  waarborg_dpo       reads all, approves policies, places and releases holds\n"
        "  waarborg_auditor   reads ledger, audit log, register; no customer keys\n"
        "From then on a member of waarborg_job cannot approve a policy or release a hold.\n"
        "They have no login; grant them to those who do: GRANT waarborg_job TO nightly;";
    bool roles = false;
    bool print_only = false;
    const struct option_spec specs[] = {
        {"roles", 0, OPTION_FLAG, NULL, "create the database roles and set their rights", &roles, 0,
         0},
        {"print-roles", 0, OPTION_FLAG, NULL,
         "print the statements of --roles, for a DBA and psql; change nothing", &print_only, 0, 0},
        {0}};
    CLEANUP(db_close) struct db *db = NULL;
    char **words;
    int count;
    bool help;
    *ret_exit = JOB_DONE;
    if (!job_parse_options(ctx->job, NULL, text, specs, argc, argv, &words, &count, &help, err))
        return false;
    if (help)
        return true;
    if (roles && print_only)
        return error_set(err, ERR_USAGE, "--roles and --print-roles exclude one another");
    if (!job_open_db(ctx, "migrate", MIGRATE_LOCK_TIMEOUT_MS, &db, err))
        return false;
    return print_only ? print(ctx, db, ret_exit, err) : migrate(ctx, db, roles, ret_exit, err);
}
