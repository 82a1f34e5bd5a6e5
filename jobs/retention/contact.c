#include "jobs/retention/contact.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/retention/belonging_all.h"

/* The subject's row; no sub-select that belonging makes has a table of this name. */
#define SUBJECT "who"

static size_t find_table(const struct graph *g)
{
    const struct table_name *t = &g->policy->contact.table;
    return t->schema == NULL ? 0 : graph_find_table(g, t->schema, t->table);
}

/* What a name or a line must not hold: a tab spoils a letter, and a mail with one is refused. */
#define CONTROLS "[\\u0001-\\u0020\\u007f]+"
#define CONTROLS_BUT_NEWLINE "[\\u0001-\\u0009\\u000b-\\u001f\\u007f]+"

/* NULL for what is not there, and for what is blank. */
static void add_value(struct text *sql, const char *alias, const char *column, const char *controls)
{
    if (column == NULL) {
        text_add(sql, "NULL::text");
        return;
    }
    text_add(sql, "nullif(btrim(regexp_replace(");
    belonging_column(sql, alias, column);
    text_addf(sql, "::text, '%s', ' ', 'g'), E' \\n'), '')", controls);
}

static void add_address(struct text *sql, const char *alias, const struct policy_contact *c)
{
    const struct name_list *columns = &c->address;
    if (columns->count == 0) {
        text_add(sql, "NULL::text");
        return;
    }
    text_add(sql, "nullif(regexp_replace(concat_ws(E'\\n'");
    for (size_t i = 0; i < columns->count; i++) {
        bool begins = !c->address_joined[i];
        bool ends = i + 1 == columns->count || !c->address_joined[i + 1];
        text_add(sql, begins && !ends ? ", concat_ws(' ', " : ", ");
        add_value(sql, alias, columns->items[i], CONTROLS_BUT_NEWLINE);
        text_add(sql, ends && !begins ? ")" : "");
    }
    /* blanks before a newline and empty lines, of a value with several lines */
    text_add(sql, "), ' *\\n[ \\n]*', E'\\n', 'g'), '')");
}

static void add_values(struct text *sql, const char *alias, const struct policy_contact *c)
{
    add_value(sql, alias, c->name, CONTROLS);
    text_add(sql, " AS name, ");
    add_value(sql, alias, c->salutation, CONTROLS);
    text_add(sql, " AS salutation, ");
    add_address(sql, alias, c);
    text_add(sql, " AS address, ");
    add_value(sql, alias, c->email, CONTROLS);
    text_add(sql, " AS email, ");
    add_value(sql, alias, c->language, CONTROLS);
    text_add(sql, " AS language");
}

/* Columns, each once: two of the same name cannot be told apart in a sub-select. */
struct column_list {
    char **items; /* borrowed */
    size_t count;
};

static void add_column(struct column_list *list, char *column)
{
    if (column == NULL)
        return;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], column) == 0)
            return;
    list->items = memory_resize(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = column;
}

static void free_columns(struct column_list *list)
{
    free(list->items);
}

static struct column_list columns_of(const struct policy_contact *c)
{
    struct column_list list = {0};
    add_column(&list, c->name);
    add_column(&list, c->salutation);
    for (size_t i = 0; i < c->address.count; i++)
        add_column(&list, c->address.items[i]);
    add_column(&list, c->email);
    add_column(&list, c->language);
    return list;
}

/* Without a primary key nobody knows which row is the newest; the same one always is enough. */
static void add_order(struct text *sql, const struct graph_table *t, const struct column_list *all)
{
    text_add(sql, " ORDER BY ");
    for (size_t i = 0; i < t->primary_key_count; i++) {
        text_add(sql, i == 0 ? "" : ", ");
        belonging_column(sql, "t", t->primary_key[i]);
        text_add(sql, " DESC");
    }
    for (size_t i = 0; t->primary_key_count == 0 && i < all->count; i++) {
        text_add(sql, i == 0 ? "" : ", ");
        belonging_column(sql, "t", all->items[i]);
        text_add(sql, "::text COLLATE \"C\" DESC NULLS LAST");
    }
}

/* The newest row of another table that belongs to the subject SUBJECT. */
static void add_newest(struct text *sql, const struct graph *g, size_t table)
{
    const struct graph_table *t = &g->tables[table];
    const struct policy_contact *c = &g->policy->contact;
    CLEANUP(free_columns) struct column_list columns = columns_of(c);
    char **arrays = memory_alloc(g->subject_key_count * sizeof *arrays);
    for (size_t i = 0; i < g->subject_key_count; i++) {
        CLEANUP(memory_release) char *name = db_quote_name(g->subject_key[i]);
        arrays[i] = memory_format("ARRAY[%s.%s]", SUBJECT, name);
    }
    struct key_literals subject = {.arrays = arrays, .width = g->subject_key_count};
    for (size_t i = 0; i < t->primary_key_count; i++)
        add_column(&columns, t->primary_key[i]);
    text_add(sql, " LEFT JOIN LATERAL (SELECT ");
    add_values(sql, "t", c);
    text_add(sql, " FROM (");
    belonging_all_rows(sql, g, table, columns.items, columns.count, &subject);
    text_add(sql, ") AS t");
    add_order(sql, t, &columns);
    text_add(sql, " LIMIT 1) AS reached ON true");
    key_literals_free(&subject);
}

/* The subjects that were given and are there. */
static void add_given(struct text *sql, const struct graph *g, const struct key_literals *subjects)
{
    CLEANUP(memory_release)
    char **operators = graph_operators(&g->tables[0], g->subject_key, g->subject_key_count);
    text_add(sql, " FROM unnest(");
    for (size_t i = 0; i < subjects->width; i++)
        text_addf(sql, "%s%s", i == 0 ? "" : ", ", subjects->arrays[i]);
    text_add(sql, ") WITH ORDINALITY AS given (");
    for (size_t i = 0; i < subjects->width; i++)
        text_addf(sql, "k%zu, ", i + 1);
    text_add(sql, "n) JOIN ");
    belonging_from(sql, &g->tables[0]);
    text_add(sql, " AS " SUBJECT " ON ");
    for (size_t i = 0; i < subjects->width; i++) {
        text_add(sql, i == 0 ? "" : " AND ");
        belonging_column(sql, SUBJECT, g->subject_key[i]);
        text_addf(sql, " %s given.k%zu", operators[i], i + 1);
    }
}

void contact_select(struct text *sql, const struct graph *g, const struct key_literals *subjects)
{
    size_t table = find_table(g);
    text_add(sql, "SELECT given.n, ARRAY[");
    for (size_t i = 0; i < g->subject_key_count; i++) {
        text_add(sql, i == 0 ? "" : ", ");
        belonging_column(sql, SUBJECT, g->subject_key[i]);
        text_add(sql, "::text");
    }
    text_add(sql, "] AS subject_key, ");
    if (table == 0)
        add_values(sql, SUBJECT, &g->policy->contact);
    else
        text_add(sql, "reached.*");
    add_given(sql, g, subjects);
    if (table != 0)
        add_newest(sql, g, table);
    text_add(sql, " ORDER BY given.n");
}

static void check_columns(const struct graph *g, const struct graph_table *t,
                          struct problem_list *problems)
{
    CLEANUP(free_columns) struct column_list columns = columns_of(&g->policy->contact);
    for (size_t i = 0; i < columns.count; i++)
        if (graph_find_column(t, columns.items[i]) == NULL)
            problem_add(problems, PROBLEM_REFUSAL,
                        memory_format("contact (line %u): %s has no column %s",
                                      g->policy->contact.line, t->display, columns.items[i]),
                        memory_copy_text("correct the name, or the table of the contact"));
}

void contact_check(const struct graph *g, struct problem_list *problems)
{
    const struct policy_contact *c = &g->policy->contact;
    size_t table = find_table(g);
    char name[TABLE_NAME_TEXT_SIZE];
    if (c->line == 0)
        return;
    if (table != SIZE_MAX && g->tables[table].role != TABLE_TOUCHED) {
        check_columns(g, &g->tables[table], problems);
        return;
    }
    table_name_format(&c->table, name, sizeof name);
    problem_add(
        problems, PROBLEM_REFUSAL,
        memory_format("contact (line %u): %s %s", c->line, name,
                      table == SIZE_MAX
                          ? "does not exist, or is no table of the policy's graph"
                          : "only has a column that is detached: its rows belong to nobody"),
        memory_copy_text("name the subject's table, or one whose rows belong to it"));
}
