#include "jobs/retention/workers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/progress.h"
#include "common/stop.h"
#include "jobs/retention/dispose.h"
#include "sql.h"

#define TICK_MS 200
/* The first look comes sooner, and then ever later: a small night ends when it is done. */
#define FIRST_TICK_MS 5
/* After a signal the present batch may finish; a statement that takes longer is cancelled. */
#define GRACE_MS 10000
#define LAG_PAUSE_MS 1000

static void pause_ms(int64_t ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* Waits until the slowest standby has caught up; a stop ends the waiting. */
static bool wait_for_replicas(struct worker *w, struct error *err)
{
    int limit_s = w->night->settings->run.max_replica_lag_s;
    for (bool said = false; limit_s > 0 && !atomic_load(&w->night->stop); said = true) {
        CLEANUP(db_result_free) struct db_result *r = NULL;
        if (!db_query(w->db, DB_ONE_ROW, sql_retention_measure_replica_lag, 0, NULL, &r, err))
            return false;
        if (db_int(r, 0, 0) <= limit_s)
            return true;
        if (!said)
            log_event(LOG_NOTICE, "retention.waits_for_replica", "lag_s=%" PRId64 " max_s=%d",
                      db_int(r, 0, 0), limit_s);
        pause_ms(LAG_PAUSE_MS);
    }
    return true;
}

static bool work(struct worker *w, struct error *err)
{
    static const enum batch_pick order[] = {PICK_DUE, PICK_BLOCKED};
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        for (bool taken = true; taken && !atomic_load(&w->night->stop);)
            if (!wait_for_replicas(w, err) ||
                (!atomic_load(&w->night->stop) && !dispose_next(w, order[i], &taken, err)))
                return false;
    }
    return true;
}

/* A batch that was cut short on request is rolled back, which is no failure. */
static bool given_up(const struct worker *w)
{
    return atomic_load(&w->night->cancel) &&
           (w->err.kind == ERR_STOPPED || strcmp(w->err.sqlstate, "57014") == 0);
}

static void *worker_main(void *context)
{
    struct worker *w = context;
    w->failed = (w->db == NULL && !worker_connect(w, &w->err)) || !work(w, &w->err);
    if (w->failed && given_up(w))
        w->failed = false;
    if (w->failed)
        atomic_store(&w->night->stop, true); /* the others finish their batch */
    atomic_store(&w->ended, true);
    return NULL;
}

static bool all_ended(struct worker *workers, int count)
{
    for (int i = 0; i < count; i++)
        if (!atomic_load(&workers[i].ended))
            return false;
    return true;
}

static void cancel_all(struct night *n, struct worker *workers, int count)
{
    atomic_store(&n->cancel, true);
    for (int i = 0; i < count; i++) {
        pthread_mutex_lock(&workers[i].db_lock);
        if (workers[i].db != NULL && !atomic_load(&workers[i].ended))
            db_cancel(workers[i].db);
        pthread_mutex_unlock(&workers[i].db_lock);
    }
}

static void watch(struct night *n, struct worker *workers, int count, int64_t deadline_ms,
                  struct progress *progress, const char **reason)
{
    int64_t signalled_ms = 0;
    int64_t tick_ms = FIRST_TICK_MS;
    int seen = 0;
    while (!all_ended(workers, count)) {
        pause_ms(tick_ms); /* a signal ends it early */
        tick_ms = tick_ms < TICK_MS ? tick_ms + tick_ms / 4 : TICK_MS;
        bool came = stop_count() > seen;
        seen = stop_count();
        int64_t now_ms = clock_monotonic_ms();
        struct night_tally tally = night_tally(n);
        progress_show(progress, tally.disposed + tally.blocked, tally.rows, tally.bytes);
        if (*reason == NULL && now_ms > deadline_ms) {
            *reason = "the window (max_minutes) is over";
            atomic_store(&n->stop, true);
        }
        if (came) {
            log_event(LOG_NOTICE, "retention.signal", "run=%" PRId64 " what=\"%s\"", n->run_id,
                      signalled_ms == 0 ? "finishing the present batch"
                                        : "giving up the present batch");
            *reason = "a signal asked to stop";
            atomic_store(&n->stop, true);
        }
        if (signalled_ms != 0 && (came || now_ms - signalled_ms > GRACE_MS))
            cancel_all(n, workers, count); /* again each time: one may fall between statements */
        if (came && signalled_ms == 0)
            signalled_ms = now_ms;
    }
}

static bool start(struct night *n, struct worker *workers, int count, struct error *err)
{
    for (int i = 0; i < count; i++) {
        workers[i].night = n;
        workers[i].number = i + 1;
        pthread_mutex_init(&workers[i].db_lock, NULL);
        atomic_store(&workers[i].ended, true);
    }
    for (int i = 0; i < count; i++)
        if (!worker_connect(&workers[i], err))
            return false;
    return true;
}

static bool run_pass(struct night *n, struct worker *workers, int count, int64_t deadline_ms,
                     struct progress *progress, const char **reason, struct error *err)
{
    int started = 0;
    stop_block(true); /* signals are for the thread that watches */
    for (; started < count; started++) {
        atomic_store(&workers[started].ended, false);
        int code = pthread_create(&workers[started].thread, NULL, worker_main, &workers[started]);
        if (code != 0) {
            errno = code;
            atomic_store(&n->stop, true);
            error_set_errno(err, "cannot start a worker thread");
            break;
        }
    }
    stop_block(false);
    watch(n, workers, started, deadline_ms, progress, reason);
    bool done = started == count;
    for (int i = 0; i < started; i++) {
        pthread_join(workers[i].thread, NULL);
        if (workers[i].failed && done) {
            *err = workers[i].err;
            done = false;
        }
    }
    return done;
}

bool workers_run(struct night *n, int64_t deadline_ms, uint64_t due, const char **ret_reason,
                 struct error *err)
{
    int count = n->settings->run.workers;
    CLEANUP(memory_release) struct worker *workers = memory_alloc((size_t)count * sizeof *workers);
    struct progress progress;
    const char *reason = NULL;
    progress_start(&progress, due, n->ctx->quiet);
    bool done = start(n, workers, count, err);
    for (int pass = 1; done && pass <= LAST_PASS && !atomic_load(&n->stop); pass++) {
        atomic_store(&n->pass, pass);
        if (pass > 1 && night_tally(n).busy == 0)
            break;
        /* Who was busy may have been so because of another worker: one works alone. */
        done = run_pass(n, workers, pass == 1 ? count : 1, deadline_ms, &progress, &reason, err);
    }
    progress_end(&progress);
    for (int i = 0; i < count; i++) {
        db_close(&workers[i].db);
        pthread_mutex_destroy(&workers[i].db_lock);
    }
    if (done)
        *ret_reason = reason;
    return done;
}
