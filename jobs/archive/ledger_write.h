/* ledger_write: a segment is written into the ledger: by the batch that disposed of its subjects,
 * or again from its manifest when the database forgot it.  In the caller's transaction.  Never
 * logs. */
#pragma once

#include "common/db.h"
#include "jobs/archive/manifest.h"

struct ledger_entry { /* everything borrowed */
    const char *segment_id, *policy;
    int64_t run_id; /* the run must be in waarborg.run */
    uint64_t chain_no;
    const char *file;       /* path below the archive directory, without endings */
    const char *created_at; /* ISO 8601, UTC */
    uint64_t rows, bytes;   /* rows that were deleted; bytes of the file */
    const char *sha256, *manifest_sha256, *previous_sha256;
    const struct segment_member_result *members;
    size_t member_count;
    const struct manifest_reference *references; /* one a subject */
    size_t reference_count;
};

/* Segment, its tables, the disposal records; the chain of manifests now ends here. */
MUST_CHECK bool ledger_write(struct db *db, const struct ledger_entry *entry, struct error *err);
