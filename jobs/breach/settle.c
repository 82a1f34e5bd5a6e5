#include "jobs/breach/settle.h"

#include <string.h>
#include <time.h>

#include "sql.h"

enum { PATIENCE = 50, PAUSE_MS = 100 };

/* A server that is still at the COMMIT answers "in progress". */
static enum settled ask(struct db *db, const char *xid)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    const char *params[] = {xid};
    for (int i = 0; i < PATIENCE; i++) {
        CLEANUP(db_result_free) struct db_result *r = NULL;
        struct error ignored = {0};
        if (!db_query(db, DB_ONE_ROW, sql_breach_settle_commit, COUNT_OF(params), params, &r,
                      &ignored))
            return SETTLED_UNKNOWN;
        const char *state = db_text(r, 0, 0);
        if (state != NULL && strcmp(state, "committed") == 0)
            return SETTLED_COMMITTED;
        if (state != NULL && strcmp(state, "aborted") == 0)
            return SETTLED_NOT;
        nanosleep(&pause, NULL);
    }
    return SETTLED_UNKNOWN;
}

enum settled settle_commit(const struct job_ctx *ctx, struct db **db, struct db_tx **tx,
                           const char *xid, struct error *err)
{
    CLEANUP(db_close) struct db *other = NULL;
    struct error asking = {0};
    if (db_tx_commit(tx, err))
        return SETTLED_COMMITTED;
    if (!db_is_lost(*db))
        return SETTLED_NOT;
    if (!job_open_db(ctx, "breach.settle", 0, &other, &asking))
        return SETTLED_UNKNOWN;
    enum settled settled = ask(other, xid);
    if (settled == SETTLED_COMMITTED) {
        db_close(db);
        *db = other;
        other = NULL;
    }
    return settled;
}
