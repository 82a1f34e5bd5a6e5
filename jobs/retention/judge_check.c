#include <string.h>

#include "common/memory.h"
#include "jobs/retention/judge.h"

static bool has_optional_key(const struct graph *g, size_t table)
{
    for (size_t i = 0; i < g->key_count; i++)
        if (graph_is_followed(&g->keys[i], table) && g->keys[i].nullable_count > 0)
            return true;
    return false;
}

/* A recursive table, this one or one on a path from it to the subject, whose rows may be tied to
 * the subject by rows of the same table only; SIZE_MAX when there is none. */
static size_t find_loose_table(const struct graph *g, size_t table)
{
    if (g->tables[table].recursive && has_optional_key(g, table))
        return table;
    for (size_t i = 0; i < g->key_count; i++) {
        size_t found = graph_is_followed(&g->keys[i], table)
                           ? find_loose_table(g, g->keys[i].parent)
                           : SIZE_MAX;
        if (found != SIZE_MAX)
            return found;
    }
    return SIZE_MAX;
}

static void check_table(const struct graph *g, const struct policy_rule *r,
                        const struct table_name *t, const char *what, const char *ends,
                        struct problem_list *problems)
{
    char name[300];
    table_name_format(t, name, sizeof name);
    size_t i = graph_find_table(g, t->schema, t->table);
    if (i == SIZE_MAX || g->tables[i].role == TABLE_OWNED || g->tables[i].role == TABLE_TOUCHED) {
        problem_add(
            problems, PROBLEM_REFUSAL,
            memory_format("rule %s (line %u): %s %s does not exist or no key leads from it to "
                          "the subject",
                          r->name, r->line, what, name),
            memory_copy_text("correct the name, or declare the relation under links"));
        return;
    }
    size_t loose = find_loose_table(g, i);
    if (loose != SIZE_MAX)
        problem_add(
            problems, PROBLEM_REFUSAL,
            memory_format("rule %s (line %u): a row of %s may be tied to the subject by its "
                          "parent row only, and is then not read as a clock",
                          r->name, r->line, g->tables[loose].display),
            memory_copy_text("make its key to the subject NOT NULL"));
    if (ends == NULL)
        return;
    const struct graph_column *c = graph_find_column(&g->tables[i], ends);
    if (c == NULL || (strcmp(c->type, "date") != 0 && strncmp(c->type, "timestamp", 9) != 0))
        problem_add(problems, PROBLEM_REFUSAL,
                    memory_format("rule %s (line %u): %s.%s %s", r->name, r->line, name, ends,
                                  c == NULL ? "does not exist" : "is no date or timestamp"),
                    memory_copy_text("name a column of type date, timestamp or timestamptz"));
}

void judge_check(const struct graph *g, struct problem_list *problems)
{
    for (size_t i = 0; i < g->policy->rule_count; i++) {
        const struct policy_rule *r = &g->policy->rules[i];
        for (size_t c = 0; c < r->clock_count; c++)
            check_table(g, r, &r->clocks[c].table, "clock", r->clocks[c].ends, problems);
        for (size_t c = 0; c < r->require_count; c++)
            check_table(g, r, &r->requires[c], "required table", NULL, problems);
    }
}

/* lost: (hold_id, breach) of those that stand on the subject table and that no row has.  One pass
 * over the subjects, and the rest by sorting: a join of given and found may be planned as a loop in
 * a loop, for nobody can estimate them, and a breach may have a million. */
static void add_lost(struct text *sql, const struct graph *g, const char *given)
{
    CLEANUP(memory_release) char *schema = db_quote_literal(g->tables[0].schema);
    CLEANUP(memory_release) char *table = db_quote_literal(g->tables[0].name);
    CLEANUP(memory_release)
    char *names = db_array_text((const char *const *)g->subject_key, g->subject_key_count);
    CLEANUP(memory_release) char *columns = db_quote_literal(names);
    CLEANUP(text_free) struct text key = {0};
    for (size_t i = 0; i < g->subject_key_count; i++) {
        text_add(&key, i == 0 ? "ARRAY[" : ", ");
        belonging_column(&key, "s", g->subject_key[i]);
        text_add(&key, "::text");
    }
    text_addf(sql,
              "WITH given AS MATERIALIZED (SELECT h.* FROM waarborg.standing_hold AS h WHERE %s "
              "AND h.subject_table = format('%%I.%%I', %s::text, %s::text)), "
              "found AS MATERIALIZED (SELECT %s] AS subject_key FROM ",
              given, schema, table, text_get(&key));
    belonging_from(sql, &g->tables[0]);
    text_addf(sql,
              " AS s WHERE %s] IN (SELECT given.subject_key FROM given)), "
              "lost AS (SELECT m.hold_id, m.breach FROM (SELECT u.*, bool_or(u.has_row) OVER "
              "(PARTITION BY u.subject_key) AS has_rows FROM (SELECT given.hold_id, given.breach, "
              "given.subject_key, given.key_columns, false AS has_row FROM given UNION ALL "
              "SELECT NULL, NULL, found.subject_key, NULL, true FROM found) AS u) AS m "
              "WHERE NOT m.has_row AND (m.key_columns <> %s::text[] OR NOT m.has_rows)) ",
              text_get(&key), columns);
}

void judge_lost_holds(struct text *sql, const struct graph *g)
{
    add_lost(sql, g, "h.hold_id IS NOT NULL");
    text_add(sql, "SELECT lost.hold_id FROM lost ORDER BY lost.hold_id");
}

void judge_lost_affected(struct text *sql, const struct graph *g)
{
    add_lost(sql, g, "h.breach IS NOT NULL");
    text_add(sql, "SELECT lost.breach, count(*) FROM lost GROUP BY lost.breach "
                  "ORDER BY lost.breach");
}
