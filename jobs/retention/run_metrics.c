#include "jobs/retention/run_metrics.h"

#include <string.h>

#include "common/db.h"
#include "common/log.h"
#include "sql.h"

#define PREFIX "waarborg_retention_"
#define DAY INT64_C(86400)

/* Columns of show_metrics.sql. */
enum column {
    POLICY,
    DUE,
    BLOCKED,
    HELD,
    UNCOVERED,
    OVERDUE,
    OLDEST_DAYS,
    DISPOSED,
    ROWS,
    BYTES,
    SEGMENTS,
    MILLISECONDS,
    OUTCOME,
    FINISHED,
    SUCCESS,
};

static const struct figure {
    const char *name, *help;
    enum column column;
    int64_t factor;
} figures[] = {
    {"overdue_subjects", "Subjects that should have gone before the day of the run and are there.",
     OVERDUE, 1},
    {"oldest_overdue_seconds", "How long the oldest of them is overdue, in days of 86400 seconds.",
     OLDEST_DAYS, DAY},
    {"last_run_subjects", "Subjects that the last run disposed of.", DISPOSED, 1},
    {"last_run_rows", "Rows that the last run archived and deleted.", ROWS, 1},
    {"last_run_bytes", "Size of the segments that the last run wrote.", BYTES, 1},
    {"last_run_segments", "Segments that the last run wrote.", SEGMENTS, 1},
    {"last_run_timestamp_seconds",
     "When the last run ended, in seconds since 1970; 0: there was none, or it was cut off.",
     FINISHED, 1},
    {"last_success_timestamp_seconds",
     "When a run last came to its end, in seconds since 1970; 0: never.", SUCCESS, 1},
};

static void add_figures(struct metrics *m, const struct db_result *r)
{
    for (size_t i = 0; i < COUNT_OF(figures); i++) {
        const struct figure *f = &figures[i];
        metrics_begin(m, PREFIX, f->name, f->help);
        for (size_t row = 0; row < db_rows(r); row++)
            metrics_add(m, &(struct metric_label){"policy", db_text(r, row, POLICY)}, 1,
                        db_int(r, row, (int)f->column) * f->factor);
    }
}

static void add_states(struct metrics *m, const struct db_result *r)
{
    static const struct {
        const char *state;
        enum column column;
    } states[] = {{"due", DUE}, {"blocked", BLOCKED}, {"held", HELD}, {"uncovered", UNCOVERED}};
    metrics_begin(m, PREFIX, "subjects",
                  "Subjects on the worklist: due and still there, blocked (could not go), held, or "
                  "uncovered by any rule.");
    for (size_t row = 0; row < db_rows(r); row++)
        for (size_t i = 0; i < COUNT_OF(states); i++) {
            const struct metric_label labels[] = {{"policy", db_text(r, row, POLICY)},
                                                  {"state", states[i].state}};
            metrics_add(m, labels, COUNT_OF(labels), db_int(r, row, (int)states[i].column));
        }
}

static void add_outcomes(struct metrics *m, const struct db_result *r)
{
    static const char *const outcomes[] = {"done", "attention", "stopped", "failed", "unfinished"};
    metrics_begin(m, PREFIX, "last_run_outcome",
                  "1 for how the last run ended, 0 for the others; unfinished: it was cut off.");
    for (size_t row = 0; row < db_rows(r); row++) {
        bool ran = db_text(r, row, DISPOSED) != NULL;
        const char *outcome = db_text(r, row, OUTCOME);
        for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
            const struct metric_label labels[] = {{"policy", db_text(r, row, POLICY)},
                                                  {"outcome", outcomes[i]}};
            bool is = ran && strcmp(outcome == NULL ? "unfinished" : outcome, outcomes[i]) == 0;
            metrics_add(m, labels, COUNT_OF(labels), is);
        }
    }
}

static void add_durations(struct metrics *m, const struct db_result *r)
{
    metrics_begin(m, PREFIX, "last_run_duration_seconds",
                  "How long the last run took, scan and work.");
    for (size_t row = 0; row < db_rows(r); row++)
        metrics_add_real(m, &(struct metric_label){"policy", db_text(r, row, POLICY)}, 1,
                         (double)db_int(r, row, MILLISECONDS) / 1000);
}

static bool load(const struct job_ctx *ctx, struct db *db, struct db_result **ret,
                 struct error *err)
{
    CLEANUP(text_free) struct text policies = {0};
    char as_of[11];
    local_date_format(ctx->as_of, as_of);
    for (size_t i = 0; i < ctx->settings->policy_count; i++)
        db_array_add(&policies, ctx->settings->policies[i].name);
    const char *params[] = {db_array_close(&policies), as_of};
    return db_query(db, DB_ROWS, sql_retention_show_metrics, COUNT_OF(params), params, ret, err);
}

static bool write_all(const struct job_ctx *ctx, struct db *db, const char *path, int exit_code,
                      struct error *err)
{
    CLEANUP(db_close) struct db *again = NULL;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(metrics_free) struct metrics m = {0};
    if ((db_is_lost(db) &&
         !job_open_db(ctx, "retention.run", ctx->settings->run.lock_timeout_ms, &again, err)) ||
        !load(ctx, again == NULL ? db : again, &r, err))
        return false;
    add_states(&m, r);
    add_figures(&m, r);
    add_outcomes(&m, r);
    add_durations(&m, r);
    metrics_add_call(&m, PREFIX "run_", exit_code, ctx->now);
    return metrics_write(&m, path, err);
}

bool run_metrics_write(const struct job_ctx *ctx, struct db *db, const char *path, int exit_code)
{
    struct error err = {0};
    if (write_all(ctx, db, path, exit_code, &err))
        return true;
    log_failure("retention.run.metrics_failed", "", &err);
    return false;
}
