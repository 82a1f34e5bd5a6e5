/* claim: the archive directory belongs to one writing job at a time, whatever database or
 * configuration it comes from.  Never logs. */
#pragma once

#include "common/db.h"
#include "jobs/job.h"

/* Taken before the run lock (common/run_lock.h): see open_run in jobs/retention/run.c.
 *
 * Opens archive.directory (private: ours alone, mode 0700) and locks it (flock) until the
 * descriptor is closed; the caller closes it (file_close).  ERR_BUSY while another job has it;
 * ERR_INTEGRITY when it is missing although the ledger has segments, or a journal is there: it is
 * never begun anew in silence. */
MUST_CHECK bool archive_claim(const struct job_ctx *ctx, struct db *db, int *ret_fd,
                              struct error *err);
