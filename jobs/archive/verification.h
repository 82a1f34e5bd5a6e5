/* verification: the record that the whole of the own archive was verified, also when it did not
 * hold (waarborg.verification). */
#pragma once

#include "jobs/archive/verify.h"

/* kind: "archive" or "evidence".  Call it when the result has been told.
 *
 * True also when this user or this server writes nothing (a role that only reads, a standby): a
 * notice says so; and after a result with faults, which is the graver news than a record that
 * failed: that has been logged then. */
MUST_CHECK bool verification_record(const struct job_ctx *ctx, const char *kind,
                                    const struct verify_result *r, struct error *err);
