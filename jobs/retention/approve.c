#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/retention/prepare.h"
#include "jobs/retention/retention_jobs.h"
#include "jobs/retention/scan.h"
#include "jobs/schema/schema.h"
#include "sql.h"

static bool record(const struct job_ctx *ctx, struct db *db, const struct prepared *p,
                   int64_t *ret_number, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(memory_release) char *user = job_os_user();
    char now[21];
    clock_format_utc(ctx->now, now);
    const char *params[] = {p->graph.policy->name, p->fingerprint, p->definition, now, user};
    if (!db_tx_begin(db, DB_READ_COMMITTED, &tx, err) ||
        !scan_register_policy(db, &p->graph, err) ||
        !db_query(db, DB_ONE_ROW, sql_retention_insert_approval, COUNT_OF(params), params, &r, err))
        return false;
    *ret_number = db_int(r, 0, 0);
    return db_tx_commit(&tx, err);
}

static bool approve(const struct job_ctx *ctx, struct db *db, const struct policy *policy,
                    json_t *results, struct error *err)
{
    CLEANUP(prepared_free) struct prepared p = {0};
    int64_t number = 0;
    if (!prepare_policy(ctx, db, policy, &p, err) || !prepare_refuse(&p, policy, false, err) ||
        !record(ctx, db, &p, &number, err))
        return false;
    log_event(LOG_NOTICE, "retention.approved", "policy=%s version=%s approval=%lld fingerprint=%s",
              policy->name, policy->version, (long long)number, p.fingerprint);
    if (!ctx->json)
        printf(
            "Policy %s, version %s, is approved on this schema: %zu tables, fingerprint %.16s...\n",
            policy->name, policy->version, p.graph.table_count, p.fingerprint);
    json_array_append_new(results, json_pack("{s:s, s:s, s:I, s:s}", "policy", policy->name,
                                             "version", policy->version, "approval",
                                             (json_int_t)number, "fingerprint", p.fingerprint));
    return true;
}

bool retention_approve(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                       struct error *err)
{
    static const char text[] =
        "Records that this policy, on the schema as it is now, is what the organisation wants.\n"
        "`retention run` refuses when either has changed since.  Look at `retention plan` first.";
    const char *name = NULL;
    const struct option_spec specs[] = {
        {"policy", 'p', OPTION_TEXT, "NAME", "this policy only", &name, 0, 0}, {0}};
    char **words;
    int count;
    bool help = false;
    *ret_exit = JOB_DONE;
    if (!job_parse_options(ctx->job, NULL, text, specs, argc, argv, &words, &count, &help, err) ||
        help)
        return help;
    const struct policy *only = NULL;
    CLEANUP(db_close) struct db *db = NULL;
    if ((name != NULL && !settings_policy(ctx->settings, name, &only, err)) ||
        !job_open_db(ctx, "retention.approve", 5000, &db, err) || !schema_require(db, err))
        return false;
    json_t *results = json_array();
    bool done = true;
    for (size_t i = 0; done && i < ctx->settings->policy_count; i++)
        if (only == NULL || only == &ctx->settings->policies[i])
            done = approve(ctx, db, &ctx->settings->policies[i], results, err);
    if (done && ctx->json)
        render_json(stdout, results);
    json_decref(results);
    return done;
}
