#include "jobs/report/schedule_categories.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/report/retention_words.h"
#include "jobs/retention/graph.h"
#include "sql.h"

/* In the order in which they are shown. */
enum place {
    PLACE_SUBJECT,
    PLACE_MEMBER,
    PLACE_OWNED,
    PLACE_TOUCHED,
    PLACE_OUTSIDE,
    PLACE_UNKNOWN
};

struct entry { /* a table of a policy; borrowed from graph and policy */
    const char *schema, *table;
    enum place place;
    const struct policy_category *category; /* NULL: not described */
};

struct entries {
    struct entry *items;
    size_t count, capacity;
};

static void entries_free(struct entries *e)
{
    free(e->items);
    *e = (struct entries){0};
}

/* ---- the rules ---- */

static json_t *clocks_json(const struct policy_rule *rule)
{
    json_t *clocks = json_array();
    for (size_t i = 0; i < rule->clock_count; i++) {
        CLEANUP(text_free) struct text name = {0};
        char table[TABLE_NAME_TEXT_SIZE];
        table_name_format(&rule->clocks[i].table, table, sizeof table);
        text_addf(&name, "%s.%s", table, rule->clocks[i].ends);
        json_array_append_new(clocks, json_string(text_get(&name)));
    }
    return clocks;
}

static json_t *requires_json(const struct policy_rule *rule)
{
    json_t *tables = json_array();
    for (size_t i = 0; i < rule->require_count; i++) {
        char table[TABLE_NAME_TEXT_SIZE];
        table_name_format(&rule->requires[i], table, sizeof table);
        json_array_append_new(tables, json_string(table));
    }
    return tables;
}

static const char *start_code(const struct policy_rule *rule)
{
    return rule->start == WINDOW_EXACT ? "exact" : "calendar_year_end";
}

bool schedule_rules_fill(struct report_request *r, json_t **ret_rows, struct error *err)
{
    const struct settings *s = r->ctx->settings;
    json_t *rows = json_array();
    (void)err;
    for (size_t i = 0; i < s->policy_count; i++)
        for (size_t k = 0; k < s->policies[i].rule_count; k++) {
            const struct policy_rule *rule = &s->policies[i].rules[k];
            json_array_append_new(rows, json_pack("{s:s, s:s, s:o, s:s, s:o, s:o}", "policy",
                                                  s->policies[i].name, "rule", rule->name, "window",
                                                  words_window(r->document, rule->window), "start",
                                                  start_code(rule), "clocks", clocks_json(rule),
                                                  "requires", requires_json(rule)));
        }
    *ret_rows = rows;
    return true;
}

/* ---- the tables ---- */

static bool is_table(const struct table_name *name, const struct entry *e)
{
    return strcmp(name->schema, e->schema) == 0 && strcmp(name->table, e->table) == 0;
}

static void add_entry(struct entries *all, const struct policy *p, const char *schema,
                      const char *table, enum place place)
{
    struct entry e = {.schema = schema, .table = table, .place = place};
    for (size_t i = 0; i < p->category_count; i++)
        if (is_table(&p->categories[i].table, &e))
            e.category = &p->categories[i];
    MEMORY_GROW(all->items, all->count, all->capacity);
    all->items[all->count++] = e;
}

static bool has_entry(const struct entries *all, const struct table_name *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (is_table(name, &all->items[i]))
            return true;
    return false;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    int by_schema = strcmp(x->schema, y->schema);
    return by_schema != 0 ? by_schema : strcmp(x->table, y->table);
}

static void list_entries(struct entries *all, const struct graph *g)
{
    static const enum place places[] = {[TABLE_SUBJECT] = PLACE_SUBJECT,
                                        [TABLE_MEMBER] = PLACE_MEMBER,
                                        [TABLE_OWNED] = PLACE_OWNED,
                                        [TABLE_TOUCHED] = PLACE_TOUCHED};
    const struct policy *p = g->policy;
    for (size_t i = 0; i < g->table_count; i++)
        add_entry(all, p, g->tables[i].schema, g->tables[i].name, places[g->tables[i].role]);
    for (size_t i = 0; i < p->outside_count; i++)
        if (!has_entry(all, &p->outside[i].table))
            add_entry(all, p, p->outside[i].table.schema, p->outside[i].table.table, PLACE_OUTSIDE);
    for (size_t i = 0; i < p->category_count; i++)
        if (!has_entry(all, &p->categories[i].table))
            add_entry(all, p, p->categories[i].table.schema, p->categories[i].table.table,
                      PLACE_UNKNOWN);
    if (all->count > 0)
        qsort(all->items, all->count, sizeof *all->items, compare_entries);
}

static bool read_comments(struct report_request *r, const struct entries *all,
                          struct db_result **ret, struct error *err)
{
    CLEANUP(text_free) struct text schemas = {0};
    CLEANUP(text_free) struct text tables = {0};
    for (size_t i = 0; i < all->count; i++) {
        db_array_add(&schemas, all->items[i].schema);
        db_array_add(&tables, all->items[i].table);
    }
    const char *params[] = {db_array_close(&schemas), db_array_close(&tables)};
    return db_query(r->db, DB_ROWS, sql_report_schedule_comments, COUNT_OF(params), params, ret,
                    err);
}

/* Members of the row that come from the rules: one of each a rule, in their order. */
static void add_rules(json_t *row, struct document *d, const struct policy *p)
{
    json_t *windows = json_array();
    json_t *starts = json_array();
    json_t *clocks = json_array();
    json_t *requires = json_array();
    for (size_t i = 0; i < p->rule_count; i++) {
        json_t *of_rule = clocks_json(&p->rules[i]);
        json_t *needed = requires_json(&p->rules[i]);
        json_array_append_new(windows, words_window(d, p->rules[i].window));
        json_array_append_new(starts, json_string(start_code(&p->rules[i])));
        json_array_extend(clocks, of_rule);
        json_array_extend(requires, needed);
        json_decref(of_rule);
        json_decref(needed);
    }
    json_object_set_new(row, "window", windows);
    json_object_set_new(row, "start", starts);
    json_object_set_new(row, "clocks", clocks);
    json_object_set_new(row, "requires", requires);
}

/* What is said of the table itself, else of all the policy's, else that nobody said it. */
static const char *stated(const char *of_table, const char *of_policy)
{
    return of_table != NULL ? of_table : of_policy != NULL ? of_policy : "not_stated";
}

static json_t *category_row(struct report_request *r, const struct policy *p, const struct entry *e,
                            const char *comment)
{
    static const char *const roles[] = {"subject", "member",  "owned",
                                        "touched", "outside", "unknown"};
    static const char *const ends[] = {"deleted",  "deleted", "deleted_when_unused",
                                       "unlinked", "stays",   NULL};
    const struct policy_category none = {0};
    const struct policy_category *c = e->category == NULL ? &none : e->category;
    bool covered = e->place < PLACE_OUTSIDE;
    char table[TABLE_NAME_TEXT_SIZE];
    table_name_format(&(struct table_name){.schema = (char *)e->schema, .table = (char *)e->table},
                      table, sizeof table);
    json_t *row = json_pack("{s:s, s:s, s:s?, s:s, s:s, s:s, s:s?, s:s}", "category",
                            c->name != NULL   ? c->name
                            : comment != NULL ? comment
                                              : table,
                            "table", table, "comment", comment, "role", roles[e->place], "purpose",
                            stated(c->purpose, covered ? p->purpose : NULL), "legal_basis",
                            stated(c->legal_basis, covered ? p->legal_basis : NULL), "at_end",
                            ends[e->place], "policy", p->name);
    if (covered) {
        add_rules(row, r->document, p);
        json_object_set_new(row, "archive_term",
                            words_window(r->document, r->ctx->settings->archive.keep_window));
    }
    return row;
}

static bool add_policy(struct report_request *r, const struct policy *p, json_t *rows,
                       struct error *err)
{
    CLEANUP(graph_free) struct graph g = {0};
    CLEANUP(problem_list_free) struct problem_list problems = {0};
    CLEANUP(entries_free) struct entries all = {0};
    CLEANUP(db_result_free) struct db_result *comments = NULL;
    if (!graph_build(r->db, p, &g, &problems, err))
        return false;
    if (problems.refusals > 0)
        return error_set(err, ERR_USAGE,
                         "it does not fit the database, so what it keeps cannot be told: waarborg "
                         "check says why");
    list_entries(&all, &g);
    if (!read_comments(r, &all, &comments, err))
        return false;
    for (size_t i = 0; i < all.count; i++)
        json_array_append_new(rows, category_row(r, p, &all.items[i], db_text(comments, i, 0)));
    return true;
}

bool schedule_categories_fill(struct report_request *r, json_t **ret_rows, struct error *err)
{
    CLEANUP(json_decrefp) json_t *rows = json_array();
    const struct settings *s = r->ctx->settings;
    for (size_t i = 0; i < s->policy_count; i++)
        if (!add_policy(r, &s->policies[i], rows, err))
            return error_context(err, "policy %s", s->policies[i].name);
    *ret_rows = rows;
    rows = NULL;
    return true;
}
