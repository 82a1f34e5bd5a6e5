/* migrate: the command that creates or upgrades the schema `waarborg`. */
#pragma once

#include "jobs/job.h"

/* waarborg migrate: applies the embedded migrations that the database has not had, each in one
 * transaction under a lock, so that two at once are safe.  ERR_USAGE when the database is newer
 * than the program or a right is missing, ERR_INTEGRITY when a recorded digest is not that of the
 * embedded file, ERR_BUSY when another migrate does not end. */
MUST_CHECK bool schema_migrate(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                               struct error *err);
