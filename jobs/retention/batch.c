#include "jobs/retention/batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fault_point.h"
#include "common/memory.h"
#include "jobs/retention/judge.h"
#include "jobs/retention/statements.h"
#include "sql.h"

static bool add_subject(struct batch *b, const struct db_result *r, size_t row, struct error *err)
{
    char **values;
    size_t count;
    if (!db_array_parse(db_text(r, row, 1), &values, &count, err))
        return false;
    if (count != b->keys.width) {
        db_items_free(values, count);
        return error_set(err, ERR_DB,
                         "the worklist holds a key of %zu columns; run waarborg "
                         "retention run again",
                         count);
    }
    if (b->keys.count == b->capacity) {
        b->capacity = b->capacity == 0 ? 256 : b->capacity * 2;
        b->subjects = memory_resize(b->subjects, b->capacity, sizeof *b->subjects);
    }
    struct batch_subject *s = &b->subjects[b->keys.count];
    s->ordinal = db_int(r, row, 0);
    s->rule = memory_copy_text(db_text(r, row, 2) == NULL ? "" : db_text(r, row, 2));
    snprintf(s->due_on, sizeof s->due_on, "%s",
             db_text(r, row, 3) == NULL ? "" : db_text(r, row, 3));
    key_list_add(&b->keys, (const char *const *)values);
    db_items_free(values, count);
    return true;
}

static bool run_pick(struct worker *w, enum batch_pick how, const struct key_list *ordinals,
                     struct db_result **ret, struct error *err)
{
    char limit[16];
    char pass[16];
    snprintf(limit, sizeof limit, "%d", how == PICK_BLOCKED ? 1 : w->night->settings->run.batch);
    snprintf(pass, sizeof pass, "%d", atomic_load(&w->night->pass));
    const char *params[] = {w->night->policy->name, limit, pass};
    if (how == PICK_DUE)
        return db_query(w->db, DB_ROWS, sql_retention_pick_due, 3, params, ret, err);
    if (how == PICK_BLOCKED)
        return db_query(w->db, DB_ROWS, sql_retention_pick_blocked, 3, params, ret, err);
    CLEANUP(memory_release)
    char *array = db_array_text((const char *const *)ordinals->values, ordinals->count);
    params[1] = array;
    return db_query(w->db, DB_ROWS, sql_retention_pick_ordinals, 2, params, ret, err);
}

bool batch_take(struct worker *w, enum batch_pick how, const struct key_list *ordinals,
                struct batch *ret_batch, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(batch_free)
    struct batch b = {.keys.width = w->night->graph->subject_key_count, .wary = how != PICK_DUE};
    if (!run_pick(w, how, ordinals, &r, err))
        return false;
    FAULT_POINT("batch.picked");
    for (size_t i = 0; i < db_rows(r); i++)
        if (!add_subject(&b, r, i, err))
            return false;
    *ret_batch = b;
    b = (struct batch){0};
    return true;
}

void batch_free(struct batch *b)
{
    for (size_t i = 0; i < b->keys.count; i++)
        free(b->subjects[i].rule);
    free(b->subjects);
    free(b->locked);
    key_list_free(&b->keys);
    *b = (struct batch){0};
}

struct key_list batch_ordinals(const struct batch *b)
{
    struct key_list list = {.width = 1};
    for (size_t i = 0; i < b->keys.count; i++) {
        char text[24];
        snprintf(text, sizeof text, "%" PRId64, b->subjects[i].ordinal);
        const char *values[] = {text};
        key_list_add(&list, values);
    }
    return list;
}

static void keep_only(struct batch *b, const bool *keep)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->keys.count; i++) {
        if (keep[i])
            b->subjects[kept++] = b->subjects[i];
        else
            free(b->subjects[i].rule);
    }
    key_list_filter(&b->keys, keep);
}

static void add_ordinal(struct text *array, const struct batch_subject *subject)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, subject->ordinal);
    db_array_add(array, text);
}

/* Ordinals of the subjects that are not kept, as an array; NULL when all are. */
static char *leaving_ordinals(const struct batch *b, const bool *keep)
{
    struct text t = {0};
    for (size_t i = 0; i < b->keys.count; i++)
        if (!keep[i])
            add_ordinal(&t, &b->subjects[i]);
    if (t.length == 0)
        return NULL;
    db_array_close(&t);
    return text_take(&t);
}

bool batch_each_chunk(struct worker *w, const struct batch *b, batch_chunk *visit, void *context,
                      struct error *err)
{
    size_t chunk = (size_t)w->night->settings->run.chunk;
    for (size_t first = 0; first < b->keys.count; first += chunk) {
        if (atomic_load(&w->night->cancel))
            return error_set(err, ERR_STOPPED, "stopped by a signal; the batch was rolled back");
        size_t count = b->keys.count - first < chunk ? b->keys.count - first : chunk;
        CLEANUP(key_literals_free)
        struct key_literals keys =
            key_literals_of(&b->keys, w->night->graph->subject_key_types, first, count);
        if (!visit(context, &keys, first, err))
            return false;
    }
    return true;
}

struct lock_step {
    struct worker *w;
    const struct batch *b;
    const struct graph_key *key;
    uint64_t rows; /* locked through the key */
    bool *keep;
};

static bool lock_subject_chunk(void *context, const struct key_literals *chunk, size_t first,
                               struct error *err)
{
    struct lock_step *s = context;
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    statement_lock_subjects(&sql, s->w->night->graph, chunk);
    if (!db_query(s->w->db, DB_ROWS, text_get(&sql), 0, NULL, &r, err))
        return error_context(err, "lock subjects");
    FAULT_POINT("batch.subjects_locked");
    for (size_t i = 0; i < db_rows(r); i++)
        s->keep[first + (size_t)db_int(r, i, 0) - 1] = true;
    return true;
}

/* Of subjects that somebody is in the way of, each half is tried for itself. */
static bool lock_row_range(struct lock_step *s, size_t first, size_t count, struct error *err)
{
    const struct graph *g = s->w->night->graph;
    CLEANUP(key_literals_free)
    struct key_literals keys = key_literals_of(&s->b->keys, g->subject_key_types, first, count);
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    statement_lock_rows(&sql, g, s->key, &keys);
    if (!db_query(s->w->db, DB_ONE_ROW, text_get(&sql), 0, NULL, &r, err))
        return error_context(err, "lock rows of %s", s->key->child_display);
    if (db_int(r, 0, 0) == db_int(r, 0, 1)) {
        s->rows += (uint64_t)db_int(r, 0, 0);
        return true;
    }
    if (count == 1) {
        s->keep[first] = false;
        return true;
    }
    size_t half = count / 2;
    return lock_row_range(s, first, half, err) &&
           lock_row_range(s, first + half, count - half, err);
}

static bool lock_row_chunk(void *context, const struct key_literals *chunk, size_t first,
                           struct error *err)
{
    (void)chunk;
    struct lock_step *s = context;
    size_t size = (size_t)s->w->night->settings->run.chunk;
    size_t rest = s->b->keys.count - first;
    return lock_row_range(s, first, rest < size ? rest : size, err);
}

bool batch_leave(struct worker *w, struct batch *b, const bool *keep, struct error *err)
{
    CLEANUP(memory_release) char *ordinals = leaving_ordinals(b, keep);
    if (ordinals == NULL)
        return true;
    char pass[16];
    snprintf(pass, sizeof pass, "%d", atomic_load(&w->night->pass));
    const char *params[] = {w->night->policy->name, ordinals, w->night->now_text, pass};
    if (!db_exec(w->db, sql_retention_leave_for_next_pass, 4, params, err))
        return false;
    keep_only(b, keep);
    return true;
}

static bool lock_key(struct worker *w, struct batch *b, size_t key, struct error *err)
{
    size_t count = b->keys.count;
    CLEANUP(memory_release) bool *keep = memory_alloc(count * sizeof *keep);
    struct lock_step step = {.w = w, .b = b, .key = &w->night->graph->keys[key], .keep = keep};
    memset(keep, true, count);
    if (!batch_each_chunk(w, b, lock_row_chunk, &step, err))
        return false;
    if (statement_needs_lock(w->night->graph, step.key)) /* others may still come in */
        b->locked[key] = step.rows;
    FAULT_POINT("batch.rows_locked");
    return batch_leave(w, b, keep, err);
}

/* Parents before children: once a row is locked, no child row can be added to it. */
bool batch_lock_rows(struct worker *w, struct batch *b, struct error *err)
{
    const struct graph *g = w->night->graph;
    b->locked = memory_resize(b->locked, g->key_count, sizeof *b->locked);
    for (size_t i = 0; i < g->key_count; i++)
        b->locked[i] = BATCH_NOT_LOCKED;
    for (size_t depth = 1; depth <= g->table_count; depth++) {
        for (size_t i = 0; i < g->key_count; i++) {
            const struct graph_key *k = &g->keys[i];
            bool wanted = statement_needs_lock(g, k) || (b->wary && k->use == KEY_FOLLOW);
            if (wanted && g->tables[k->child].depth == depth && !lock_key(w, b, i, err))
                return false;
        }
    }
    return true;
}

bool batch_lock(struct worker *w, struct batch *b, struct error *err)
{
    CLEANUP(memory_release) bool *keep = memory_alloc(b->keys.count * sizeof *keep);
    struct lock_step step = {.w = w, .keep = keep};
    return batch_each_chunk(w, b, lock_subject_chunk, &step, err) && batch_leave(w, b, keep, err);
}

struct judge_step {
    struct worker *w;
    struct batch *b;
    bool *keep;
    bool *held;
    struct text held_ordinals, held_reasons;
};

/* Who comes back with a restored database is judged by what was true when they went. */
static void select_chunk(const struct judge_step *s, const struct key_literals *chunk, size_t first,
                         struct text *sql)
{
    const struct night *n = s->w->night;
    CLEANUP(text_free) struct text dates = {0};
    size_t end = first + (size_t)n->settings->run.chunk;
    if (!n->again) {
        judge_select(sql, n->graph, n->settings->timezone, n->ctx->as_of, chunk);
        return;
    }
    for (size_t i = first; i < end && i < s->b->keys.count; i++)
        db_array_add(&dates, s->b->subjects[i].due_on);
    CLEANUP(memory_release) char *literal = db_quote_literal(db_array_close(&dates));
    CLEANUP(memory_release) char *array = memory_format("%s::date[]", literal);
    judge_again_select(sql, n->graph, n->settings->timezone, n->ctx->as_of, chunk, array);
}

/* The day and the rule by which somebody went the first time stand in the evidence: they stay. */
static void note_due(const struct judge_step *s, struct batch_subject *subject, const char *rule,
                     const char *due_on)
{
    if (s->w->night->again)
        return;
    free(subject->rule);
    subject->rule = memory_copy_text(rule);
    snprintf(subject->due_on, sizeof subject->due_on, "%s", due_on);
}

static bool judge_chunk(void *context, const struct key_literals *chunk, size_t first,
                        struct error *err)
{
    struct judge_step *s = context;
    CLEANUP(text_free) struct text select = {0};
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    select_chunk(s, chunk, first, &select);
    text_addf(&sql, "SELECT j.n, j.state, j.rule, j.due_on, j.reason FROM (%s) AS j",
              text_get(&select));
    if (!db_query(s->w->db, DB_ROWS, text_get(&sql), 0, NULL, &r, err))
        return error_context(err, "judge again");
    FAULT_POINT("batch.judged");
    for (size_t i = 0; i < db_rows(r); i++) {
        size_t at = first + (size_t)db_int(r, i, 0) - 1;
        struct batch_subject *subject = &s->b->subjects[at];
        const char *state = db_text(r, i, 1);
        if (strcmp(state, "due") == 0) {
            s->keep[at] = true;
            note_due(s, subject, db_text(r, i, 2), db_text(r, i, 3));
        } else if (strcmp(state, "held") == 0) {
            s->held[at] = true;
            add_ordinal(&s->held_ordinals, subject);
            db_array_add(&s->held_reasons, db_text(r, i, 4));
        }
    }
    return true;
}

static bool note_judgement(struct judge_step *s, struct error *err)
{
    struct night *n = s->w->night;
    if (s->held_ordinals.length > 0) {
        const char *params[] = {n->policy->name, db_array_close(&s->held_ordinals),
                                db_array_close(&s->held_reasons), n->now_text};
        if (!db_exec(s->w->db, sql_retention_hold_in_worklist, 4, params, err))
            return false;
    }
    CLEANUP(memory_release) bool *gone = memory_alloc(s->b->keys.count * sizeof *gone);
    for (size_t i = 0; i < s->b->keys.count; i++)
        gone[i] = s->keep[i] || s->held[i]; /* what is left is due no more */
    CLEANUP(memory_release) char *ordinals = leaving_ordinals(s->b, gone);
    char pass[16];
    snprintf(pass, sizeof pass, "%d", atomic_load(&n->pass));
    const char *params[] = {n->policy->name, ordinals, "erased before, its clocks have moved",
                            n->now_text, pass};
    return ordinals == NULL ||
           (n->again ? db_exec(s->w->db, sql_retention_set_aside, COUNT_OF(params), params, err)
                     : db_exec(s->w->db, sql_retention_remove_from_worklist, 2, params, err));
}

bool batch_judge(struct worker *w, struct batch *b, struct error *err)
{
    CLEANUP(memory_release) bool *keep = memory_alloc(b->keys.count * sizeof *keep);
    CLEANUP(memory_release) bool *held = memory_alloc(b->keys.count * sizeof *held);
    struct judge_step step = {.w = w, .b = b, .keep = keep, .held = held};
    bool done = batch_each_chunk(w, b, judge_chunk, &step, err) && note_judgement(&step, err);
    text_free(&step.held_ordinals);
    text_free(&step.held_reasons);
    if (done)
        keep_only(b, keep);
    return done;
}

struct partner_step {
    struct worker *w;
    const struct partner_source *source;
    const struct key_literals *batch;
    struct key_list *partners;
};

static bool partner_chunk(void *context, const struct key_literals *chunk, size_t first,
                          struct error *err)
{
    (void)first;
    struct partner_step *s = context;
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    statement_partners(&sql, s->w->night->graph, s->source, chunk, s->batch);
    if (!db_query(s->w->db, DB_ROWS, text_get(&sql), 0, NULL, &r, err))
        return error_context(err, "look for shared rows");
    for (size_t i = 0; i < db_rows(r); i++)
        key_list_add_row(s->partners, r, i, 0);
    return true;
}

bool batch_partners(struct worker *w, const struct batch *b, struct key_list *ret_partners,
                    const char **ret_where, struct error *err)
{
    const struct graph *g = w->night->graph;
    CLEANUP(memory_release) struct partner_source *sources = NULL;
    size_t count = statement_partner_sources(g, &sources);
    CLEANUP(key_list_free) struct key_list partners = {.width = g->subject_key_count};
    const char *where = NULL;
    if (count > 0 && b->keys.count > 0) {
        CLEANUP(key_literals_free)
        struct key_literals all = key_literals_of(&b->keys, g->subject_key_types, 0, b->keys.count);
        for (size_t i = 0; i < count; i++) {
            struct partner_step step = {w, &sources[i], &all, &partners};
            if (!batch_each_chunk(w, b, partner_chunk, &step, err))
                return false;
            if (where == NULL && partners.count > 0)
                where = sources[i].key != NULL ? sources[i].key->child_display
                                               : g->tables[sources[i].table].display;
        }
    }
    *ret_partners = partners;
    partners = (struct key_list){0};
    *ret_where = where;
    return true;
}
