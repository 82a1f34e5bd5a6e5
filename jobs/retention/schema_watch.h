/* schema_watch: has the schema changed since the run began?  The approval is checked once, at the
 * start of a night; a column or a key that is added while batches run would go unseen. */
#pragma once

#include "jobs/retention/graph.h"

#define SCHEMA_DIGEST_SIZE 33

MUST_CHECK bool schema_watch_digest(struct db *db, const struct graph *g,
                                    char ret_digest[static SCHEMA_DIGEST_SIZE], struct error *err);

/* ERR_USAGE when the digest is another one now. */
MUST_CHECK bool schema_watch_unchanged(struct db *db, const struct graph *g, const char *digest,
                                       struct error *err);
