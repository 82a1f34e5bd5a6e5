/* run_metrics: what retention run leaves for monitoring (common/metrics.h): for each policy of the
 * configuration how it stands, how its last run went and when one last came to its end, all from
 * the tables, so that a run that was refused or failed tells it as well. */
#pragma once

#include "common/metrics.h"
#include "jobs/job.h"

/* Asks db, or a new session when its connection is lost; with the run lock, so that no other run
 * changes what is told.  False when the file could not be written, and stays as it was: that has
 * been logged then. */
MUST_CHECK bool run_metrics_write(const struct job_ctx *ctx, struct db *db, const char *path,
                                  int exit_code);
