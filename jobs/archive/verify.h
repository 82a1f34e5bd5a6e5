/* verify: does every segment of the archive hold?  Against its manifest, the chain, ledger and
 * journal; with a key down to its rows.  Goes on over all segments; of each the first thing that
 * does not hold is told.  Never logs. */
#pragma once

#include "jobs/archive/evidence.h"

struct verify_fault {
    char *place; /* a segment, or what else it is about */
    char *sentence;
};

struct verify_result { /* initialise to {0} */
    size_t segments;   /* looked at */
    size_t destroyed;  /* of them, in order */
    size_t opened;     /* with the key, or not sealed */
    size_t unopened;   /* the key is for none of their recipients */
    uint64_t bytes;
    struct verify_fault *faults;
    size_t fault_count, fault_capacity;
};

/* key: NULL looks no further than the file.  only: base of one segment, NULL for all.
 * False only when the looking itself failed, also when the key opens none of the segments. */
MUST_CHECK bool verify_archive(const struct evidence *e, const struct seal_key *key,
                               const char *only, struct verify_result *ret, struct error *err);
void verify_result_free(struct verify_result *r);
