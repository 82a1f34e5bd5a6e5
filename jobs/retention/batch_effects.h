/* batch_effects: did the deletes of a batch delete more than they gave back?  A trigger or a rule
 * may delete rows of its own, which no segment then holds.
 *
 * PostgreSQL counts the deletes of a session by table (track_counts, on by default; where it is
 * off nothing can be told and nothing is refused).  A count may be too high after an error that a
 * trigger caught, never too low.  Tables that the policy names under `outside` may lose rows:
 * somebody looked at them. */
#pragma once

#include "jobs/retention/batch.h"

/* The counts so far; the caller frees them. */
MUST_CHECK bool batch_effects_begin(struct worker *w, struct db_result **ret_before,
                                    struct error *err);

/* archived: by table of the graph, rows that came out of the deletes since then.  ERR_BLOCKED
 * (reason "also deletes ...") when the server deleted more, or from any other table. */
MUST_CHECK bool batch_effects_check(struct worker *w, const struct db_result *before,
                                    const uint64_t *archived, struct error *err);
