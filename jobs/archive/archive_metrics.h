/* archive_metrics: what archive verify and archive expire leave for monitoring (common/metrics.h).
 * Each false means that the file could not be written, and stays as it was: that has been logged
 * then. */
#pragma once

#include "jobs/archive/verify.h"

MUST_CHECK bool verify_metrics_write(const struct job_ctx *ctx, const struct verify_result *r,
                                     const char *path, int exit_code);

struct expire_call { /* what this call did */
    size_t destroyed, missing, busy;
    uint64_t destroyed_bytes;
    bool success;
    int exit_code;
};

/* What is there of the archive comes from the ledger: from db, or a new session when its connection
 * is lost; with the run lock, so that nobody changes it. */
MUST_CHECK bool expire_metrics_write(const struct job_ctx *ctx, struct db *db,
                                     const struct expire_call *call, const char *path);
