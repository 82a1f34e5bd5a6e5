/* evidence: what directory, ledger and journal say about the archive, read at one moment at which
 * no run is between its file, its COMMIT and its journal line.  Never logs. */
#pragma once

#include "jobs/archive/history.h"
#include "jobs/archive/ledger.h"
#include "jobs/archive/store.h"
#include "jobs/job.h"

struct evidence { /* initialise to {.store.root_fd = -1} */
    struct store store;
    bool has_ledger;
    struct ledger ledger;
    uint64_t head_no;
    char *head_sha256;
    bool has_journal;
    struct history history;
    char **journal_faults; /* what does not hold in the journal itself, a sentence each */
    size_t journal_fault_count, journal_fault_capacity;
};

/* dir: a copy of the archive, looked at without database, NULL for the archive of the settings.
 * journal: path, NULL: none for a copy, that of the settings otherwise.  ERR_BUSY while a run is
 * at work and the three do not agree. */
MUST_CHECK bool evidence_load(const struct job_ctx *ctx, const char *dir, const char *journal,
                              struct evidence *ret, struct error *err);
/* The same from directory and journal alone, without database.  private: the directory must be ours
 * alone.  journal: NULL = none. */
MUST_CHECK bool evidence_load_offline(const char *dir, bool private, const char *journal,
                                      struct evidence *ret, struct error *err);
void evidence_free(struct evidence *e);
