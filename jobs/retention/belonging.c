#include "jobs/retention/belonging.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

void belonging_column(struct text *sql, const char *alias, const char *column)
{
    CLEANUP(memory_release) char *quoted = db_quote_name(column);
    text_addf(sql, "%s%s%s", alias, alias[0] == '\0' ? "" : ".", quoted);
}

void belonging_columns(struct text *sql, const char *alias, char *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            text_add(sql, ", ");
        belonging_column(sql, alias, columns[i]);
    }
}

void belonging_from(struct text *sql, const struct graph_table *t)
{
    text_addf(sql, "%s%s", t->partitioned ? "" : "ONLY ", t->sql);
}

/* One operator for all columns makes a row comparison; different ones are spelled out. */
void belonging_match_select(struct text *sql, const char *alias, char *const *columns,
                            char *const *operators, size_t count, const char *select)
{
    bool same = true;
    for (size_t c = 1; c < count; c++)
        same &= strcmp(operators[c], operators[0]) == 0;
    if (same) {
        text_add(sql, count == 1 ? "" : "(");
        belonging_columns(sql, alias, columns, count);
        text_addf(sql, "%s %s ANY (%s)", count == 1 ? "" : ")", operators[0], select);
        return;
    }
    text_addf(sql, "EXISTS (SELECT FROM (%s) AS one (", select);
    for (size_t c = 0; c < count; c++)
        text_addf(sql, "%sc%zu", c == 0 ? "" : ", ", c);
    text_add(sql, ") WHERE ");
    for (size_t c = 0; c < count; c++) {
        text_add(sql, c == 0 ? "" : " AND ");
        belonging_column(sql, alias, columns[c]);
        text_addf(sql, " %s one.c%zu", operators[c], c);
    }
    text_add(sql, ")");
}

void belonging_match(struct text *sql, const char *alias, char *const *columns,
                     char *const *operators, const struct key_literals *keys)
{
    CLEANUP(text_free) struct text select = {0};
    if (keys->width == 1) {
        belonging_column(sql, alias, columns[0]);
        text_addf(sql, " %s ANY (%s)", operators[0], keys->arrays[0]);
        return;
    }
    text_add(&select, "SELECT * FROM unnest(");
    for (size_t c = 0; c < keys->width; c++)
        text_addf(&select, "%s%s", c == 0 ? "" : ", ", keys->arrays[c]);
    text_add(&select, ")");
    belonging_match_select(sql, alias, columns, operators, keys->width, text_get(&select));
}

void belonging_match_subject(struct text *sql, const struct graph *g, const char *alias,
                             const struct key_literals *subjects)
{
    CLEANUP(memory_release)
    char **operators = graph_operators(&g->tables[0], g->subject_key, g->subject_key_count);
    belonging_match(sql, alias, g->subject_key, operators, subjects);
}

/* Columns of a direct key in the order of the subject key. */
static void match_direct(struct text *sql, const struct graph *g, const struct graph_key *k,
                         const char *alias, const struct key_literals *subjects)
{
    CLEANUP(memory_release) char **columns = memory_alloc(k->column_count * sizeof *columns);
    CLEANUP(memory_release) char **operators = memory_alloc(k->column_count * sizeof *operators);
    for (size_t i = 0; i < g->subject_key_count; i++)
        for (size_t j = 0; j < k->column_count; j++)
            if (strcmp(k->to[j], g->subject_key[i]) == 0) {
                columns[i] = k->columns[j];
                operators[i] = k->operators[j];
            }
    belonging_match(sql, alias, columns, operators, subjects);
}

static void add_partitions(struct text *sql, const struct graph_key *k, const char *alias)
{
    if (k->partitions != NULL)
        text_addf(sql, " AND %s.tableoid = ANY ('{%s}'::oid[])", alias, k->partitions);
}

void belonging_by_key(struct text *sql, const struct graph *g, const struct graph_key *k,
                      const char *alias, const struct key_literals *subjects)
{
    if (graph_key_is_direct(g, k)) {
        match_direct(sql, g, k, alias, subjects);
    } else {
        CLEANUP(text_free) struct text rows = {0};
        belonging_rows(&rows, g, k->parent, k->to, k->column_count, subjects);
        belonging_match_select(sql, alias, k->columns, k->operators, k->column_count,
                               text_get(&rows));
    }
    add_partitions(sql, k, alias);
}

static bool contains(char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void add_names(char ***names, size_t *count, char *const *more, size_t more_count)
{
    *names = memory_resize(*names, *count + more_count + 1, sizeof **names);
    for (size_t i = 0; i < more_count; i++)
        if (!contains(*names, *count, more[i]))
            (*names)[(*count)++] = more[i];
}

void belonging_join(struct text *sql, const struct graph_key *k, const char *child,
                    const char *parent)
{
    for (size_t c = 0; c < k->column_count; c++) {
        text_add(sql, c == 0 ? "" : " AND ");
        belonging_column(sql, child, k->columns[c]);
        text_addf(sql, " %s ", k->operators[c]);
        belonging_column(sql, parent, k->to[c]);
    }
}

static void join_parent(struct text *sql, const struct graph_key *k, const char *child,
                        const char *parent)
{
    belonging_join(sql, k, child, parent);
    add_partitions(sql, k, child);
}

/* Rows that a key of the table itself leads to, again and again, from those the others lead to. */
static void add_descendants(struct text *sql, const struct graph *g, size_t table,
                            char *const *columns, size_t count, const struct key_literals *subjects)
{
    char **carried = NULL;
    size_t carried_count = 0;
    add_names(&carried, &carried_count, columns, count);
    for (size_t i = 0; i < g->key_count; i++)
        if (g->keys[i].child == table && g->keys[i].use == KEY_SELF)
            add_names(&carried, &carried_count, g->keys[i].to, g->keys[i].column_count);
    text_add(sql, "WITH RECURSIVE below AS ((");
    const char *separator = "";
    for (size_t i = 0; i < g->key_count; i++) {
        if (!graph_is_followed(&g->keys[i], table))
            continue;
        text_addf(sql, "%sSELECT ", separator);
        belonging_columns(sql, "t", carried, carried_count);
        text_add(sql, " FROM ");
        belonging_from(sql, &g->tables[table]);
        text_add(sql, " AS t WHERE ");
        belonging_by_key(sql, g, &g->keys[i], "t", subjects);
        separator = " UNION ALL ";
    }
    text_add(sql, ") UNION SELECT ");
    belonging_columns(sql, "t", carried, carried_count);
    text_add(sql, " FROM ");
    belonging_from(sql, &g->tables[table]);
    text_add(sql, " AS t JOIN below AS b ON ");
    separator = "";
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        if (k->child != table || k->use != KEY_SELF)
            continue;
        text_addf(sql, "%s(", separator);
        join_parent(sql, k, "t", "b");
        text_add(sql, ")");
        separator = " OR ";
    }
    text_add(sql, ") SELECT ");
    belonging_columns(sql, "b", columns, count);
    text_add(sql, " FROM below AS b");
    free(carried);
}

void belonging_rows(struct text *sql, const struct graph *g, size_t table, char *const *columns,
                    size_t count, const struct key_literals *subjects)
{
    const struct graph_table *t = &g->tables[table];
    if (t->recursive) {
        add_descendants(sql, g, table, columns, count, subjects);
        return;
    }
    if (table == 0) {
        text_add(sql, "SELECT ");
        belonging_columns(sql, "t", columns, count);
        text_add(sql, " FROM ");
        belonging_from(sql, t);
        text_add(sql, " AS t WHERE ");
        belonging_match_subject(sql, g, "t", subjects);
        return;
    }
    const char *separator = "";
    for (size_t i = 0; i < g->key_count; i++) {
        if (!graph_is_followed(&g->keys[i], table))
            continue;
        text_addf(sql, "%sSELECT ", separator);
        belonging_columns(sql, "t", columns, count);
        text_add(sql, " FROM ");
        belonging_from(sql, t);
        text_add(sql, " AS t WHERE ");
        belonging_by_key(sql, g, &g->keys[i], "t", subjects);
        separator = " UNION ALL ";
    }
}

char **belonging_owner_columns(const struct graph *g, size_t table, size_t *ret_count)
{
    char **names = NULL;
    size_t count = 0;
    static char tableoid[] = "tableoid";
    static char *const system_column[] = {tableoid};
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        if (k->child != table || (k->use != KEY_FOLLOW && k->use != KEY_SELF))
            continue;
        add_names(&names, &count, k->columns, k->column_count);
        if (k->use == KEY_SELF)
            add_names(&names, &count, k->to, k->column_count);
        if (k->partitions != NULL)
            add_names(&names, &count, system_column, 1);
    }
    *ret_count = count;
    return names;
}

static void owners_by_key(struct text *sql, const struct graph *g, const struct graph_key *k,
                          const char *alias)
{
    CLEANUP(memory_release) char *parent = memory_format("%sp", alias);
    if (k->parent == 0) {
        text_add(sql, "SELECT ");
        belonging_columns(sql, parent, g->subject_key, g->subject_key_count);
    } else {
        text_add(sql, "SELECT o.*");
    }
    text_add(sql, " FROM ");
    belonging_from(sql, &g->tables[k->parent]);
    text_addf(sql, " AS %s", parent);
    if (k->parent != 0) {
        text_add(sql, " CROSS JOIN LATERAL (");
        belonging_owners(sql, g, k->parent, parent);
        text_add(sql, ") AS o");
    }
    text_add(sql, " WHERE ");
    join_parent(sql, k, alias, parent);
}

static void owners_without_self(struct text *sql, const struct graph *g, size_t table,
                                const char *alias)
{
    const char *separator = "";
    for (size_t i = 0; i < g->key_count; i++) {
        if (!graph_is_followed(&g->keys[i], table))
            continue;
        text_add(sql, separator);
        owners_by_key(sql, g, &g->keys[i], alias);
        separator = " UNION ALL ";
    }
}

/* A row of a recursive table also belongs to whom the rows above it belong. */
void belonging_owners(struct text *sql, const struct graph *g, size_t table, const char *alias)
{
    owners_without_self(sql, g, table, alias);
    if (!g->tables[table].recursive)
        return;
    CLEANUP(memory_release) char *above = memory_format("%sa", alias);
    size_t count;
    char **columns = belonging_owner_columns(g, table, &count);
    text_addf(sql, " UNION ALL SELECT o.* FROM (WITH RECURSIVE %s AS (SELECT ", above);
    belonging_columns(sql, alias, columns, count);
    text_add(sql, " UNION SELECT ");
    belonging_columns(sql, "t", columns, count);
    text_addf(sql, " FROM %s AS u JOIN ", above);
    belonging_from(sql, &g->tables[table]);
    text_add(sql, " AS t ON ");
    const char *separator = "";
    for (size_t i = 0; i < g->key_count; i++) {
        if (g->keys[i].child != table || g->keys[i].use != KEY_SELF)
            continue;
        text_addf(sql, "%s(", separator);
        join_parent(sql, &g->keys[i], "u", "t");
        text_add(sql, ")");
        separator = " OR ";
    }
    text_addf(sql, ") SELECT * FROM %s) AS %s CROSS JOIN LATERAL (", above, above);
    owners_without_self(sql, g, table, above);
    text_add(sql, ") AS o");
    free(columns);
}
