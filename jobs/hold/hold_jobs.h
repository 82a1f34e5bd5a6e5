/* hold_jobs: reasons why a subject must stay, whatever the rules say.  Enforced in the database by
 * the deleting transaction, which looks for them under its lock of the subject. */
#pragma once

#include "jobs/job.h"

/* waarborg hold add KEY... --kind K --reason TEXT [--review DATE] [--policy NAME].
 * Waits for a disposal in progress; a subject that is gone is held in the archive (hold_archive.h).
 * ERR_BLOCKED (exit code 1) when it is not there either. */
MUST_CHECK bool hold_add(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                         struct error *err);

/* waarborg hold release ID --reason TEXT.  The end of a hold on an archived subject is written into
 * the journal. */
MUST_CHECK bool hold_release(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                             struct error *err);

/* waarborg hold list [--all] [--policy NAME].  JOB_ATTENTION from the day on that an active hold is
 * to be reviewed. */
MUST_CHECK bool hold_list(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                          struct error *err);
