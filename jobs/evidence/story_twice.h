/* story_twice: nobody is disposed of twice, unless a restore, or a database that was restored to an
 * earlier point, brought them back in between.  Used by story.c only. */
#pragma once

#include "jobs/archive/verify.h"
#include "jobs/evidence/disposals.h"

/* d: sorted.  One fault for two segments, however many subjects they share. */
void story_check_twice(const struct disposals *d, struct verify_result *ret);
