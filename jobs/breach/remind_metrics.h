/* remind_metrics: what breach remind leaves for monitoring (common/metrics.h).  The figures of
 * breach due stand here under names of their own: both files may be in one directory. */
#pragma once

#include "jobs/breach/due_list.h"
#include "jobs/job.h"

struct remind_call { /* what this call did */
    size_t sent, failed, dropped, put_off;
    int exit_code;
};

/* False when the file could not be written, and stays as it was: that has been logged then. */
MUST_CHECK bool remind_metrics_write(const struct job_ctx *ctx, struct db *db,
                                     const struct remind_call *call, const char *path);
