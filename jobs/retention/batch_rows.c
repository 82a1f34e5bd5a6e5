#include "jobs/retention/batch_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fault_point.h"
#include "common/memory.h"
#include "jobs/retention/batch_effects.h"
#include "jobs/retention/statements.h"

#define MOVE_LOCK_TIMEOUT_MS 5

struct move {
    struct worker *w;
    const struct graph *g;
    const struct batch *b;
    struct segment *s;
    const struct key_literals *all; /* the whole batch */
    size_t table;                   /* being deleted from */
    const struct graph_key *key;    /* way of the delete, key to unlink or to ask about */
    uint64_t rows;                  /* of the present member */
    struct key_list *candidates;    /* owned parents, by table */
    uint64_t *archived;             /* rows deleted and archived, by table */
};

static bool take_row(void *context, const char *row, size_t length, struct error *err)
{
    struct move *m = context;
    FAULT_POINT("rows.row_came");
    if (atomic_load(&m->w->night->cancel))
        return error_set(err, ERR_STOPPED, "stopped by a signal; the batch was rolled back");
    return segment_add_rows(m->s, row, length, err);
}

static bool copy_rows(struct move *m, const char *statement, struct error *err)
{
    CLEANUP(memory_release) char *copy = memory_format("COPY (%s) TO STDOUT", statement);
    int64_t rows = 0;
    if (!db_copy_out(m->w->db, copy, take_row, m, &rows, err))
        return false;
    m->rows += (uint64_t)rows;
    FAULT_POINT("rows.statement_done");
    return true;
}

/* Starts the member of a table: the columns its statements return, in that order. */
static bool begin_rows(struct move *m, size_t table, struct error *err)
{
    const struct graph_table *t = &m->g->tables[table];
    struct segment_column *columns = memory_alloc((t->column_count + 1) * sizeof *columns);
    size_t count = 0;
    for (size_t i = 0; i < t->column_count; i++)
        if (!t->columns[i].generated)
            columns[count++] =
                (struct segment_column){t->columns[i].name, t->columns[i].type, false};
    const struct segment_member member = {SEGMENT_ROWS, t->schema, t->name, columns, count};
    m->rows = 0;
    bool begun = segment_begin_member(m->s, &member, err);
    free(columns);
    return begun;
}

static bool begin_unlinked(struct move *m, const struct graph_key *k, struct error *err)
{
    const struct graph_table *t = &m->g->tables[k->child];
    size_t count = t->primary_key_count + k->nullable_count;
    struct segment_column *columns = memory_alloc((count + 1) * sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        bool is_key = i < t->primary_key_count;
        const char *name = is_key ? t->primary_key[i] : k->nullable[i - t->primary_key_count];
        columns[i] = (struct segment_column){name, graph_find_column(t, name)->type, is_key};
    }
    const struct segment_member member = {SEGMENT_UNLINKED, t->schema, t->name, columns, count};
    m->rows = 0;
    bool begun = segment_begin_member(m->s, &member, err);
    free(columns);
    return begun;
}

static bool lock_unlinked_chunk(void *context, const struct key_literals *chunk, size_t first,
                                struct error *err)
{
    (void)first;
    struct move *m = context;
    CLEANUP(text_free) struct text sql = {0};
    statement_unlink_lock(&sql, m->g, m->key, chunk, m->all);
    return db_exec(m->w->db, text_get(&sql), 0, NULL, err);
}

static bool unlink_chunk(void *context, const struct key_literals *chunk, size_t first,
                         struct error *err)
{
    (void)first;
    struct move *m = context;
    CLEANUP(text_free) struct text sql = {0};
    statement_unlink(&sql, m->g, m->key, chunk, m->all);
    return copy_rows(m, text_get(&sql), err);
}

static bool unlink_all(struct move *m, struct error *err)
{
    FAULT_POINT("rows.owned_locked");
    for (size_t i = 0; i < m->g->key_count; i++) {
        m->key = &m->g->keys[i];
        if (!statement_unlinks(m->key))
            continue;
        if (!batch_each_chunk(m->w, m->b, lock_unlinked_chunk, m, err) ||
            !begin_unlinked(m, m->key, err) ||
            !batch_each_chunk(m->w, m->b, unlink_chunk, m, err) ||
            !segment_end_member(m->s, m->rows, err))
            return error_context(err, "unlink %s", m->key->child_display);
    }
    return true;
}

static bool delete_chunk(void *context, const struct key_literals *chunk, size_t first,
                         struct error *err)
{
    (void)first;
    struct move *m = context;
    CLEANUP(text_free) struct text sql = {0};
    statement_delete(&sql, m->g, m->table, m->key, chunk);
    return copy_rows(m, text_get(&sql), err);
}

static bool ask_chunk(void *context, const struct key_literals *chunk, size_t first,
                      struct error *err)
{
    (void)first;
    struct move *m = context;
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    statement_left(&sql, m->g, m->key, chunk);
    if (!db_query(m->w->db, DB_ONE_ROW, text_get(&sql), 0, NULL, &r, err))
        return false;
    if (!db_bool(r, 0, 0))
        return true;
    error_set(err, ERR_BLOCKED, "rows of %s remain after the delete; a trigger may keep them",
              m->key->child_display);
    snprintf(err->reason, sizeof err->reason, "remains %s", m->key->child_display);
    return false;
}

/* While the parents still stand: once they are gone, rows behind them cannot be found. */
static bool check_nothing_left(struct move *m, size_t table, struct error *err)
{
    for (size_t i = 0; i < m->g->key_count; i++) {
        m->key = &m->g->keys[i];
        if (m->key->child == table && statement_asks_left(m->key) &&
            !batch_each_chunk(m->w, m->b, ask_chunk, m, err))
            return false;
    }
    return true;
}

static bool check_subjects_gone(const struct move *m, struct error *err)
{
    if (m->table != 0 || m->rows == m->b->keys.count)
        return true;
    error_set(err, ERR_BLOCKED,
              "of %zu rows of %s only %" PRIu64 " were deleted; a trigger may keep them",
              m->b->keys.count, m->g->tables[0].display, m->rows);
    snprintf(err->reason, sizeof err->reason, "remains %.100s", m->g->tables[0].display);
    return false;
}

/* By the first way exactly the rows that were locked go; by another those of its rows that the ways
 * before have left. */
static bool check_locked(const struct move *m, size_t table, bool first, uint64_t deleted,
                         struct error *err)
{
    uint64_t locked = BATCH_NOT_LOCKED;
    for (size_t i = 0; i < m->g->key_count; i++) {
        const struct graph_key *k = &m->g->keys[i];
        bool by_itself = m->key == NULL && k->child == table && k->use == KEY_SELF;
        if (k == m->key || by_itself)
            locked = m->b->locked[i];
    }
    /* A row that two chunks reach was counted twice. */
    bool fewer_is_fine = !first || graph_is_shareable(m->g, table);
    if (locked == BATCH_NOT_LOCKED || deleted == locked || (fewer_is_fine && deleted < locked))
        return true;
    const char *display = m->g->tables[table].display;
    error_set(err, ERR_BLOCKED,
              deleted < locked ? "of %s %" PRIu64 " rows were locked and %" PRIu64
                                 " deleted; a trigger may keep the others"
                               : "of %s %" PRIu64 " rows were locked and %" PRIu64
                                 " deleted; others came in meanwhile",
              display, locked, deleted);
    snprintf(err->reason, sizeof err->reason, "%s %.100s", deleted < locked ? "remains" : "changed",
             display);
    return false;
}

static bool delete_table(struct move *m, size_t table, struct error *err)
{
    CLEANUP(memory_release) const struct graph_key **ways = NULL;
    size_t count = statement_delete_ways(m->g, table, &ways);
    m->table = table;
    if (!begin_rows(m, table, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        m->key = ways[i];
        uint64_t before = m->rows;
        bool done = statement_delete_whole_batch(m->g, table)
                        ? delete_chunk(m, m->all, 0, err)
                        : batch_each_chunk(m->w, m->b, delete_chunk, m, err);
        if (!done || !check_locked(m, table, i == 0, m->rows - before, err))
            return false;
    }
    m->archived[table] += m->rows;
    FAULT_POINT("rows.table_deleted");
    return segment_end_member(m->s, m->rows, err) && check_subjects_gone(m, err) &&
           check_nothing_left(m, table, err);
}

static bool add_candidates(struct move *m, const struct key_literals *keys, struct error *err)
{
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    statement_owned_lock(&sql, m->g, m->key, keys);
    if (!db_query(m->w->db, DB_ROWS, text_get(&sql), 0, NULL, &r, err))
        return false;
    struct key_list *list = &m->candidates[m->key->parent];
    for (size_t i = 0; i < db_rows(r); i++)
        key_list_add_row(list, r, i, 0);
    return true;
}

static bool candidate_chunk(void *context, const struct key_literals *chunk, size_t first,
                            struct error *err)
{
    (void)first;
    return add_candidates(context, chunk, err);
}

static struct key_literals candidate_literals(const struct move *m, size_t table)
{
    CLEANUP(memory_release) char **types = statement_key_types(&m->g->tables[table]);
    const struct key_list *list = &m->candidates[table];
    return key_literals_of(list, types, 0, list->count);
}

/* Before the rows that refer to them go: afterwards nobody knows which parents they were. */
static bool collect_owned(struct move *m, struct error *err)
{
    for (size_t o = 0; o < m->g->order_count; o++) {
        size_t table = m->g->order[o];
        if (m->g->tables[table].role != TABLE_OWNED)
            continue;
        m->candidates[table].width = m->g->tables[table].primary_key_count;
        for (size_t i = 0; i < m->g->key_count; i++) {
            m->key = &m->g->keys[i];
            if (m->key->use != KEY_OWNED || m->key->parent != table)
                continue;
            if (m->g->tables[m->key->child].role != TABLE_OWNED) {
                if (!batch_each_chunk(m->w, m->b, candidate_chunk, m, err))
                    return error_context(err, "lock rows of %s", m->g->tables[table].display);
            } else if (m->candidates[m->key->child].count > 0) {
                CLEANUP(key_literals_free)
                struct key_literals above = candidate_literals(m, m->key->child);
                if (!add_candidates(m, &above, err))
                    return error_context(err, "lock rows of %s", m->g->tables[table].display);
            }
        }
    }
    return true;
}

static bool delete_owned(struct move *m, size_t table, struct error *err)
{
    if (m->candidates[table].count == 0)
        return true;
    CLEANUP(key_literals_free) struct key_literals keys = candidate_literals(m, table);
    CLEANUP(text_free) struct text sql = {0};
    statement_owned_delete(&sql, m->g, table, &keys);
    if (!begin_rows(m, table, err) || !copy_rows(m, text_get(&sql), err))
        return false;
    m->archived[table] += m->rows;
    FAULT_POINT("rows.owned_deleted");
    return segment_end_member(m->s, m->rows, err);
}

static bool delete_all(struct move *m, struct error *err)
{
    FAULT_POINT("rows.unlinked");
    for (size_t o = 0; o < m->g->order_count; o++) {
        size_t table = m->g->order[o];
        bool done = m->g->tables[table].role == TABLE_OWNED ? delete_owned(m, table, err)
                                                            : delete_table(m, table, err);
        if (!done)
            return error_context(err, "delete from %s", m->g->tables[table].display);
    }
    return true;
}

static bool defer_constraints(const struct move *m, struct error *err)
{
    for (size_t i = 0; i < m->g->key_count; i++)
        if (m->g->keys[i].relax == RELAX_DEFER)
            return db_exec(m->w->db, "SET CONSTRAINTS ALL DEFERRED", 0, NULL, err);
    return true;
}

/* Whoever waits for a subject we hold looks for a deadlock once, after deadlock_timeout, and dies
 * if it finds us waiting for a row of his.  So our statements wait for no row; what somebody's
 * trigger or the check of a key from outside the graph waits for is not in our hands. */
static bool hardly_wait(const struct move *m, struct error *err)
{
    int setting_ms = m->w->night->settings->run.lock_timeout_ms;
    char text[16];
    snprintf(text, sizeof text, "%d",
             setting_ms < MOVE_LOCK_TIMEOUT_MS ? setting_ms : MOVE_LOCK_TIMEOUT_MS);
    const char *params[] = {text};
    return db_exec(m->w->db, "SELECT set_config('lock_timeout', $1::text, true)", 1, params, err);
}

bool batch_move_rows(struct worker *w, const struct batch *b, struct segment *s, struct error *err)
{
    const struct graph *g = w->night->graph;
    CLEANUP(key_literals_free)
    struct key_literals all = key_literals_of(&b->keys, g->subject_key_types, 0, b->keys.count);
    struct move m = {.w = w, .g = g, .b = b, .s = s, .all = &all};
    m.candidates = memory_alloc(g->table_count * sizeof *m.candidates);
    m.archived = memory_alloc(g->table_count * sizeof *m.archived);
    CLEANUP(db_result_free) struct db_result *before = NULL;
    /* Deferred keys and triggers speak before the last look, while all can still be undone. */
    bool done = batch_effects_begin(w, &before, err) && defer_constraints(&m, err) &&
                hardly_wait(&m, err) && collect_owned(&m, err) && unlink_all(&m, err) &&
                delete_all(&m, err) &&
                db_exec(w->db, "SET CONSTRAINTS ALL IMMEDIATE", 0, NULL, err) &&
                batch_effects_check(w, before, m.archived, err) &&
                /* our statements hold the tables' locks now: nobody can change them any more */
                schema_watch_unchanged(w->db, g, w->night->schema_digest, err);
    FAULT_POINT("rows.moved");
    for (size_t i = 0; i < g->table_count; i++)
        key_list_free(&m.candidates[i]);
    free(m.candidates);
    free(m.archived);
    return done;
}
