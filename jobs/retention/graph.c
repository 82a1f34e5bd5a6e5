#include "jobs/retention/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

size_t graph_find_table(const struct graph *g, const char *schema, const char *name)
{
    for (size_t i = 0; i < g->table_count; i++)
        if (strcmp(g->tables[i].schema, schema) == 0 && strcmp(g->tables[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

const struct graph_column *graph_find_column(const struct graph_table *t, const char *name)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (strcmp(t->columns[i].name, name) == 0)
            return &t->columns[i];
    return NULL;
}

char **graph_operators(const struct graph_table *t, char *const *columns, size_t count)
{
    static char equals[] = "=";
    char **operators = memory_alloc((count + 1) * sizeof *operators);
    for (size_t i = 0; i < count; i++) {
        const struct graph_column *c = graph_find_column(t, columns[i]);
        operators[i] = c == NULL ? equals : c->equals;
    }
    return operators;
}

bool graph_key_is_direct(const struct graph *g, const struct graph_key *k)
{
    if (k->parent != 0 || k->column_count != g->subject_key_count)
        return false;
    for (size_t i = 0; i < g->subject_key_count; i++) {
        size_t j = 0;
        while (j < k->column_count && strcmp(k->to[j], g->subject_key[i]) != 0)
            j++;
        if (j == k->column_count)
            return false;
    }
    return true;
}

bool graph_is_followed(const struct graph_key *k, size_t child)
{
    return k->use == KEY_FOLLOW && k->child == child;
}

bool graph_is_shareable(const struct graph *g, size_t table)
{
    size_t ways = 0;
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        if (k->child != table)
            continue;
        if (k->use == KEY_SELF || (k->use == KEY_FOLLOW && !k->unique_target))
            return true;
        if (k->use == KEY_FOLLOW && (++ways > 1 || graph_is_shareable(g, k->parent)))
            return true;
    }
    return false;
}

char *graph_oids(const struct graph *g, bool with_touched)
{
    struct text oids = {0};
    for (size_t i = 0; i < g->table_count; i++) {
        char oid[16];
        snprintf(oid, sizeof oid, "%u", g->tables[i].oid);
        if (with_touched || g->tables[i].role != TABLE_TOUCHED)
            db_array_add(&oids, oid);
    }
    db_array_close(&oids);
    return text_take(&oids);
}

static void free_table(struct graph_table *t)
{
    for (size_t i = 0; i < t->column_count; i++) {
        free(t->columns[i].name);
        free(t->columns[i].type);
        free(t->columns[i].key_type);
        free(t->columns[i].equals);
    }
    free(t->columns);
    db_items_free(t->primary_key, t->primary_key_count);
    db_items_free(t->triggers, t->trigger_count);
    free(t->schema);
    free(t->name);
    free(t->sql);
    free(t->display);
}

static void free_key(struct graph_key *k)
{
    db_items_free(k->columns, k->column_count);
    db_items_free(k->to, k->column_count);
    db_items_free(k->operators, k->column_count);
    db_items_free(k->nullable, k->nullable_count);
    free(k->child_sql);
    free(k->child_display);
    free(k->constraint);
    free(k->partitions);
}

void graph_free(struct graph *g)
{
    for (size_t i = 0; i < g->table_count; i++)
        free_table(&g->tables[i]);
    for (size_t i = 0; i < g->key_count; i++)
        free_key(&g->keys[i]);
    free(g->tables);
    free(g->keys);
    free(g->order);
    db_items_free(g->subject_key, g->subject_key_count);
    db_items_free(g->subject_key_types, g->subject_key_count);
    *g = (struct graph){0};
}
