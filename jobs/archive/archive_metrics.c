#include "jobs/archive/archive_metrics.h"

#include "common/log.h"
#include "common/metrics.h"
#include "sql.h"

#define VERIFY "waarborg_archive_verify_"
#define ARCHIVE "waarborg_archive_"
#define EXPIRE ARCHIVE "expire_"

bool verify_metrics_write(const struct job_ctx *ctx, const struct verify_result *r,
                          const char *path, int exit_code)
{
    CLEANUP(metrics_free) struct metrics m = {0};
    struct error err = {0};
    const struct {
        const char *name, *help;
        uint64_t value;
    } figures[] = {
        {"segments", "Segments that were looked at.", r->segments},
        {"destroyed_segments", "Of them, destroyed as it is recorded.", r->destroyed},
        {"opened_segments", "Of them, opened and read down to the rows.", r->opened},
        {"unopened_segments", "Of them, sealed for others than the key that was given.",
         r->unopened},
        {"bytes", "Size of the files that were read.", r->bytes},
        {"faults", "Things that do not hold.", r->fault_count},
    };
    for (size_t i = 0; i < COUNT_OF(figures); i++)
        metrics_figure(&m, VERIFY, figures[i].name, figures[i].help, (int64_t)figures[i].value);
    metrics_add_call(&m, VERIFY, exit_code, ctx->now);
    metrics_add_success(&m, path, VERIFY, r->fault_count == 0, ctx->now);
    if (metrics_write(&m, path, &err))
        return true;
    log_failure("archive.verify.metrics_failed", "", &err);
    return false;
}

/* ---- expire ---- */

enum state { STATE_KEPT, STATE_EXPIRED, STATE_HELD, STATES };

struct present {
    int64_t segments[STATES], bytes[STATES];
};

static bool count_present(const struct job_ctx *ctx, struct db *db, struct present *ret,
                          struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, DB_ROWS, sql_archive_count_present, 0, NULL, &r, err))
        return false;
    for (size_t row = 0; row < db_rows(r); row++) {
        struct local_date created;
        if (!local_date_parse(db_text(r, row, 0), &created, err))
            return false;
        struct local_date kept =
            rule_last_kept(created, ctx->settings->archive.keep_window, WINDOW_EXACT);
        enum state state = local_date_compare(ctx->as_of, kept) <= 0 ? STATE_KEPT
                           : db_bool(r, row, 1)                      ? STATE_HELD
                                                                     : STATE_EXPIRED;
        ret->segments[state] += db_int(r, row, 2);
        ret->bytes[state] += db_int(r, row, 3);
    }
    return true;
}

static void add_states(struct metrics *m, const int64_t values[static STATES])
{
    static const char *const states[] = {"kept", "expired", "held"};
    for (size_t i = 0; i < STATES; i++)
        metrics_add(m, &(struct metric_label){"state", states[i]}, 1, values[i]);
}

static bool write_expire(const struct job_ctx *ctx, struct db *db, const struct expire_call *call,
                         const char *path, struct error *err)
{
    CLEANUP(db_close) struct db *again = NULL;
    CLEANUP(metrics_free) struct metrics m = {0};
    struct present present = {0};
    if ((db_is_lost(db) &&
         !job_open_db(ctx, "archive.expire", ctx->settings->run.lock_timeout_ms, &again, err)) ||
        !count_present(ctx, again == NULL ? db : again, &present, err))
        return false;
    metrics_begin(&m, ARCHIVE, "segments",
                  "Segments that are there: kept by their term, past it (expired), or past it and "
                  "held.");
    add_states(&m, present.segments);
    metrics_begin(&m, ARCHIVE, "bytes", "Size of these segments.");
    add_states(&m, present.bytes);
    metrics_figure(&m, EXPIRE, "destroyed_segments", "Segments that the last call destroyed.",
                   (int64_t)call->destroyed);
    metrics_figure(&m, EXPIRE, "destroyed_bytes", "Size of these segments.",
                   (int64_t)call->destroyed_bytes);
    metrics_figure(&m, EXPIRE, "missing_segments",
                   "Of these segments, those whose file somebody else had removed.",
                   (int64_t)call->missing);
    metrics_figure(&m, EXPIRE, "busy_segments",
                   "Segments that somebody else had locked; the next call tries again.",
                   (int64_t)call->busy);
    metrics_add_call(&m, EXPIRE, call->exit_code, ctx->now);
    metrics_add_success(&m, path, EXPIRE, call->success, ctx->now);
    return metrics_write(&m, path, err);
}

bool expire_metrics_write(const struct job_ctx *ctx, struct db *db, const struct expire_call *call,
                          const char *path)
{
    struct error err = {0};
    if (write_expire(ctx, db, call, path, &err))
        return true;
    log_failure("archive.expire.metrics_failed", "", &err);
    return false;
}
