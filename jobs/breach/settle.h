/* settle: what became of a transaction whose COMMIT was not answered. */
#pragma once

#include "common/db.h"
#include "jobs/job.h"

enum settled {
    SETTLED_COMMITTED,
    SETTLED_NOT, /* rolled back: nothing of it is there */
    SETTLED_UNKNOWN
};

/* Commits.  When the connection is lost meanwhile, asks the server over a new one, for some
 * seconds; that one takes the place of *db when the transaction was committed after all. xid: the
 * transaction (pg_current_xact_id), as text.  err is set unless SETTLED_COMMITTED. */
MUST_CHECK enum settled settle_commit(const struct job_ctx *ctx, struct db **db, struct db_tx **tx,
                                      const char *xid, struct error *err);
