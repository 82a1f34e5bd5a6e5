/* reconcile: before a job that writes starts, what an earlier one left behind when it was cut off
 * is mended (design: "What can go wrong, and what is left").  Called with the run lock and the
 * claim on the archive directory held, so that no session of an earlier run is still at work.
 * Idempotent; one log event for each thing mended.
 *
 *   file without ledger row and journal line    removed: its transaction never committed
 *   temporary file                              removed
 *   directories not fsynced                     fsynced
 *   ledger row without journal line             the line is written (segment, expiry, restore,
 * hold) expired in the ledger, file still there     removed ledger row whose files are missing
 * ERR_INTEGRITY journal line without ledger row             ERR_INTEGRITY: the database was
 * restored to an earlier point; with re_erase the ledger is told again (adopt.h) anything that
 * books_check refuses           its error; nothing is changed */
#pragma once

#include "common/db.h"
#include "common/digest.h"
#include "common/journal.h"
#include "jobs/job.h"

/* Opens the journal (creates it when nothing was ever disposed of) and mends.  *ret_journal is the
 * caller's. */
MUST_CHECK bool reconcile(const struct job_ctx *ctx, struct db *db,
                          const unsigned char reference_key[static DIGEST_SIZE], bool re_erase,
                          struct journal **ret_journal, struct error *err);
