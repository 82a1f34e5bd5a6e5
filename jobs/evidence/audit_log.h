/* audit_log: does the audit log in the database hold?  Every write to holds, approvals and the
 * breach register is a line of it (sql/schema/003_audit.sql), chained by SHA-256; the journal has
 * its end after each run, so that whoever rewrites the log would have to rewrite the journal as
 * well.
 *
 * The digest of a line: SHA-256 of previous, seq, recorded_at, at, db_role, os_user, action,
 * object, breach, reason, old, new, in this order, each as its length in bytes, ":", the bytes,
 * ","; a NULL is
 * "-,".  Instants are UTC with six decimals, 2026-11-23T03:00:00.123456Z.  Never logs. */
#pragma once

#include "common/db.h"
#include "jobs/archive/history.h"
#include "jobs/archive/verify.h"

struct audit_log { /* initialise to {0} */
    uint64_t lines;
    uint64_t lost; /* ends in the journal from before a restored database, which no line has */
    bool checked;
};

/* Reads the whole log in one snapshot and adds what does not hold to *result. */
MUST_CHECK bool audit_log_check(struct db *db, const struct history *h, struct audit_log *ret,
                                struct verify_result *result, struct error *err);
