#include "jobs/evidence/evidence_jobs.h"
bool evidence_subject(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                      struct error *err)
{
    (void)ctx; (void)argc; (void)argv; (void)ret_exit;
    return error_set(err, ERR_USAGE, "not yet");
}
