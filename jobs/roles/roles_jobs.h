/* roles_jobs: the command `migrate`: schema, and with --roles the database roles. */
#pragma once

#include "jobs/job.h"

MUST_CHECK bool roles_migrate(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                              struct error *err);
