#include "jobs/retention/dispose.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/fault_point.h"
#include "common/log.h"
#include "common/memory.h"
#include "jobs/retention/batch_record.h"
#include "jobs/retention/batch_rows.h"
#include "jobs/retention/batch_shared.h"
#include "sql.h"

#define RETRIES 5
#define BACKOFF_FIRST_MS 50

/* One try at one batch. */
struct attempt {
    enum batch_pick how;
    const struct key_list *ordinals; /* PICK_THESE */
    bool alone;                      /* a group of subjects that share rows */
    struct key_list picked;          /* ordinals that were taken */
    struct key_list shared;          /* ordinals that left because they share rows */
    struct key_list partners;        /* ordinals that must go in the same batch */
};

static void attempt_free(struct attempt *a)
{
    key_list_free(&a->picked);
    key_list_free(&a->shared);
    key_list_free(&a->partners);
}

static bool dispose_batch(struct worker *w, const struct batch *b, struct db_tx **tx,
                          struct error *err)
{
    CLEANUP(segment_discard) struct segment *s = NULL;
    struct batch_files files;
    if (!batch_files_name(w->night, &files, err))
        return false;
    FAULT_POINT("dispose.agreed");
    const struct segment_target target = {
        .dir_fd = w->night->month_fd,
        .base = files.name,
        .compression = w->night->settings->archive.compression,
        .recipients = w->night->recipients,
    };
    /* The rows reach the archive through the deleting statements themselves; the file is whole and
     * read back before COMMIT.  A crash leaves the rows, or the rows and a file, or only the file.
     */
    return segment_create(&target, &s, err) && batch_move_rows(w, b, s, err) &&
           batch_record(w, b, s, &files, tx, err);
}

/* Until nobody leaves any more: then the last judgement is about the rows that were locked last. */
static bool agree(struct worker *w, struct attempt *a, struct batch *b, struct night_tally *tally,
                  struct error *err)
{
    size_t before;
    do {
        before = b->keys.count;
        if (before == 0)
            return true;
        if (!batch_lock_rows(w, b, err))
            return false;
        size_t locked = b->keys.count;
        if (!batch_judge(w, b, err))
            return false;
        tally->busy += before - locked;
        tally->no_longer_due += locked - b->keys.count;
        bool shared_done = a->alone ? batch_shared_complete(w, b, &a->partners, err)
                                    : batch_shared_leave(w, b, &a->shared, err);
        if (!shared_done)
            return false;
    } while (a->partners.count == 0 && b->keys.count < before);
    return true;
}

static bool try_batch(struct worker *w, struct attempt *a, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(batch_free) struct batch b = {0};
    struct night_tally tally = {0};
    if (!db_tx_begin(w->db, DB_READ_COMMITTED, &tx, err) ||
        !batch_take(w, a->how, a->ordinals, &b, err))
        return false;
    a->picked = batch_ordinals(&b);
    size_t taken = b.keys.count;
    if (taken == 0)
        return true;
    if (!batch_lock(w, &b, err))
        return false;
    tally.busy = taken - b.keys.count;
    if (!agree(w, a, &b, &tally, err))
        return false;
    if (a->partners.count > 0) /* rolled back; the caller comes again with all of them */
        return true;
    bool done = b.keys.count > 0 ? dispose_batch(w, &b, &tx, err) : db_tx_commit(&tx, err);
    FAULT_POINT("dispose.tried");
    if (done)
        night_count(w->night, &tally);
    return done;
}

/* Does the reason lie in the rows, so that others of the batch may go without them? */
static bool is_splittable(const struct worker *w, const struct error *err)
{
    static const char *const ours[] = {"08", "53", "57", "58", "XX",
                                       "25", "26", "28", "3D", "42501"};
    if (err->kind == ERR_BLOCKED)
        return true;
    if (err->kind != ERR_DB || err->sqlstate[0] == '\0' || w->db == NULL || db_is_lost(w->db))
        return false;
    for (size_t i = 0; i < COUNT_OF(ours); i++)
        if (strncmp(err->sqlstate, ours[i], strlen(ours[i])) == 0)
            return false;
    return true;
}

static bool is_collision(const struct error *err)
{
    return strcmp(err->sqlstate, "40001") == 0 || strcmp(err->sqlstate, "40P01") == 0;
}

static bool set_aside(struct worker *w, const struct key_list *ordinals, const struct error *why,
                      struct error *err)
{
    const struct night *n = w->night;
    CLEANUP(memory_release)
    char *array = db_array_text((const char *const *)ordinals->values, ordinals->count);
    char pass[16];
    snprintf(pass, sizeof pass, "%d", atomic_load(&n->pass));
    const char *params[] = {n->policy->name, array, why->reason[0] == '\0' ? "failed" : why->reason,
                            n->now_text, pass};
    log_event(LOG_WARNING, "retention.set_aside",
              "run=%" PRId64 " policy=%s worklist=%s reason=\"%s\"", n->run_id, n->policy->name,
              ordinals->values[0], params[2]);
    if (!db_exec(w->db, sql_retention_set_aside, 5, params, err))
        return error_context(err, "set a subject aside");
    FAULT_POINT("dispose.set_aside");
    night_count(w->night, &(struct night_tally){.blocked = ordinals->count});
    return true;
}

static bool leave_busy(struct worker *w, const struct key_list *ordinals, struct error *err)
{
    const struct night *n = w->night;
    CLEANUP(memory_release)
    char *array = db_array_text((const char *const *)ordinals->values, ordinals->count);
    char pass[16];
    snprintf(pass, sizeof pass, "%d", atomic_load(&n->pass));
    const char *params[] = {n->policy->name, array, n->now_text, pass};
    if (!db_exec(w->db, sql_retention_leave_for_next_pass, COUNT_OF(params), params, err))
        return error_context(err, "leave a busy subject for the next pass");
    FAULT_POINT("dispose.left_busy");
    night_count(w->night, &(struct night_tally){.busy = ordinals->count});
    return true;
}

/* A row that somebody else has locked, the application or another worker, is free again soon: only
 * who is in the way in the last pass, too, is set aside for it. */
static bool give_up(struct worker *w, const struct key_list *ordinals, const struct error *why,
                    struct error *err)
{
    bool busy = strcmp(why->sqlstate, "55P03") == 0 && atomic_load(&w->night->pass) < LAST_PASS;
    return busy ? leave_busy(w, ordinals, err) : set_aside(w, ordinals, why, err);
}

static bool dispose_these(struct worker *w, const struct key_list *ordinals, struct error *err);

static bool dispose_range(struct worker *w, const struct key_list *ordinals, size_t first,
                          size_t count, struct error *err)
{
    CLEANUP(key_list_free) struct key_list part = {.width = 1};
    for (size_t i = first; i < first + count; i++)
        key_list_add(&part, key_list_at(ordinals, i));
    return dispose_these(w, &part, err);
}

/* What failed as a whole is tried again in halves. */
static bool split(struct worker *w, const struct key_list *picked, const struct error *why,
                  struct error *err)
{
    if (picked->count == 1)
        return give_up(w, picked, why, err);
    log_event(LOG_DEBUG, "retention.split", "run=%" PRId64 " subjects=%zu reason=\"%s\"",
              w->night->run_id, picked->count, why->reason);
    FAULT_POINT("dispose.split");
    size_t half = picked->count / 2;
    return dispose_range(w, picked, 0, half, err) &&
           dispose_range(w, picked, half, picked->count - half, err);
}

/* Serialization failures and deadlocks pass by themselves: again, after a pause that grows. */
static bool try_again(struct worker *w, struct attempt *a, struct error *err)
{
    for (int i = 0;; i++) {
        attempt_free(a);
        a->partners.width = a->shared.width = 1;
        if (try_batch(w, a, err))
            return true;
        if (!is_collision(err) || i == RETRIES || atomic_load(&w->night->cancel))
            return false;
        long pause_ms = (long)BACKOFF_FIRST_MS << i;
        nanosleep(&(struct timespec){pause_ms / 1000, pause_ms % 1000 * 1000000L}, NULL);
    }
}

/* A subject that shares rows goes together with all who share them, or stays. */
static bool dispose_group(struct worker *w, const char *const *ordinal, struct error *err)
{
    CLEANUP(key_list_free) struct key_list group = {.width = 1};
    CLEANUP(key_list_free) struct key_list first = {.width = 1};
    FAULT_POINT("dispose.shared");
    key_list_add(&group, ordinal);
    key_list_add(&first, ordinal);
    while (!atomic_load(&w->night->stop)) {
        CLEANUP(attempt_free)
        struct attempt a = {.how = PICK_THESE, .ordinals = &group, .alone = true};
        struct error one = {0};
        if (!try_again(w, &a, &one)) {
            if (is_splittable(w, &one))
                return give_up(w, &first, &one, err);
            *err = one;
            return false;
        }
        size_t before = group.count;
        for (size_t i = 0; i < a.partners.count; i++)
            if (!key_list_contains(&group, key_list_at(&a.partners, i)))
                key_list_add(&group, key_list_at(&a.partners, i));
        if (group.count == before) { /* gone, or a partner is busy: the next pass sees */
            night_count(w->night, &(struct night_tally){.busy = a.partners.count > 0});
            return true;
        }
        if (group.count > (size_t)w->night->settings->run.batch) {
            error_set(&one, ERR_BLOCKED, "too many subjects share rows");
            snprintf(one.reason, sizeof one.reason, "shared by more than a batch");
            return set_aside(w, &first, &one, err);
        }
    }
    return true;
}

static bool settle(struct worker *w, struct attempt *a, bool *ret_taken, struct error *err)
{
    struct error one = {0};
    bool done = try_again(w, a, &one);
    *ret_taken = a->picked.count > 0;
    if (!done && is_splittable(w, &one)) /* the server planned all our statements at the start */
        return schema_watch_unchanged(w->db, w->night->graph, w->night->schema_digest, err) &&
               (a->how == PICK_DUE ? dispose_these(w, &a->picked, err)
                                   : split(w, &a->picked, &one, err));
    if (!done) {
        *err = one;
        return false;
    }
    for (size_t i = 0; i < a->shared.count; i++)
        if (!dispose_group(w, key_list_at(&a->shared, i), err))
            return false;
    return true;
}

static bool dispose_these(struct worker *w, const struct key_list *ordinals, struct error *err)
{
    if (atomic_load(&w->night->stop))
        return true; /* they stay due */
    CLEANUP(attempt_free) struct attempt a = {.how = PICK_THESE, .ordinals = ordinals};
    bool taken;
    return settle(w, &a, &taken, err);
}

bool dispose_next(struct worker *w, enum batch_pick how, bool *ret_taken, struct error *err)
{
    CLEANUP(attempt_free) struct attempt a = {.how = how};
    return settle(w, &a, ret_taken, err);
}
