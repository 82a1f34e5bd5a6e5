/* dispose: the protocol of one batch, and what is done when it fails.
 *
 * A batch that fails for a reason that lies in some of its subjects is rolled back and split in
 * two, again and again; the single subject that remains is set aside with the reason.  Everything
 * else (disk, connection, integrity) ends the run. */
#pragma once

#include "jobs/retention/batch.h"

/* Disposes of what the worklist has next.  *ret_taken: false when there was nothing. */
MUST_CHECK bool dispose_next(struct worker *w, enum batch_pick how, bool *ret_taken,
                             struct error *err);
