#include "common/run_lock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KEY_BASE INT64_C(0x7761617262670000) /* "waarbg", then the number */
#define MIGRATION 100
#define LETTERS (INT64_C(1) << 32)
#define LOCK_NOT_AVAILABLE "55P03"

struct key {
    char text[24];
};

static struct key key_of(int64_t number)
{
    struct key key;
    snprintf(key.text, sizeof key.text, "%" PRId64, KEY_BASE + number);
    return key;
}

/* Gives back those of from..to whose row in `taken` says so; all of them when it is NULL. */
static bool release(struct db *db, int from, int to, const struct db_result *taken,
                    struct error *err)
{
    for (int number = from; number <= to; number++) {
        if (taken != NULL && !db_bool(taken, (size_t)(number - from), 0))
            continue;
        struct key key = key_of(number);
        const char *params[] = {key.text};
        if (!db_exec(db, "SELECT pg_advisory_unlock($1::bigint)", 1, params, err))
            return error_context(err, "release the lock of the run");
    }
    return true;
}

static bool try_range(struct db *db, int from, int to, bool *ret_all, struct db_result **ret_taken,
                      struct error *err)
{
    struct key first = key_of(from);
    struct key last = key_of(to);
    const char *params[] = {first.text, last.text};
    CLEANUP(db_result_free) struct db_result *taken = NULL;
    if (!db_query(db, DB_ROWS,
                  "SELECT pg_try_advisory_lock(key)"
                  " FROM generate_series($1::bigint, $2::bigint) AS n (key)",
                  2, params, &taken, err))
        return error_context(err, "take the lock of the run");
    bool all = true;
    for (size_t row = 0; row < db_rows(taken); row++)
        all = all && db_bool(taken, row, 0);
    *ret_all = all;
    *ret_taken = taken;
    taken = NULL;
    return true;
}

/* A standby may lag behind, and its locks guard nothing: what it does not know yet would be taken
 * for something that never happened. */
static bool refuse_standby(struct db *db, enum error_kind kind, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, DB_ONE_ROW, "SELECT pg_is_in_recovery()", 0, NULL, &r, err))
        return error_context(err, "take the lock of the run");
    return !db_bool(r, 0, 0) ||
           error_set(err, kind,
                     "this server is a standby: name the primary in the setting database, or add "
                     "target_session_attrs=read-write to it");
}

bool run_lock_take(struct db *db, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *run = NULL;
    CLEANUP(db_result_free) struct db_result *workers = NULL;
    bool ours = false;
    bool alone = false;
    /* 0 by itself: only who holds it goes on to the others, so that two runs that start together
     * do not refuse one another. */
    if (!refuse_standby(db, ERR_USAGE, err) || !try_range(db, 0, 0, &ours, &run, err))
        return false;
    if (!ours)
        return error_set(err, ERR_BUSY, "another run holds the lock of this database");
    if (!try_range(db, 1, RUN_LOCK_WORKERS, &alone, &workers, err) ||
        !release(db, 1, RUN_LOCK_WORKERS, workers, err))
        return false;
    if (alone)
        return true;
    return release(db, 0, 0, NULL, err) &&
           error_set(err, ERR_BUSY,
                     "a worker of an earlier run still holds its lock: its "
                     "statement has not ended on the server yet");
}

/* Waits for one number, at the level of session or transaction that `sql` names. */
static bool wait_for(struct db *db, const char *sql, int number, const char *busy,
                     struct error *err)
{
    struct key key = key_of(number);
    const char *params[] = {key.text};
    if (db_exec(db, sql, 1, params, err))
        return true;
    if (strcmp(err->sqlstate, LOCK_NOT_AVAILABLE) == 0)
        return error_set(err, ERR_BUSY, "%s", busy);
    return error_context(err, "wait for a lock");
}

bool run_lock_take_worker(struct db *db, int worker, struct error *err)
{
    return refuse_standby(db, ERR_DB, err) && /* the run began on another one */
           wait_for(db, "SELECT pg_advisory_lock($1::bigint)", worker,
                    "the earlier session of this worker is still at work on the server", err);
}

bool run_lock_migration(struct db *db, struct error *err)
{
    return wait_for(db, "SELECT pg_advisory_xact_lock($1::bigint)", MIGRATION,
                    "another migrate is still at work on this database", err);
}

bool run_lock_take_letters(struct db *db, int64_t breach, struct error *err)
{
    struct key key = key_of(LETTERS + breach);
    const char *params[] = {key.text};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!refuse_standby(db, ERR_USAGE, err))
        return false;
    if (!db_query(db, DB_ONE_ROW, "SELECT pg_try_advisory_lock($1::bigint)", 1, params, &r, err))
        return error_context(err, "take the lock of the letters");
    return db_bool(r, 0, 0) || error_set(err, ERR_BUSY,
                                         "another waarborg is at work on the letters about this "
                                         "breach: try again when it is done");
}
