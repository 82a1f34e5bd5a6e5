#include "jobs/retention/again.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fault_point.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/text.h"
#include "jobs/archive/reference.h"
#include "jobs/retention/belonging.h"
#include "sql.h"

#define REVIEW_DAYS 30

/* Columns of list_returned.sql. */
enum { REFERENCE, RULE, DUE_ON, WANTED, SUBJECT_TABLE, KEY_COLUMNS, SAME_TABLE, SEGMENT };

struct search {
    const struct job_ctx *ctx;
    struct db *db;
    const struct graph *g;
    const unsigned char *reference_key;
    struct db_result *returned; /* ordered by reference */
    bool *here;                 /* by row of it */
    char now[21];
    char review_on[11];
    char scan[24];
    int64_t found; /* on the worklist */
    struct text keys, rules, dates, held;
};

static void search_free(struct search *s)
{
    db_result_free(&s->returned);
    free(s->here);
    text_free(&s->keys);
    text_free(&s->rules);
    text_free(&s->dates);
    text_free(&s->held);
}

static bool check_subject(const struct search *s, struct error *err)
{
    const struct graph *g = s->g;
    CLEANUP(memory_release)
    char *key = db_array_text((const char *const *)g->subject_key, g->subject_key_count);
    for (size_t i = 0; i < db_rows(s->returned); i++) {
        char **then = NULL;
        size_t count = 0;
        if (!db_array_parse(db_text(s->returned, i, KEY_COLUMNS), &then, &count, err))
            return false;
        CLEANUP(memory_release)
        char *old_key = db_array_text((const char *const *)then, count);
        db_items_free(then, count);
        if (!db_bool(s->returned, i, SAME_TABLE) || strcmp(key, old_key) != 0)
            return error_set(err, ERR_USAGE,
                             "policy %s disposed of subjects in %s by the key %s, and now its "
                             "subject is %s by %s: they cannot be found by their references; name "
                             "the old subject in the policy for this run",
                             g->policy->name, db_text(s->returned, i, SUBJECT_TABLE), old_key,
                             g->tables[0].display, key);
    }
    return true;
}

static size_t find(const struct search *s, const char *reference)
{
    size_t low = 0;
    for (size_t high = db_rows(s->returned); low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(db_text(s->returned, middle, REFERENCE), reference);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

/* Its hold went with the database, its archive may be gone by now: it must not go tonight. */
static bool hold_again(struct search *s, size_t row, const char *key, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *id = NULL;
    CLEANUP(memory_release) char *os_user = job_os_user();
    const char *params[] = {s->g->policy->name,
                            key,
                            "its hold was lost when the database was restored to an earlier point",
                            s->review_on,
                            s->now,
                            os_user};
    if (!db_query(s->db, DB_ONE_ROW, sql_archive_hold_restored, COUNT_OF(params), params, &id, err))
        return error_context(err, "hold a subject that had been restored");
    log_event(LOG_NOTICE, "retention.held_again", "policy=%s hold=%" PRId64, s->g->policy->name,
              db_int(id, 0, 0));
    db_array_add(&s->held, db_text(s->returned, row, REFERENCE));
    return true;
}

static bool look_at(struct search *s, const struct db_result *keys, size_t row, struct error *err)
{
    const struct graph_table *subject = &s->g->tables[0];
    size_t width = s->g->subject_key_count;
    char reference[DIGEST_HEX_SIZE];
    CLEANUP(memory_release) const char **values = memory_alloc(width * sizeof *values);
    for (size_t i = 0; i < width; i++)
        values[i] = db_text(keys, row, (int)i);
    if (!reference_make(s->reference_key, subject->schema, subject->name, values, width, reference,
                        err))
        return false;
    size_t at = find(s, reference);
    if (at == SIZE_MAX)
        return true;
    CLEANUP(memory_release) char *key = db_array_text(values, width);
    s->here[at] = true;
    if (strcmp(db_text(s->returned, at, WANTED), "held") == 0)
        return hold_again(s, at, key, err);
    db_array_add(&s->keys, key);
    db_array_add(&s->rules, db_text(s->returned, at, RULE));
    db_array_add(&s->dates, db_text(s->returned, at, DUE_ON));
    return true;
}

static bool insert_found(struct search *s, int64_t count, struct error *err)
{
    char first[24];
    if (count == 0)
        return true;
    snprintf(first, sizeof first, "%" PRId64, s->found + 1);
    const char *params[] = {s->g->policy->name,
                            db_array_close(&s->keys),
                            db_array_close(&s->rules),
                            db_array_close(&s->dates),
                            first,
                            s->now,
                            s->scan};
    if (!db_exec(s->db, sql_retention_insert_returned_work, COUNT_OF(params), params, err))
        return false;
    text_clear(&s->keys);
    text_clear(&s->rules);
    text_clear(&s->dates);
    s->found += count;
    return true;
}

/* In the order of the keys, so that a batch covers neighbouring rows. */
static bool open_cursor(const struct search *s, struct error *err)
{
    CLEANUP(text_free) struct text sql = {0};
    const struct graph *g = s->g;
    text_add(&sql, "DECLARE waarborg_keys NO SCROLL CURSOR FOR SELECT ");
    for (size_t i = 0; i < g->subject_key_count; i++) {
        text_add(&sql, i == 0 ? "" : ", ");
        belonging_column(&sql, "s", g->subject_key[i]);
        text_add(&sql, "::text");
    }
    text_add(&sql, " FROM ");
    belonging_from(&sql, &g->tables[0]);
    text_add(&sql, " AS s ORDER BY ");
    belonging_columns(&sql, "s", g->subject_key, g->subject_key_count);
    return db_exec(s->db, text_get(&sql), 0, NULL, err);
}

static bool look_at_all(struct search *s, int64_t *ret_subjects, struct error *err)
{
    int64_t subjects = 0;
    size_t got;
    if (!open_cursor(s, err))
        return false;
    do {
        CLEANUP(db_result_free) struct db_result *keys = NULL;
        size_t before = s->keys.length;
        int64_t count = 0;
        if (!db_query(s->db, DB_ROWS, "FETCH 10000 FROM waarborg_keys", 0, NULL, &keys, err))
            return false;
        got = db_rows(keys);
        for (size_t i = 0; i < got; i++) {
            if (!look_at(s, keys, i, err))
                return false;
            count += s->keys.length > before;
            before = s->keys.length;
        }
        if (!insert_found(s, count, err))
            return false;
        subjects += (int64_t)got;
    } while (got > 0);
    *ret_subjects = subjects;
    return db_exec(s->db, "CLOSE waarborg_keys", 0, NULL, err);
}

static bool settle(const struct search *s, const char *references, const char *outcome,
                   struct error *err)
{
    const char *params[] = {references, outcome, s->now};
    return db_exec(s->db, sql_archive_settle_returned, COUNT_OF(params), params, err);
}

/* Whoever went after the backup was there when it was made: that somebody is not needs a reason,
 * and another type of the key, or another time zone of a key that is an instant, would be a bad
 * one. */
static void list_absent(const struct search *s, struct text *absent)
{
    size_t count = 0;
    for (size_t i = 0; i < db_rows(s->returned); i++) {
        if (s->here[i])
            continue;
        count++;
        db_array_add(absent, db_text(s->returned, i, REFERENCE));
        if (strcmp(db_text(s->returned, i, WANTED), "held") == 0)
            log_event(
                LOG_WARNING, "retention.restore_lost",
                "segment=%s subjects=1 mend=\"waarborg archive restore, if it must be there\"",
                db_text(s->returned, i, SEGMENT));
    }
    if (count > 0)
        log_event(
            LOG_WARNING, "retention.not_found",
            "policy=%s subjects=%zu what=\"disposed of after the backup, and no row of today's "
            "table has their references\"",
            s->g->policy->name, count);
}

static bool settle_all(struct search *s, struct error *err)
{
    CLEANUP(text_free) struct text absent = {0};
    const char *looked[] = {s->g->policy->name, s->now};
    list_absent(s, &absent);
    return settle(s, db_array_close(&absent), "absent", err) &&
           settle(s, db_array_close(&s->held), "held", err) &&
           db_exec(s->db, sql_retention_mark_looked, COUNT_OF(looked), looked, err);
}

static bool start_worklist(struct search *s, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *number = NULL;
    if (!db_query(s->db, DB_ONE_ROW, sql_retention_next_scan, 0, NULL, &number, err))
        return false;
    snprintf(s->scan, sizeof s->scan, "%s", db_text(number, 0, 0));
    const char *params[] = {s->g->policy->name, s->scan};
    return db_exec(s->db, sql_retention_drop_old_scan, COUNT_OF(params), params, err);
}

static bool list_returned(struct search *s, struct error *err)
{
    const struct graph_table *subject = &s->g->tables[0];
    const char *params[] = {s->g->policy->name, subject->schema, subject->name};
    if (!db_query(s->db, DB_ROWS, sql_retention_list_returned, COUNT_OF(params), params,
                  &s->returned, err))
        return false;
    s->here = memory_alloc((db_rows(s->returned) + 1) * sizeof *s->here);
    return true;
}

bool again_fill_worklist(const struct job_ctx *ctx, struct db *db, const struct graph *g,
                         const unsigned char reference_key[static DIGEST_SIZE],
                         struct scan_result *ret, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(search_free)
    struct search s = {.ctx = ctx, .db = db, .g = g, .reference_key = reference_key};
    struct scan_result result = {0};
    int64_t started = clock_monotonic_ms();
    clock_format_utc(ctx->now, s.now);
    local_date_format(local_date_add_days(ctx->as_of, REVIEW_DAYS), s.review_on);
    if (!db_tx_begin(db, DB_READ_COMMITTED, &tx, err) || !list_returned(&s, err) ||
        !check_subject(&s, err) || !start_worklist(&s, err) ||
        (db_rows(s.returned) > 0 && !look_at_all(&s, &result.subjects, err)) ||
        !settle_all(&s, err))
        return error_context(err, "look for subjects of policy %s that came back", g->policy->name);
    FAULT_POINT("again.looked");
    if (!db_tx_commit(&tx, err))
        return error_context(err, "look for subjects of policy %s that came back", g->policy->name);
    result.due = s.found;
    result.took_ms = clock_monotonic_ms() - started;
    log_event(LOG_INFO, "retention.returned",
              "policy=%s forgotten=%zu subjects=%" PRId64 " back=%" PRId64 " took_ms=%" PRId64,
              g->policy->name, db_rows(s.returned), result.subjects, s.found, result.took_ms);
    *ret = result;
    return true;
}

bool again_refuse_unlooked(struct db *db, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {NULL};
    if (!db_query(db, DB_ONE_ROW, sql_retention_count_returned, 1, params, &r, err))
        return false;
    return db_int(r, 0, 0) == 0 ||
           error_set(err, ERR_INTEGRITY,
                     "the database was restored to an earlier point, and %s subjects that were "
                     "disposed of have not been looked for yet: waarborg retention run --re-erase, "
                     "with the policies %s in the configuration",
                     db_text(r, 0, 0), db_text(r, 0, 2));
}

bool again_count_left(struct db *db, const struct policy *policy, int64_t *ret, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {policy->name};
    if (!db_query(db, DB_ONE_ROW, sql_retention_count_returned, 1, params, &r, err))
        return false;
    *ret = db_int(r, 0, 0) + db_int(r, 0, 1);
    return true;
}
