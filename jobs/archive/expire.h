/* expire: the end of one segment.  Its file is destroyed: unlinked, and the directory fsynced; what
 * file systems and backups keep of it is theirs.  The manifest stays for ever.
 *
 * Order that survives a crash: the segment's row is locked; holds are looked for under the lock, in
 * a statement of its own; destroyed_at is set; COMMIT; the journal line; the file goes.  A file
 * that goes before COMMIT could be one that somebody has just held; one that is left after COMMIT
 * is removed by the next run, which also writes a line that is missing (reconcile.h). */
#pragma once

#include <stdint.h>

#include "common/db.h"
#include "common/journal.h"

struct expire_segment { /* everything borrowed */
    const char *id, *policy, *file, *sha256;
    uint64_t chain_no, subjects;
};

struct expire_job { /* everything borrowed */
    struct db *db;  /* with the run lock; reconcile() has been called */
    int archive_fd; /* archive_claim() */
    struct journal *journal;
    const char *as_of; /* ISO date: whose review is due */
    int64_t now;       /* seconds UTC */
};

enum expire_outcome {
    EXPIRE_DESTROYED,
    EXPIRE_MISSING, /* as destroyed, but there was no file */
    EXPIRE_HELD,
    EXPIRE_BUSY, /* somebody else has its row locked: a hold that is being placed */
};

/* ERR_IO before COMMIT when the file could not be removed: nothing is changed then.  *ret_holds:
 * what expire_holds gives for EXPIRE_HELD, otherwise NULL; the caller's.  Logs nothing. */
MUST_CHECK bool expire_segment(const struct expire_job *job, const struct expire_segment *segment,
                               enum expire_outcome *ret_outcome, struct db_result **ret_holds,
                               struct error *err);

/* The active holds that keep a segment: rows of sql/archive/find_archive_holds.sql. */
MUST_CHECK bool expire_holds(struct db *db, const char *segment_id, const char *as_of,
                             struct db_result **ret_holds, struct error *err);
