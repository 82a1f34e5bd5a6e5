/* retention_jobs: the commands of this area; see jobs/job.h for the contract. */
#pragma once

#include "jobs/job.h"

MUST_CHECK bool retention_check(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                                struct error *err);
MUST_CHECK bool retention_plan(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                               struct error *err);
MUST_CHECK bool retention_approve(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                                  struct error *err);
MUST_CHECK bool retention_run(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                              struct error *err);
MUST_CHECK bool retention_status(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                                 struct error *err);
