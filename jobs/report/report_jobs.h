/* report_jobs: the compliance reports (shared shape: report.h; what each shows: its own file).
 * They read only, in one snapshot of the database, and print no instant of their making: the same
 * input gives the same bytes. */
#pragma once

#include "jobs/job.h"

/* waarborg report NAME [WHAT] [--from DATE] [--to DATE] [--lang nl|en] [--format F] [--section KEY]
 * [--out FILE] */
MUST_CHECK bool report_show(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                            struct error *err);

/* waarborg report pack DIR [--sign KEY.pem]: all of them, with the evidence, for an auditor */
MUST_CHECK bool report_pack(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                            struct error *err);
