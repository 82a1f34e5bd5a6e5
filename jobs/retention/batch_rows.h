/* batch_rows: moves the rows of a batch from the database into its segment.  What the server
 * deletes is what the segment gets: each row comes out of the deleting statement itself. */
#pragma once

#include "jobs/archive/segment.h"
#include "jobs/retention/batch.h"

/* Unlinks, deletes children before parents, the subjects, then owned parents; checks that nothing
 * is left, that nothing else went, and all deferred constraints.  ERR_BLOCKED when rows remain or
 * others went too. */
MUST_CHECK bool batch_move_rows(struct worker *w, const struct batch *b, struct segment *s,
                                struct error *err);
