/* story: can what journal and manifests tell have happened like that?  Each line and each manifest
 * holds in itself already (jobs/archive/verify.h); here they are held against one another.  Never
 * logs. */
#pragma once

#include "jobs/archive/verify.h"
#include "jobs/evidence/disposals.h"

/* Manifests of a database that is not the one of the first in the chain, by name and by system
 * identifier. */
void story_check_databases(const struct disposals *d, struct verify_result *ret);

/* d: sorted.  Every line of the journal: instants, segments as their manifests describe them, the
 * sums of runs, restores of what was disposed of, holds on it, nobody disposed of twice without a
 * reason between. */
void story_check_journal(const struct disposals *d, struct verify_result *ret);
