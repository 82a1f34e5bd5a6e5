/* reconcile: before a run starts, what an earlier one left behind when it was cut off is mended
 * (design: "What can go wrong, and what is left").  Called with the run lock held, so that no
 * session of an earlier run is still at work.  Idempotent; one log event for each thing mended.
 *
 *   file without ledger row and journal line    removed: its transaction never committed
 *   temporary file                              removed
 *   ledger row without journal line             the line is written
 *   ledger row whose files are missing          ERR_INTEGRITY
 *   journal line without ledger row             ERR_INTEGRITY: the database was restored to an
 *                                               earlier point
 *   no journal although there are segments      ERR_INTEGRITY
 *   no line of an earlier run's segment         ERR_INTEGRITY: the journal was shortened
 *   file of another database, or more files     ERR_INTEGRITY: such a file may be the only copy of
 *   than a cut-off run can leave                its rows */
#pragma once

#include "common/db.h"
#include "common/journal.h"
#include "jobs/job.h"

/* Opens the journal (creates it when nothing was ever disposed of) and mends.  *ret_journal is the
 * caller's. */
MUST_CHECK bool reconcile(const struct job_ctx *ctx, struct db *db, struct journal **ret_journal,
                          struct error *err);
