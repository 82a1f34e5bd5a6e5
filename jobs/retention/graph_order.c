#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"
#include "jobs/retention/graph_walk.h"

/* A column by which rows are found must not be emptied before they have been. */
static bool ties_rows(const struct graph *g, const struct graph_key *k, const char *column)
{
    if (k->use == KEY_FOLLOW || k->use == KEY_SELF)
        return false; /* such a key is never emptied */
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *other = &g->keys[i];
        if (other->child != k->child || (other->use != KEY_FOLLOW && other->use != KEY_SELF))
            continue;
        for (size_t c = 0; c < other->column_count; c++)
            if (strcmp(other->columns[c], column) == 0)
                return true;
    }
    return false;
}

void walk_nullable(struct walk *w)
{
    for (size_t i = 0; i < w->graph->key_count; i++) {
        struct graph_key *k = &w->graph->keys[i];
        if (k->use == KEY_DETACH || k->use == KEY_GUARD || k->child == SIZE_MAX)
            continue;
        const struct graph_table *t = &w->graph->tables[k->child];
        k->nullable = memory_resize(k->nullable, k->column_count + 1, sizeof *k->nullable);
        for (size_t c = 0; c < k->column_count; c++) {
            const struct graph_column *column = graph_find_column(t, k->columns[c]);
            if (column != NULL && !column->not_null && !column->generated &&
                !ties_rows(w->graph, k, k->columns[c]))
                k->nullable[k->nullable_count++] = memory_copy_text(k->columns[c]);
        }
    }
}

static void set_depths(struct graph *g)
{
    for (size_t i = 1; i < g->table_count; i++)
        g->tables[i].depth = SIZE_MAX;
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < g->key_count; i++) {
            const struct graph_key *k = &g->keys[i];
            if (k->use != KEY_FOLLOW || g->tables[k->parent].depth == SIZE_MAX)
                continue;
            size_t depth = g->tables[k->parent].depth + 1;
            if (depth < g->tables[k->child].depth) {
                g->tables[k->child].depth = depth;
                moved = true;
            }
        }
    }
}

static bool leads_to(const struct graph *g, const bool *kept, size_t from, size_t to)
{
    if (from == to)
        return true;
    for (size_t i = 0; i < g->key_count; i++)
        if (kept[i] && g->keys[i].child == from && leads_to(g, kept, g->keys[i].parent, to))
            return true;
    return false;
}

/* Keys are taken nearest to the subject first; one that would close a cycle is not followed: rows
 * that only it reaches are not the subject's, and while they refer to it the subject stays. */
void walk_follow(struct walk *w)
{
    struct graph *g = w->graph;
    set_depths(g);
    bool *kept = memory_alloc((g->key_count + 1) * sizeof *kept);
    for (size_t depth = 0; depth < g->table_count; depth++) {
        for (size_t i = 0; i < g->key_count; i++) {
            struct graph_key *k = &g->keys[i];
            if (k->use != KEY_FOLLOW || g->tables[k->parent].depth != depth)
                continue;
            if (leads_to(g, kept, k->parent, k->child))
                k->use = KEY_BACK;
            else
                kept[i] = true;
        }
    }
    free(kept);
    for (size_t i = 0; i < g->key_count; i++)
        if (g->keys[i].use == KEY_SELF)
            g->tables[g->keys[i].child].recursive = true;
}

/* Must child's rows be gone before parent's? */
static bool orders(const struct graph *g, const struct graph_key *k)
{
    bool real = k->use == KEY_FOLLOW || k->use == KEY_BACK || k->use == KEY_OWNED ||
                (k->use == KEY_SUBJECT && k->parent != 0);
    return real && k->relax == RELAX_NONE && k->child != SIZE_MAX &&
           g->tables[k->child].role != TABLE_TOUCHED;
}

static bool has_child_left(const struct graph *g, const bool *placed, size_t table)
{
    for (size_t i = 0; i < g->key_count; i++)
        if (g->keys[i].parent == table && orders(g, &g->keys[i]) && !placed[g->keys[i].child])
            return true;
    return false;
}

/* Follows waiting keys until a table comes back, which is a cycle; relaxes one key of it. */
static bool relax_cycle(struct walk *w, const bool *placed, size_t start)
{
    struct graph *g = w->graph;
    size_t *path = memory_alloc((g->table_count + 1) * sizeof *path); /* keys walked */
    size_t *at = memory_alloc((g->table_count + 1) * sizeof *at);     /* tables stood on */
    size_t steps = 0;
    size_t from = SIZE_MAX;
    at[0] = start;
    while (from == SIZE_MAX) {
        size_t k = 0;
        while (g->keys[k].parent != at[steps] || !orders(g, &g->keys[k]) ||
               placed[g->keys[k].child])
            k++;
        path[steps++] = k;
        at[steps] = g->keys[k].child;
        for (size_t s = 0; s < steps; s++)
            if (at[s] == at[steps])
                from = s;
    }
    struct graph_key *chosen = NULL;
    for (size_t s = from; s < steps; s++) {
        struct graph_key *k = &g->keys[path[s]];
        if (k->deferrable && k->on_delete == 'a')
            k->relax = RELAX_DEFER, chosen = k, s = steps;
    }
    for (size_t s = from; chosen == NULL && s < steps; s++) {
        struct graph_key *k = &g->keys[path[s]];
        /* A followed key cannot be set to NULL first: its rows would no longer be found. */
        if (k->use != KEY_FOLLOW && k->nullable_count > 0 &&
            g->tables[k->child].primary_key_count > 0)
            k->relax = RELAX_NULL, chosen = k;
    }
    struct text cycle = {0};
    for (size_t s = from; chosen == NULL && s < steps; s++) {
        text_separate(&cycle, ", ");
        text_addf(&cycle, "%s (%s)", g->keys[path[s]].child_display,
                  g->keys[path[s]].constraint == NULL ? "link" : g->keys[path[s]].constraint);
    }
    if (chosen == NULL)
        WALK_REFUSE(w,
                    memory_format("keys form a cycle that nothing can break: %s", text_get(&cycle)),
                    memory_copy_text("make one of these keys DEFERRABLE, or its columns nullable"));
    text_free(&cycle);
    free(path);
    free(at);
    return chosen != NULL;
}

/* The deepest first, so that the order does not depend on the order of the catalogue. */
static size_t next_table(const struct graph *g, const bool *placed, bool ready_only)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < g->table_count; i++) {
        const struct graph_table *t = &g->tables[i];
        if (placed[i] || t->role == TABLE_TOUCHED || (ready_only && has_child_left(g, placed, i)))
            continue;
        bool owned = t->role == TABLE_OWNED;
        if (best == SIZE_MAX || (!owned && g->tables[best].role == TABLE_OWNED) ||
            (owned == (g->tables[best].role == TABLE_OWNED) && t->depth > g->tables[best].depth))
            best = i;
    }
    return best;
}

void walk_order(struct walk *w)
{
    struct graph *g = w->graph;
    bool *placed = memory_alloc(g->table_count * sizeof *placed);
    g->order = memory_alloc(g->table_count * sizeof *g->order);
    for (;;) {
        size_t next = next_table(g, placed, true);
        if (next != SIZE_MAX) {
            placed[next] = true;
            g->order[g->order_count++] = next;
            continue;
        }
        size_t waiting = next_table(g, placed, false);
        if (waiting == SIZE_MAX || !relax_cycle(w, placed, waiting))
            break;
    }
    free(placed);
}
