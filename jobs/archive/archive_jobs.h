/* archive_jobs: the commands about the archive (jobs/job.h). */
#pragma once

#include "jobs/job.h"

MUST_CHECK bool archive_list(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                             struct error *err);
MUST_CHECK bool archive_show(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                             struct error *err);

/* Without configuration it needs --dir. */
MUST_CHECK bool archive_verify(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                               struct error *err);
MUST_CHECK bool archive_restore(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                                struct error *err);

/* Destroys the files of segments past archive.keep; JOB_ATTENTION as the help says. */
MUST_CHECK bool archive_expire(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                               struct error *err);
