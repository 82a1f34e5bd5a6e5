#include "jobs/retention/scan.h"

#include "common/clock.h"
#include "common/memory.h"
#include "jobs/retention/judge.h"
#include "sql.h"

bool scan_register_policy(struct db *db, const struct graph *g, struct error *err)
{
    CLEANUP(memory_release)
    char *key = db_array_text((const char *const *)g->subject_key, g->subject_key_count);
    const char *params[] = {g->policy->name, g->policy->subject.schema, g->policy->subject.table,
                            key};
    return db_exec(db, sql_hold_register_policy, COUNT_OF(params), params, err);
}

static bool fill(const struct job_ctx *ctx, struct db *db, const struct graph *g, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *number = NULL;
    CLEANUP(text_free) struct text sql = {0};
    char now[21];
    clock_format_utc(ctx->now, now);
    if (!db_query(db, DB_ONE_ROW, sql_retention_next_scan, 0, NULL, &number, err))
        return false;
    const char *scan = db_text(number, 0, 0);
    const char *params[] = {now, scan};
    const char *old[] = {g->policy->name, scan};
    /* One statement of one session, once a night: room to keep its hash tables off the disk. */
    if (!db_exec(db, "SET LOCAL work_mem = '64MB'", 0, NULL, err))
        return false;
    judge_fill_worklist(&sql, g, ctx->settings->timezone, ctx->as_of);
    return db_exec(db, text_get(&sql), COUNT_OF(params), params, err) &&
           db_exec(db, sql_retention_drop_old_scan, COUNT_OF(old), old, err);
}

static bool count(struct db *db, const struct graph *g, struct scan_result *result,
                  struct error *err)
{
    CLEANUP(db_result_free) struct db_result *worklist = NULL;
    CLEANUP(db_result_free) struct db_result *subjects = NULL;
    CLEANUP(text_free) struct text sql = {0};
    const char *params[] = {g->policy->name};
    text_add(&sql, "SELECT count(*) FROM ");
    belonging_from(&sql, &g->tables[0]);
    if (!db_query(db, DB_ONE_ROW, sql_retention_count_worklist, 1, params, &worklist, err) ||
        !db_query(db, DB_ONE_ROW, text_get(&sql), 0, NULL, &subjects, err))
        return false;
    result->subjects = db_int(subjects, 0, 0);
    result->due = db_int(worklist, 0, 0);
    result->held = db_int(worklist, 0, 1);
    result->blocked = db_int(worklist, 0, 2);
    result->uncovered = db_int(worklist, 0, 3);
    return true;
}

bool scan_fill_worklist(const struct job_ctx *ctx, struct db *db, const struct graph *g,
                        struct scan_result *ret, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    struct scan_result result = {0};
    int64_t started = clock_monotonic_ms();
    if (!db_tx_begin(db, DB_READ_COMMITTED, &tx, err) || !fill(ctx, db, g, err) ||
        !count(db, g, &result, err) || !db_tx_commit(&tx, err))
        return error_context(err, "scan of policy %s", g->policy->name);
    result.took_ms = clock_monotonic_ms() - started;
    *ret = result;
    return true;
}
