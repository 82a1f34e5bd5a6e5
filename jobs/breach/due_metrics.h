/* due_metrics: the clocks of the register as metrics (common/metrics.h). */
#pragma once

#include "common/metrics.h"
#include "jobs/breach/due_list.h"

/* Every metric of breach due, also those that have no sample now.  ERR_USAGE for a path that names
 * no file, or whose directory is not there. */
MUST_CHECK bool due_metrics_write(const char *path, const struct due_list *list, struct error *err);
