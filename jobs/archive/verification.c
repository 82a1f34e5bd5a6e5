#include "jobs/archive/verification.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"
#include "sql.h"

#define LOCK_TIMEOUT_MS 5000 /* for the end of the audit log */

static bool insert(const struct job_ctx *ctx, const char *kind, const struct verify_result *r,
                   struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(memory_release) char *user = job_os_user();
    char job[32], now[21], numbers[5][24];
    const uint64_t values[] = {r->segments, r->destroyed, r->opened, r->bytes, r->fault_count};
    snprintf(job, sizeof job, "%s.verify", kind);
    clock_format_utc(ctx->now, now);
    for (size_t i = 0; i < COUNT_OF(values); i++)
        snprintf(numbers[i], sizeof numbers[i], "%" PRIu64, values[i]);
    const char *params[] = {kind,       now,        user,       WAARBORG_VERSION, numbers[0],
                            numbers[1], numbers[2], numbers[3], numbers[4]};
    return job_open_db(ctx, job, LOCK_TIMEOUT_MS, &db, err) &&
           db_exec(db, sql_archive_record_verification, COUNT_OF(params), params, err);
}

/* No right to write: of this role, or of the whole server. */
static bool only_reads(const struct error *err)
{
    return strcmp(err->sqlstate, "42501") == 0 || strcmp(err->sqlstate, "25006") == 0;
}

bool verification_record(const struct job_ctx *ctx, const char *kind, const struct verify_result *r,
                         struct error *err)
{
    char event[48];
    if (insert(ctx, kind, r, err))
        return true;
    snprintf(event, sizeof event, "%s.verify.not_recorded", kind);
    if (only_reads(err)) {
        log_event(LOG_NOTICE, event,
                  "message=\"this user or this server writes nothing, so the database does not "
                  "know of this verification\"");
        *err = (struct error){0};
        return true;
    }
    (void)error_context(err, "the result stands, but the database does not know of it");
    if (r->fault_count == 0)
        return false;
    log_failure(event, "", err);
    *err = (struct error){0};
    return true;
}
