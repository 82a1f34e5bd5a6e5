/* night: what the batches of one run share.  Filled by run.c before the workers start; read-only
 * from then on, but for what the mutex and the atomics guard. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "common/digest.h"
#include "common/journal.h"
#include "common/seal.h"
#include "jobs/job.h"
#include "jobs/retention/graph.h"
#include "jobs/retention/schema_watch.h"

struct night_server { /* of the database, for the manifests */
    char *database;
    char *system_identifier; /* NULL when we may not read it */
    char *version;
};

#define LAST_PASS 2

struct night_tally {
    uint64_t disposed, blocked, busy, no_longer_due, bytes, segments;
    uint64_t rows;     /* deleted */
    uint64_t unlinked; /* rows that stay, with a reference set to NULL */
};

struct night {
    const struct job_ctx *ctx;
    const struct settings *settings;
    const struct policy *policy;
    const struct graph *graph;
    const char *fingerprint;
    char schema_digest[SCHEMA_DIGEST_SIZE]; /* of the schema as it was approved */
    char as_of[11];
    char now_text[21];
    int64_t run_id;
    bool again;    /* --re-erase: the worklist holds who was disposed of before and came back */
    int month_fd;  /* directory of this month, where segments go */
    char month[8]; /* "2026-11" */
    const struct seal_recipients *recipients; /* NULL = unsealed */
    unsigned char reference_key[DIGEST_SIZE];
    struct night_server server;

    atomic_bool stop;   /* no new batch */
    atomic_bool cancel; /* give up the present one, too */
    atomic_int pass;    /* 1, then LAST_PASS for those that were busy */

    /* Manifest, COMMIT and journal line of a batch come one batch at a time, so that the chain of
     * manifests, the ledger and the journal tell one order. */
    pthread_mutex_t chain;
    struct journal *journal; /* under chain */
    bool chain_cut; /* under chain: a committed batch may lack its line, nothing may follow it */
    /* under chain: where the ledger's chain of manifests ends, as this run knows it.  A session to
     * a database that was put back meanwhile, or to a standby that lacks the last COMMITs, would
     * begin another branch. */
    char head[DIGEST_HEX_SIZE];

    pthread_mutex_t tally_lock;
    struct night_tally tally; /* under tally_lock */
};

struct worker {
    struct night *night;
    int number; /* 1.. */
    struct db *db;
    pthread_mutex_t
        db_lock; /* db is replaced after a lost connection; db_cancel comes from outside */
    pthread_t thread;
    atomic_bool ended;
    bool failed;
    struct error err;
};

/* Adds to the tally. */
void night_count(struct night *n, const struct night_tally *more);
struct night_tally night_tally(struct night *n);

/* Opens (or opens again) the worker's connection and takes its lock. */
MUST_CHECK bool worker_connect(struct worker *w, struct error *err);
