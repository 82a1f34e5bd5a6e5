#include "jobs/breach/remind_metrics.h"

#include "common/log.h"
#include "common/metrics.h"

#define PREFIX "waarborg_breach_remind_"

static bool write_all(const struct job_ctx *ctx, struct db *db, const struct remind_call *call,
                      const char *path, struct error *err)
{
    CLEANUP(due_list_free) struct due_list list = {0};
    CLEANUP(metrics_free) struct metrics m = {0};
    if (!due_list_load(db, ctx->now, CLOCK_NEAR_SECONDS, &list, err))
        return false;
    const struct clock_view *next = due_list_next(&list);
    metrics_figure(&m, PREFIX, "open_clocks", "Clocks that go, with a limit or without.",
                   (int64_t)list.open);
    metrics_figure(&m, PREFIX, "overdue_clocks", "Clocks whose limit has passed.",
                   (int64_t)list.overdue);
    metrics_figure(&m, PREFIX, "near_clocks",
                   "Clocks whose limit is 12 hours away or less and has not passed.",
                   (int64_t)list.near);
    metrics_begin(&m, PREFIX, "next_limit_seconds",
                  "Seconds to the limit that comes or came first, negative when it has passed; no "
                  "sample when no clock has one.");
    if (next != NULL)
        metrics_add(&m, NULL, 0, next->at.due_at - list.now);
    metrics_figure(&m, PREFIX, "sent_mails", "Reminders that the last call sent.",
                   (int64_t)call->sent);
    metrics_figure(&m, PREFIX, "failed_mails",
                   "Reminders that the mail system did not take; the next call tries again.",
                   (int64_t)call->failed);
    metrics_figure(&m, PREFIX, "dropped_mails", "Reminders that were not needed any more.",
                   (int64_t)call->dropped);
    metrics_figure(&m, PREFIX, "waiting_mails",
                   "Reminders that the last call did not get to; the next call does.",
                   (int64_t)call->put_off);
    metrics_add_call(&m, PREFIX, call->exit_code, ctx->now);
    metrics_add_success(&m, path, PREFIX, call->exit_code == JOB_DONE, ctx->now);
    return metrics_write(&m, path, err);
}

bool remind_metrics_write(const struct job_ctx *ctx, struct db *db, const struct remind_call *call,
                          const char *path)
{
    struct error err = {0};
    if (write_all(ctx, db, call, path, &err))
        return true;
    log_failure("breach.remind.metrics_failed", "", &err);
    return false;
}
