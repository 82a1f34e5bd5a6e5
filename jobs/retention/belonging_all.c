#include "jobs/retention/belonging_all.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

/* The tables on the way here.  Owned tables may own each other in a circle, which is entered once.
 */
struct way {
    size_t table;
    const struct way *before;
};

static bool is_on_way(const struct way *way, size_t table)
{
    for (; way != NULL; way = way->before)
        if (way->table == table)
            return true;
    return false;
}

static void add_rows(struct text *sql, const struct graph *g, const struct way *way,
                     char *const *columns, size_t count, const struct key_literals *subjects)
{
    const struct graph_table *t = &g->tables[way->table];
    if (t->role != TABLE_OWNED) {
        belonging_rows(sql, g, way->table, columns, count, subjects);
        return;
    }
    const char *separator = "";
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        CLEANUP(text_free) struct text below = {0};
        if (k->use != KEY_OWNED || k->parent != way->table || is_on_way(way, k->child))
            continue;
        add_rows(&below, g, &(struct way){k->child, way}, k->columns, k->column_count, subjects);
        if (below.length == 0)
            continue;
        text_addf(sql, "%sSELECT ", separator);
        belonging_columns(sql, "t", columns, count);
        text_add(sql, " FROM ");
        belonging_from(sql, t);
        text_add(sql, " AS t WHERE ");
        belonging_match_select(sql, "t", k->to, k->operators, k->column_count, text_get(&below));
        separator = " UNION ALL ";
    }
}

void belonging_all_rows(struct text *sql, const struct graph *g, size_t table, char *const *columns,
                        size_t count, const struct key_literals *subjects)
{
    add_rows(sql, g, &(struct way){table, NULL}, columns, count, subjects);
}

/* Does this key lead from rows of the table to subjects, other than by belonging? */
static bool is_crossed(const struct graph *g, const struct graph_key *k, size_t table)
{
    return (k->use == KEY_OWNED && k->parent == table && g->tables[table].role == TABLE_OWNED) ||
           (k->use == KEY_DETACH && k->child == table && g->tables[table].role == TABLE_TOUCHED);
}

static void add_owners(struct text *sql, const struct graph *g, const struct way *way,
                       const char *alias);

/* The subjects of the rows at the other end of the key; `here` is the row at this end. */
static void add_owners_across(struct text *sql, const struct graph *g, const struct graph_key *k,
                              const struct way *way, const char *here)
{
    CLEANUP(memory_release) char *there = memory_format("%so", here);
    CLEANUP(text_free) struct text beyond = {0};
    const char *child = k->use == KEY_OWNED ? there : here;
    const char *parent = k->use == KEY_OWNED ? here : there;
    size_t other = k->use == KEY_OWNED ? k->child : k->parent;
    if (is_on_way(way, other))
        return;
    add_owners(&beyond, g, &(struct way){other, way}, there);
    if (beyond.length == 0)
        return;
    text_add(sql, sql->length == 0 ? "" : " UNION ALL ");
    text_add(sql, "SELECT o.* FROM ");
    belonging_from(sql, &g->tables[other]);
    text_addf(sql, " AS %s CROSS JOIN LATERAL (%s) AS o WHERE ", there, text_get(&beyond));
    belonging_join(sql, k, child, parent);
    if (k->partitions != NULL)
        text_addf(sql, " AND %s.tableoid = ANY ('{%s}'::oid[])", child, k->partitions);
}

static void add_owners(struct text *sql, const struct graph *g, const struct way *way,
                       const char *alias)
{
    if (way->table == 0) {
        text_add(sql, "SELECT ");
        belonging_columns(sql, alias, g->subject_key, g->subject_key_count);
    } else if (g->tables[way->table].role == TABLE_MEMBER) {
        belonging_owners(sql, g, way->table, alias);
    } else {
        for (size_t i = 0; i < g->key_count; i++)
            if (is_crossed(g, &g->keys[i], way->table))
                add_owners_across(sql, g, &g->keys[i], way, alias);
    }
}

void belonging_all_owners(struct text *sql, const struct graph *g, size_t table, const char *alias)
{
    CLEANUP(text_free) struct text all = {0};
    add_owners(&all, g, &(struct way){table, NULL}, alias);
    text_add(sql, text_get(&all));
}

static void add_name(char ***names, size_t *count, char *name)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp((*names)[i], name) == 0)
            return;
    *names = memory_resize(*names, *count + 1, sizeof **names);
    (*names)[(*count)++] = name;
}

char **belonging_all_owner_columns(const struct graph *g, size_t table, size_t *ret_count)
{
    static char tableoid[] = "tableoid";
    char **names = NULL;
    size_t count = 0;
    if (table != 0 && g->tables[table].role == TABLE_MEMBER)
        return belonging_owner_columns(g, table, ret_count);
    for (size_t i = 0; table == 0 && i < g->subject_key_count; i++)
        add_name(&names, &count, g->subject_key[i]);
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        if (!is_crossed(g, k, table))
            continue;
        for (size_t c = 0; c < k->column_count; c++)
            add_name(&names, &count, k->use == KEY_OWNED ? k->to[c] : k->columns[c]);
        if (k->use == KEY_DETACH && k->partitions != NULL)
            add_name(&names, &count, tableoid);
    }
    *ret_count = count;
    return names;
}
