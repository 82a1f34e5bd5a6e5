#include "jobs/retention/night.h"

#include <stdio.h>

#include "common/run_lock.h"

void night_count(struct night *n, const struct night_tally *more)
{
    pthread_mutex_lock(&n->tally_lock);
    n->tally.disposed += more->disposed;
    n->tally.blocked += more->blocked;
    n->tally.busy += more->busy;
    n->tally.no_longer_due += more->no_longer_due;
    n->tally.rows += more->rows;
    n->tally.unlinked += more->unlinked;
    n->tally.bytes += more->bytes;
    n->tally.segments += more->segments;
    pthread_mutex_unlock(&n->tally_lock);
}

struct night_tally night_tally(struct night *n)
{
    pthread_mutex_lock(&n->tally_lock);
    struct night_tally tally = n->tally;
    pthread_mutex_unlock(&n->tally_lock);
    return tally;
}

/* How long a lost session may take to end before its place is free again. */
#define OLD_SESSION_WAIT_MS 60000

/* Below the server's deadlock_timeout, whatever that is: it is always us who give way. */
static bool set_lock_timeout(struct db *db, int timeout_ms, struct error *err)
{
    char text[16];
    snprintf(text, sizeof text, "%d", timeout_ms);
    const char *params[] = {text};
    return db_exec(db,
                   "SELECT set_config('lock_timeout',"
                   " greatest(least($1::integer, setting::integer / 2), 1)::text, false)"
                   " FROM pg_settings WHERE name = 'deadlock_timeout'",
                   1, params, err);
}

/* What triggers delete beside us is seen in the server's counts: batch_effects. */
static bool count_effects(struct db *db, struct error *err)
{
    static const char sql[] = "SELECT set_config('track_counts', 'on', false) "
                              "WHERE current_setting('track_counts') <> 'on'";
    return db_exec(db, sql, 0, NULL, err) ||
           error_context(err,
                         "a run needs track_counts = on (ALTER DATABASE ... RESET track_counts)");
}

bool worker_connect(struct worker *w, struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    pthread_mutex_lock(&w->db_lock);
    db_close(&w->db);
    pthread_mutex_unlock(&w->db_lock);
    if (!job_open_db(w->night->ctx, "retention.worker", OLD_SESSION_WAIT_MS, &db, err) ||
        !run_lock_take_worker(db, w->number, err) || !count_effects(db, err) ||
        !set_lock_timeout(db, w->night->settings->run.lock_timeout_ms, err))
        return false;
    pthread_mutex_lock(&w->db_lock);
    w->db = db;
    pthread_mutex_unlock(&w->db_lock);
    db = NULL;
    return true;
}
