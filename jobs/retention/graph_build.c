#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"
#include "jobs/retention/graph_walk.h"
#include "sql.h"

static void add_column(struct graph_table *t, const struct db_result *r, size_t row)
{
    t->columns = memory_resize(t->columns, t->column_count + 1, sizeof *t->columns);
    t->columns[t->column_count++] = (struct graph_column){
        .name = memory_copy_text(db_text(r, row, 1)),
        .type = memory_copy_text(db_text(r, row, 2)),
        .not_null = db_bool(r, row, 3),
        .generated = db_bool(r, row, 4),
        .key_type = memory_copy_text(db_text(r, row, 6)),
        .equals = memory_copy_text(db_text(r, row, 7)),
    };
    if (db_text(r, row, 5) != NULL)
        t->primary_key_count++;
}

static bool load_columns(struct db *db, struct graph *g, struct error *err)
{
    CLEANUP(memory_release) char *oids = graph_oids(g, true);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {oids};
    if (!db_query(db, DB_ROWS, sql_retention_list_columns, 1, params, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++)
        add_column(&g->tables[walk_find_oid(g, (uint32_t)db_int(r, i, 0))], r, i);
    for (size_t t = 0; t < g->table_count; t++)
        g->tables[t].primary_key =
            memory_alloc((g->tables[t].primary_key_count + 1) * sizeof(char *));
    for (size_t i = 0; i < db_rows(r); i++) { /* positions count from 0, as indkey does */
        struct graph_table *t = &g->tables[walk_find_oid(g, (uint32_t)db_int(r, i, 0))];
        if (db_text(r, i, 5) != NULL && (size_t)db_int(r, i, 5) < t->primary_key_count)
            t->primary_key[db_int(r, i, 5)] = memory_copy_text(db_text(r, i, 1));
    }
    return true;
}

static bool load_triggers(struct db *db, struct graph *g, struct error *err)
{
    CLEANUP(memory_release) char *oids = graph_oids(g, true);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {oids};
    if (!db_query(db, DB_ROWS, sql_retention_list_triggers, 1, params, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++) {
        struct graph_table *t = &g->tables[walk_find_oid(g, (uint32_t)db_int(r, i, 0))];
        t->triggers = memory_resize(t->triggers, t->trigger_count + 1, sizeof *t->triggers);
        t->triggers[t->trigger_count++] =
            memory_format("%s %s", db_text(r, i, 1), db_text(r, i, 2));
        t->may_keep_rows |= db_bool(r, i, 3);
    }
    return true;
}

static bool load_sizes(struct db *db, struct graph *g, struct error *err)
{
    CLEANUP(memory_release) char *oids = graph_oids(g, true);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {oids};
    if (!db_query(db, DB_ROWS, sql_retention_list_sizes, 1, params, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++) {
        struct graph_table *t = &g->tables[walk_find_oid(g, (uint32_t)db_int(r, i, 0))];
        t->row_estimate = db_int(r, i, 1);
        t->bytes = db_int(r, i, 2);
    }
    return true;
}

static void check_link_columns(struct walk *w)
{
    for (size_t i = 0; i < w->graph->key_count; i++) {
        const struct graph_key *k = &w->graph->keys[i];
        for (size_t c = 0; k->constraint == NULL && c < k->column_count; c++) {
            const struct graph_table *child =
                k->child == SIZE_MAX ? NULL : &w->graph->tables[k->child];
            const struct graph_table *parent = &w->graph->tables[k->parent];
            if (child != NULL && graph_find_column(child, k->columns[c]) == NULL)
                WALK_REFUSE(
                    w, memory_format("links: %s has no column %s", child->display, k->columns[c]),
                    memory_copy_text("correct the column name"));
            if (graph_find_column(parent, k->to[c]) == NULL)
                WALK_REFUSE(w,
                            memory_format("links: %s has no column %s", parent->display, k->to[c]),
                            memory_copy_text("correct the column name"));
        }
    }
}

static void check_link_targets(struct walk *w)
{
    for (size_t i = 0; i < w->policy->link_count; i++) {
        const struct policy_link *l = &w->policy->links[i];
        size_t t = graph_find_table(w->graph, l->references.schema, l->references.table);
        char name[300];
        table_name_format(&l->references, name, sizeof name);
        if (t == SIZE_MAX || w->graph->tables[t].role == TABLE_TOUCHED)
            WALK_REFUSE(w,
                        memory_format("links (line %u) refers to %s, which is not in the graph",
                                      l->line, name),
                        memory_copy_text("refer to the subject or to a table that a key leads to"));
    }
}

static void check_outside(struct walk *w)
{
    for (size_t i = 0; i < w->policy->outside_count; i++) {
        const struct policy_table *o = &w->policy->outside[i];
        char name[300];
        table_name_format(&o->table, name, sizeof name);
        if (catalogue_find_name(w->catalogue, o->table.schema, o->table.table) == NULL)
            WALK_REFUSE(
                w, memory_format("outside (line %u) names %s, which does not exist", o->line, name),
                memory_copy_text("correct the name, or take it out"));
        else if (w->graph->table_count > 0 &&
                 strcmp(o->table.schema, w->graph->tables[0].schema) == 0 &&
                 strcmp(o->table.table, w->graph->tables[0].name) == 0)
            WALK_REFUSE(
                w, memory_format("outside (line %u) names the subject table %s", o->line, name),
                memory_copy_text("take it out of outside"));
    }
}

static void check_detach(struct walk *w)
{
    for (size_t i = 0; i < w->policy->detach_count; i++) {
        const struct policy_column *d = &w->policy->detach[i];
        char name[300];
        table_name_format(&d->table, name, sizeof name);
        size_t t = graph_find_table(w->graph, d->table.schema, d->table.table);
        const struct graph_column *c =
            t == SIZE_MAX ? NULL : graph_find_column(&w->graph->tables[t], d->column);
        bool used = false;
        for (size_t k = 0; k < w->graph->key_count; k++)
            for (size_t n = 0; n < w->graph->keys[k].nullable_count; n++)
                used |= w->graph->keys[k].use == KEY_DETACH && w->graph->keys[k].child == t &&
                        strcmp(w->graph->keys[k].nullable[n], d->column) == 0;
        if (c == NULL || !used)
            WALK_REFUSE(w,
                        memory_format("detach (line %u): %s.%s is no key to a table of the graph",
                                      d->line, name, d->column),
                        memory_copy_text("correct the name, or take it out"));
        else if (c->not_null || c->generated)
            WALK_REFUSE(
                w,
                memory_format("detach (line %u): %s.%s cannot be NULL", d->line, name, d->column),
                memory_format("ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL;",
                              w->graph->tables[t].sql, d->column));
        else if (w->graph->tables[t].primary_key_count == 0)
            WALK_REFUSE(w,
                        memory_format("detach (line %u): %s has no primary key to put the old "
                                      "value back by",
                                      d->line, name),
                        memory_format("add a primary key to %s", name));
    }
}

static bool check_subject_key(struct walk *w, struct db *db, struct error *err)
{
    struct graph *g = w->graph;
    const struct name_list *key = &w->policy->key;
    g->subject_key = walk_copy_names(key->items, key->count);
    g->subject_key_types = memory_alloc((key->count + 1) * sizeof *g->subject_key_types);
    g->subject_key_count = key->count;
    bool complete = true;
    for (size_t i = 0; i < key->count; i++) {
        const struct graph_column *c = graph_find_column(&g->tables[0], key->items[i]);
        g->subject_key_types[i] = memory_copy_text(c == NULL ? "text" : c->key_type);
        complete &= c != NULL;
        if (c == NULL)
            WALK_REFUSE(
                w, memory_format("key: %s has no column %s", g->tables[0].display, key->items[i]),
                memory_format("correct subject.key of policy %s", w->policy->name));
    }
    if (!complete)
        return true;
    CLEANUP(memory_release)
    char *names = db_array_text((const char *const *)key->items, key->count);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    char oid[16];
    snprintf(oid, sizeof oid, "%u", g->tables[0].oid);
    const char *params[] = {oid, names};
    if (!db_query(db, DB_ONE_ROW, sql_retention_find_unique_key, 2, params, &r, err))
        return false;
    if (!db_bool(r, 0, 0))
        WALK_REFUSE(
            w,
            memory_format("the subject table %s has no primary key or unique NOT NULL key "
                          "on the columns of `key`",
                          g->tables[0].display),
            memory_format(
                "ALTER TABLE %s ADD PRIMARY KEY (...), or name its key columns in policy %s",
                g->tables[0].sql, w->policy->name));
    return true;
}

/* A link to columns that do not identify its parent row makes the child's rows shared ones. */
static void judge_link_targets(struct graph *g)
{
    for (size_t i = 0; i < g->key_count; i++) {
        struct graph_key *k = &g->keys[i];
        if (k->constraint != NULL || k->inherited)
            continue;
        const struct graph_table *p = &g->tables[k->parent];
        bool primary = k->column_count == p->primary_key_count;
        for (size_t c = 0; primary && c < k->column_count; c++) {
            size_t at = 0;
            while (at < p->primary_key_count && strcmp(p->primary_key[at], k->to[c]) != 0)
                at++;
            primary = at < p->primary_key_count;
        }
        k->unique_target = primary || graph_key_is_direct(g, k);
    }
}

/* Between columns of one type a link compares as that type does, as a foreign key would. */
static void set_link_operators(struct graph *g)
{
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        for (size_t c = 0; k->constraint == NULL && k->child != SIZE_MAX && c < k->column_count;
             c++) {
            const struct graph_column *column =
                graph_find_column(&g->tables[k->child], k->columns[c]);
            const struct graph_column *to = graph_find_column(&g->tables[k->parent], k->to[c]);
            if (column == NULL || to == NULL || strcmp(column->key_type, to->key_type) != 0)
                continue;
            free(k->operators[c]);
            k->operators[c] = memory_copy_text(to->equals);
        }
    }
}

/* A partition under `outside` stays only when no key of the table it is part of covers it. */
static void check_outside_partitions(struct walk *w)
{
    for (size_t i = 0; i < w->policy->outside_count; i++) {
        const struct table_name *t = &w->policy->outside[i].table;
        const struct relation *r = catalogue_find_name(w->catalogue, t->schema, t->table);
        size_t root = r == NULL || r->root == r->oid ? SIZE_MAX : walk_find_oid(w->graph, r->root);
        for (size_t k = 0; root != SIZE_MAX && k < w->graph->key_count; k++) {
            if (!graph_is_followed(&w->graph->keys[k], root) ||
                w->graph->keys[k].partitions != NULL)
                continue;
            WALK_REFUSE(w,
                        memory_format("outside (line %u) names %s.%s, but rows of it belong to a "
                                      "subject by a key of the whole table %s",
                                      w->policy->outside[i].line, r->schema, r->name,
                                      w->graph->tables[root].display),
                        memory_copy_text("take it out of outside"));
            break;
        }
    }
}

static bool complete_graph(struct walk *w, struct db *db, struct error *err)
{
    struct graph *g = w->graph;
    check_outside(w);
    if (g->table_count == 0)
        return true;
    walk_owned(w);
    if (!load_columns(db, g, err) || !load_sizes(db, g, err) || !load_triggers(db, g, err) ||
        !check_subject_key(w, db, err))
        return false;
    check_link_columns(w);
    check_link_targets(w);
    judge_link_targets(g);
    set_link_operators(g);
    check_detach(w);
    walk_follow(w);
    walk_nullable(w);
    check_outside_partitions(w);
    walk_order(w);
    return true;
}

bool graph_build(struct db *db, const struct policy *policy, struct graph *ret_graph,
                 struct problem_list *problems, struct error *err)
{
    CLEANUP(catalogue_free) struct catalogue catalogue = {0};
    CLEANUP(graph_free) struct graph g = {.policy = policy};
    struct walk w = {policy, &catalogue, &g, problems};
    if (!catalogue_load(db, &catalogue, err))
        return false;
    walk_members(&w);
    if (!complete_graph(&w, db, err))
        return error_context(err, "policy %s", policy->name);
    *ret_graph = g;
    g = (struct graph){0};
    return true;
}
