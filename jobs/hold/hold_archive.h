/* hold_archive: holds on subjects that were disposed of.  Such a hold has no key, only the
 * reference, and keeps the segments with this subject from being destroyed (waarborg archive
 * expire).  Journal lines tell of it and of its end, so that it outlives a restored database.
 * Never logs. */
#pragma once

#include "common/db.h"
#include "common/digest.h"
#include "common/journal.h"
#include "jobs/job.h"

struct hold_archive_request { /* everything borrowed */
    const struct policy *policy;
    const char *key; /* text[], a word a column as it was given */
    const char *kind, *reason;
    const char *review; /* NULL = none */
    const char *at, *os_user;
};

struct hold_archive { /* initialise to {0} */
    int64_t id;
    char reference[DIGEST_HEX_SIZE];
    char **segments; /* those that it keeps */
    size_t segment_count;
};

/* Was anybody ever disposed of? */
MUST_CHECK bool hold_archive_exists(struct db *db, bool *ret_exists, struct error *err);

/* Waits for an expiry in progress.  ERR_BLOCKED when no segment has the subject (SQLSTATE WB005),
 * or all that had it are destroyed (WB006); ERR_INTEGRITY without journal, or with another
 * reference key than the journal's. */
MUST_CHECK bool hold_archive_place(const struct job_ctx *ctx, struct db *db,
                                   const struct hold_archive_request *request,
                                   struct hold_archive *ret, struct error *err);
void hold_archive_free(struct hold_archive *h);

/* For a hold that has a reference: before it is released.  A missing journal is ERR_INTEGRITY. */
MUST_CHECK bool hold_archive_open_journal(const struct job_ctx *ctx, struct journal **ret,
                                          struct error *err);
