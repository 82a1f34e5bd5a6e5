/* again: subjects that were disposed of, and are back because the database was restored to an
 * earlier point (`retention run --re-erase`).  What was forgotten stands in the ledger again
 * (jobs/archive/adopt.h), and who may be back in waarborg.returned, by reference only. */
#pragma once

#include "common/digest.h"
#include "jobs/job.h"
#include "jobs/retention/graph.h"
#include "jobs/retention/scan.h"

/* One pass over the keys of the subject table: whoever has one of these references goes on the
 * worklist as due, with the rule and the day of the first time, and takes the place of whatever
 * stood there; who was restored from an archive after the disposal is held again instead; who is
 * not there needs nothing more.  In a transaction of its own.  *ret: subjects looked at, and due.
 * ERR_USAGE when the policy's subject has another table or key than at the time: nobody would be
 * found. */
MUST_CHECK bool again_fill_worklist(const struct job_ctx *ctx, struct db *db, const struct graph *g,
                                    const unsigned char reference_key[static DIGEST_SIZE],
                                    struct scan_result *ret, struct error *err);

/* ERR_INTEGRITY while somebody was not even looked for (a --re-erase was cut off): an ordinary run
 * would delete who is to be held. */
MUST_CHECK bool again_refuse_unlooked(struct db *db, struct error *err);

/* How many of this policy's are back and still here. */
MUST_CHECK bool again_count_left(struct db *db, const struct policy *policy, int64_t *ret,
                                 struct error *err);
