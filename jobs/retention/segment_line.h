/* segment_line: the journal's line about one segment: written after its COMMIT, or from the ledger
 * by the next run when the one before was cut off in between. */
#pragma once

#include <stdint.h>

#include "common/journal.h"

struct segment_line { /* everything borrowed */
    const char *segment_id, *policy;
    const char *file; /* path below the archive directory, without endings */
    const char *sha256, *manifest_sha256;
    int64_t run_id;
    uint64_t chain_no, subjects, rows;
};

/* at: seconds UTC. */
MUST_CHECK bool segment_line_append(struct journal *journal, int64_t at,
                                    const struct segment_line *line, struct error *err);
