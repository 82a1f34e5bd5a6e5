#include "jobs/retention/statement_list.h"

#include <stdlib.h>

#include "common/memory.h"
#include "jobs/retention/judge.h"
#include "jobs/retention/statements.h"

struct listing {
    const struct graph *g;
    statement_visit *visit;
    void *context;
    const struct key_literals *chunk, *batch;
    struct text sql;
};

static bool show(struct listing *l, const char *what, const char *name, struct error *err)
{
    CLEANUP(memory_release)
    char *title = memory_format("%s%s%s", what, name[0] == '\0' ? "" : " ", name);
    bool shown = l->visit(l->context, title, text_get(&l->sql), err);
    text_clear(&l->sql);
    return shown;
}

static bool show_locks(struct listing *l, struct error *err)
{
    statement_lock_subjects(&l->sql, l->g, l->chunk);
    if (!show(l, "lock subjects", l->g->tables[0].display, err))
        return false;
    for (size_t depth = 1; depth <= l->g->table_count; depth++) {
        for (size_t i = 0; i < l->g->key_count; i++) {
            const struct graph_key *k = &l->g->keys[i];
            if (!statement_needs_lock(l->g, k) || l->g->tables[k->child].depth != depth)
                continue;
            statement_lock_rows(&l->sql, l->g, k, l->chunk);
            if (!show(l, "lock rows of", k->child_display, err))
                return false;
        }
    }
    return true;
}

static bool show_partners(struct listing *l, struct error *err)
{
    CLEANUP(memory_release) struct partner_source *sources = NULL;
    size_t count = statement_partner_sources(l->g, &sources);
    for (size_t i = 0; i < count; i++) {
        statement_partners(&l->sql, l->g, &sources[i], l->chunk, l->batch);
        const char *name = sources[i].key != NULL ? sources[i].key->child_display
                                                  : l->g->tables[sources[i].table].display;
        if (!show(l, "who else owns rows of", name, err))
            return false;
    }
    return true;
}

static bool show_owned_locks(struct listing *l, struct error *err)
{
    for (size_t i = 0; i < l->g->key_count; i++) {
        const struct graph_key *k = &l->g->keys[i];
        if (k->use != KEY_OWNED)
            continue;
        const struct graph_table *child = &l->g->tables[k->child];
        if (child->role == TABLE_OWNED) {
            CLEANUP(memory_release) char **types = statement_key_types(child);
            CLEANUP(key_literals_free)
            struct key_literals keys =
                key_literals_placeholders(types, child->primary_key_count, 1);
            statement_owned_lock(&l->sql, l->g, k, &keys);
        } else {
            statement_owned_lock(&l->sql, l->g, k, l->chunk);
        }
        if (!show(l, "lock owned rows of", l->g->tables[k->parent].display, err))
            return false;
    }
    return true;
}

static bool show_unlinks(struct listing *l, struct error *err)
{
    for (size_t i = 0; i < l->g->key_count; i++) {
        const struct graph_key *k = &l->g->keys[i];
        if (!statement_unlinks(k))
            continue;
        statement_unlink_lock(&l->sql, l->g, k, l->chunk, l->batch);
        if (!show(l, "lock what is unlinked in", k->child_display, err))
            return false;
        statement_unlink(&l->sql, l->g, k, l->chunk, l->batch);
        if (!show(l, "unlink", k->child_display, err))
            return false;
    }
    return true;
}

static bool show_left(struct listing *l, size_t table, struct error *err)
{
    for (size_t i = 0; i < l->g->key_count; i++) {
        const struct graph_key *k = &l->g->keys[i];
        if (k->child != table || !statement_asks_left(k))
            continue;
        statement_left(&l->sql, l->g, k, l->chunk);
        if (!show(l, "is anything left in", k->child_display, err))
            return false;
    }
    return true;
}

static bool show_delete(struct listing *l, size_t table, struct error *err)
{
    const struct graph_table *t = &l->g->tables[table];
    if (t->role == TABLE_OWNED) {
        CLEANUP(memory_release) char **types = statement_key_types(t);
        CLEANUP(key_literals_free)
        struct key_literals keys = key_literals_placeholders(types, t->primary_key_count, 1);
        statement_owned_delete(&l->sql, l->g, table, &keys);
        return show(l, "delete owned rows of", t->display, err);
    }
    CLEANUP(memory_release) const struct graph_key **ways = NULL;
    size_t count = statement_delete_ways(l->g, table, &ways);
    for (size_t i = 0; i < count; i++) {
        statement_delete(&l->sql, l->g, table, ways[i], l->chunk);
        if (!show(l, "delete from", t->display, err))
            return false;
    }
    return show_left(l, table, err);
}

bool statement_list(const struct graph *g, const char *timezone, struct local_date as_of,
                    statement_visit *visit, void *context, struct error *err)
{
    CLEANUP(key_literals_free)
    struct key_literals chunk =
        key_literals_placeholders(g->subject_key_types, g->subject_key_count, 1);
    CLEANUP(key_literals_free)
    struct key_literals batch = key_literals_placeholders(
        g->subject_key_types, g->subject_key_count, 1 + (int)g->subject_key_count);
    struct listing l = {
        .g = g, .visit = visit, .context = context, .chunk = &chunk, .batch = &batch};
    judge_fill_worklist(&l.sql, g, timezone, as_of);
    bool done = show(&l, "scan", "", err) && show_locks(&l, err);
    if (done) {
        judge_select(&l.sql, g, timezone, as_of, &chunk);
        done = show(&l, "judge again", "", err);
    }
    done = done && show_partners(&l, err) && show_owned_locks(&l, err) && show_unlinks(&l, err);
    for (size_t i = 0; done && i < g->order_count; i++)
        done = show_delete(&l, g->order[i], err);
    text_free(&l.sql);
    return done;
}
