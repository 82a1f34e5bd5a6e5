/* evidence_jobs: the commands that answer what happened, and whether the evidence holds
 * (jobs/job.h). */
#pragma once

#include "jobs/job.h"

MUST_CHECK bool evidence_subject(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                                 struct error *err);

/* Without configuration it needs DIR. */
MUST_CHECK bool evidence_verify(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                                struct error *err);
