/* scan: one set-based pass over all subjects of a policy fills the worklist. */
#pragma once

#include "jobs/job.h"
#include "jobs/retention/graph.h"

struct scan_result {
    int64_t subjects; /* in the subject table */
    int64_t due;      /* those that could not go before among them */
    int64_t held, blocked, uncovered;
    int64_t took_ms;
};

/* In a transaction of its own.  The policy must be registered. */
MUST_CHECK bool scan_fill_worklist(const struct job_ctx *ctx, struct db *db, const struct graph *g,
                                   struct scan_result *ret, struct error *err);

/* Registers what the subject of the policy is (waarborg.policy), so that holds can lock it. */
MUST_CHECK bool scan_register_policy(struct db *db, const struct graph *g, struct error *err);
