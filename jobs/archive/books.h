/* books: the three that must tell one story, as they are now: the ledger in the database, the
 * journal, the archive directory; and where they differ.  Never logs. */
#pragma once

#include "common/db.h"
#include "jobs/archive/history.h"
#include "jobs/archive/store.h"
#include "jobs/job.h"

/* Rows by what they speak of, the latest first; texts are borrowed from them. */
struct books_index {
    struct lookup latest;
    size_t *older; /* by row: the one before it about the same, SIZE_MAX when there is none */
};

struct books { /* initialise to {.store.root_fd = -1} */
    bool has_journal;
    struct history history;
    struct store store;
    struct db_result *segments; /* list_ledger.sql */
    struct db_result *restores; /* list_restores.sql */
    struct db_result *holds;    /* list_archive_holds.sql */
    struct db_result *runs;     /* list_runs.sql */
    size_t *by_id;              /* rows of segments, ordered by id */
    struct books_index restores_of, holds_of;
};

/* Columns of `segments`. */
enum {
    BOOKS_ID,
    BOOKS_RUN,
    BOOKS_POLICY,
    BOOKS_CHAIN_NO,
    BOOKS_FILE,
    BOOKS_SUBJECTS,
    BOOKS_ROWS,
    BOOKS_SHA256,
    BOOKS_MANIFEST_SHA256,
    BOOKS_DESTROYED_AT,
    BOOKS_CREATED_AT,
    BOOKS_BYTES
};

/* The archive and journal of the settings.  With the run lock held, so that no batch, expiry or
 * restore is half-way.  No journal is fine only where nothing was ever disposed
 * of; otherwise ERR_INTEGRITY, as for a journal that does not hold. */
MUST_CHECK bool books_load(const struct job_ctx *ctx, struct db *db, struct books *ret,
                           struct error *err);
/* The same without the directory, and without the run lock: enough for books_unknown. */
MUST_CHECK bool books_load_records(const struct job_ctx *ctx, struct db *db, struct books *ret,
                                   struct error *err);
void books_free(struct books *b);

/* The ledger's row about this segment, SIZE_MAX when it has none. */
size_t books_row(const struct books *b, const char *segment_id);
bool books_destroyed(const struct books *b, size_t row);

/* What the journal tells and the ledger does not know (any more): the database was restored to an
 * earlier point. */
struct books_unknown {
    size_t segments, expiries, restores, holds, runs;
};
struct books_unknown books_unknown(const struct books *b);
bool books_unknown_any(const struct books_unknown *u);

/* Of one line each: does the ledger know it?  A hold: also its release; one that the ledger was
 * told again under another number (adopt.h) is known by its subject and instant. */
bool books_knows_expiry(const struct books *b, const struct history_segment *s);
bool books_knows_restore(const struct books *b, const struct history_restore *r);
bool books_knows_hold(const struct books *b, const struct history_hold *h);
bool books_knows_run(const struct books *b, const struct history_run *r);
