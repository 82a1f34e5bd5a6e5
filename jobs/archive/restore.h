/* restore: puts a segment, or one subject of it, back into the database, in one transaction:
 * parents first, records of who and why, a hold on every subject that is back.  On any conflict
 * nothing has changed.  Never logs, writes no journal line. */
#pragma once

#include "common/db.h"
#include "jobs/archive/manifest_read.h"

struct restore_request { /* everything borrowed */
    const struct manifest *manifest;
    const struct text *gzip;            /* of the segment, checked */
    const char *const *subject_key;     /* one value a key column; NULL = the whole segment */
    const unsigned char *reference_key; /* DIGEST_SIZE bytes, for a subject */
    const char *reason;
    const char *review_on; /* ISO date, of the holds */
    const char *at;        /* ISO 8601, UTC */
    const char *os_user;
};

struct restore_result {
    uint64_t subjects, rows;
    uint64_t relinked;               /* rows that stayed and got back what had been set to NULL */
    uint64_t emptied;                /* values that refer to something that is gone by now */
    char reference[DIGEST_HEX_SIZE]; /* "" for the whole segment */
};

/* The run lock is held by db.  ERR_USAGE: not in the ledger like this, destroyed, restored before,
 * no such subject, a table or column gone. */
MUST_CHECK bool restore_segment(struct db *db, const struct restore_request *request,
                                struct restore_result *ret, struct error *err);
