/* adopt: the ledger is told again what it forgot when the database was restored to an earlier
 * point, from the journal and the manifests: runs, segments, disposal records, expiries, restores
 * and holds on archives.  The segment files are not needed: they may have expired.  Logs what was
 * lost. */
#pragma once

#include "common/journal.h"
#include "jobs/archive/books.h"

/* Everything that books_unknown counts, in one transaction.  Its subjects stand in
 * waarborg.returned afterwards: they may be in the database again.  The journal gets its line
 * "re-erase" before COMMIT.
 * ERR_INTEGRITY when a manifest is missing, does not hold, does not continue the chain of the
 * ledger, or is of another database; nothing is changed then. */
MUST_CHECK bool adopt_unknown(const struct job_ctx *ctx, struct db *db, const struct books *books,
                              struct journal *journal, struct error *err);
