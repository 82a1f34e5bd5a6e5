/* workers: the threads that dispose of batches, and the one that watches over them. */
#pragma once

#include "jobs/retention/night.h"
#include "jobs/retention/prepare.h"

/* Starts the workers and waits for them; meanwhile signals, the end of the window and the progress
 * line are its business.  *ret_reason: why it ended early, NULL when all work was done (constant
 * text). err: the first failure of a worker. */
MUST_CHECK bool workers_run(struct night *n, int64_t deadline_ms, uint64_t due,
                            const char **ret_reason, struct error *err);
