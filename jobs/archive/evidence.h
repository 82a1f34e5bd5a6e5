/* evidence: what directory, ledger and journal say about the archive, read at one moment at which
 * no run is between its file, its COMMIT and its journal line.  Never logs. */
#pragma once

#include "jobs/archive/ledger.h"
#include "jobs/archive/store.h"
#include "jobs/job.h"

struct journal_segment { /* one line of event "segment" */
    char *id;
    char *manifest_sha256;
};

struct evidence { /* initialise to {.store.root_fd = -1} */
    struct store store;
    bool has_ledger;
    struct ledger ledger;
    uint64_t head_no;
    char *head_sha256;
    bool has_journal;
    char *journal_fault; /* it does not hold in itself: the sentence, and has_journal is false */
    struct journal_segment *lines;
    size_t line_count, line_capacity;
};

/* dir: a copy of the archive, looked at without database, NULL for the archive of the settings.
 * journal: path, NULL: none for a copy, that of the settings otherwise.  ERR_BUSY while a run is
 * at work and the three do not agree. */
MUST_CHECK bool evidence_load(const struct job_ctx *ctx, const char *dir, const char *journal,
                              struct evidence *ret, struct error *err);
void evidence_free(struct evidence *e);

/* The journal's line about this segment, or NULL. */
const struct journal_segment *evidence_line(const struct evidence *e, const char *id);
