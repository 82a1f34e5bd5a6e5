/* plan: what a run would do, without doing it: one read-only transaction a policy. */
#pragma once

#include "jobs/job.h"

/* only: NULL = every policy.  with_sql: print the statements instead.  *ret_exit: JOB_ATTENTION
 * when subjects are blocked. */
MUST_CHECK bool plan_show(const struct job_ctx *ctx, const struct policy *only, bool with_sql,
                          int *ret_exit, struct error *err);
