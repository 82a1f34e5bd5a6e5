/* batch_record: the evidence of a batch and its COMMIT.  Called with the rows already in the
 * segment; under the night's chain lock from the manifest to the journal line. */
#pragma once

#include "jobs/archive/segment.h"
#include "jobs/retention/batch.h"

struct batch_files { /* of one segment */
    char segment_id[33];
    char name[64]; /* without directory and endings */
};

MUST_CHECK bool batch_files_name(const struct night *n, struct batch_files *ret, struct error *err);
/* Finishes and publishes segment and manifest, writes the ledger, commits, writes the journal line.
 * On failure before COMMIT the files are removed and the transaction is the caller's to roll back.
 * When the answer to COMMIT is lost the ledger is asked over a new connection; a batch that turns
 * out to be committed counts as done. */
MUST_CHECK bool batch_record(struct worker *w, const struct batch *b, struct segment *s,
                             const struct batch_files *files, struct db_tx **tx, struct error *err);
