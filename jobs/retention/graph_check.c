#include "jobs/retention/graph_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/retention/judge.h"
#include "jobs/retention/statements.h"
#include "sql.h"

struct check {
    struct db *db;
    const struct graph *g;
    const struct settings *settings;
    struct problem_list *problems;
    const char *outside; /* oid[] literal of the tables under `outside` */
};

#define REFUSE(c, what, mend) problem_add((c)->problems, PROBLEM_REFUSAL, what, mend)
#define WARN(c, what, mend) problem_add((c)->problems, PROBLEM_WARNING, what, mend)

static bool list_outside(struct db *db, const struct policy *policy, struct text *oids,
                         struct error *err)
{
    text_add(oids, "{");
    for (size_t i = 0; i < policy->outside_count; i++) {
        const struct table_name *t = &policy->outside[i].table;
        CLEANUP(db_result_free) struct db_result *r = NULL;
        const char *params[] = {t->schema, t->table};
        if (!db_query(
                db, DB_AT_MOST_ONE,
                "SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
                "WHERE n.nspname = $1::text AND c.relname = $2::text",
                2, params, &r, err))
            return false;
        if (db_rows(r) == 1)
            text_addf(oids, "%s%s", oids->length == 1 ? "" : ",", db_text(r, 0, 0));
    }
    text_add(oids, "}");
    return true;
}

static bool is_unlinked(const struct graph *g, size_t table)
{
    for (size_t i = 0; i < g->key_count; i++)
        if (g->keys[i].child == table && statement_unlinks(&g->keys[i]))
            return true;
    return false;
}

static void check_table(const struct check *c, size_t table, const struct db_result *r, size_t row)
{
    const struct graph_table *t = &c->g->tables[table];
    bool touched = t->role == TABLE_TOUCHED;
    if (db_bool(r, row, 1))
        REFUSE(c,
               memory_format("%s has row security that applies to us: rows would be hidden",
                             t->display),
               memory_copy_text("run as the owner or as a role with BYPASSRLS"));
    if (db_text(r, row, 11) != NULL)
        REFUSE(c,
               memory_format("%s has partitions on another server (%s), which does not commit or "
                             "roll back with this one",
                             t->display, db_text(r, row, 11)),
               memory_copy_text("detach them, and give them a policy where they are"));
    if (!touched && db_text(r, row, 2) != NULL)
        REFUSE(c, memory_format("%s has a rule ON DELETE (%s)", t->display, db_text(r, row, 2)),
               memory_copy_text(db_text(r, row, 9)));
    if (is_unlinked(c->g, table) && db_text(r, row, 3) != NULL)
        REFUSE(c, memory_format("%s has a rule ON UPDATE (%s)", t->display, db_text(r, row, 3)),
               memory_copy_text(db_text(r, row, 10)));
    CLEANUP(memory_release) char *schema = db_quote_name(t->schema);
    if (!db_bool(r, row, 7))
        REFUSE(c, memory_format("we may not look into schema %s", schema),
               memory_format("GRANT USAGE ON SCHEMA %s TO <role>;", schema));
    if (!db_bool(r, row, 4) || (!touched && !db_bool(r, row, 5)) || !db_bool(r, row, 6))
        problem_add(c->problems, db_bool(r, row, 4) ? PROBLEM_RUN_REFUSAL : PROBLEM_REFUSAL,
                    memory_format("a right is missing on %s", t->display),
                    memory_format("GRANT SELECT%s, UPDATE ON %s TO <role>;",
                                  touched ? "" : ", DELETE", t->sql));
    if (!touched && db_text(r, row, 8) != NULL)
        WARN(c,
             memory_format("triggers fire when rows of %s are deleted: %s", t->display,
                           db_text(r, row, 8)),
             memory_copy_text("make sure that they keep no copy and let the delete happen"));
}

static size_t find_oid(const struct graph *g, uint32_t oid)
{
    for (size_t t = 0; t < g->table_count; t++)
        if (g->tables[t].oid == oid)
            return t;
    return SIZE_MAX;
}

static bool check_tables(const struct check *c, struct error *err)
{
    CLEANUP(memory_release) char *oids = graph_oids(c->g, true);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {oids};
    if (!db_query(c->db, DB_ROWS, sql_retention_inspect_tables, 1, params, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++)
        check_table(c, find_oid(c->g, (uint32_t)db_int(r, i, 0)), r, i);
    return true;
}

/* A table outside that refers to owned rows is read before they are deleted. */
static bool check_guards(const struct check *c, struct error *err)
{
    for (size_t i = 0; i < c->g->key_count; i++) {
        const struct graph_key *k = &c->g->keys[i];
        if (k->child != SIZE_MAX)
            continue;
        CLEANUP(db_result_free) struct db_result *r = NULL;
        const char *params[] = {k->child_sql};
        if (!db_query(c->db, DB_AT_MOST_ONE, sql_retention_inspect_guard, 1, params, &r, err))
            return false;
        if (db_rows(r) == 0 || !db_bool(r, 0, 0))
            REFUSE(c,
                   memory_format("%s refers to owned rows of %s, and we may not see all its rows",
                                 k->child_display, c->g->tables[k->parent].display),
                   memory_format("GRANT SELECT ON %s TO <role>; with row security, BYPASSRLS",
                                 k->child_sql));
    }
    return true;
}

static bool check_index(const struct check *c, const char *oid, const char *child_display,
                        const char *child_sql, char *const *columns, size_t count,
                        struct error *err)
{
    CLEANUP(memory_release) char *names = db_array_text((const char *const *)columns, count);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {oid, names};
    if (!db_query(c->db, DB_ONE_ROW, sql_retention_find_key_index, 2, params, &r, err))
        return false;
    if (db_bool(r, 0, 0))
        return true;
    int64_t rows = db_int(r, 0, 1);
    bool refuse = rows > c->settings->run.max_unindexed_rows;
    struct text list = {0};
    for (size_t i = 0; i < count; i++) {
        CLEANUP(memory_release) char *name = db_quote_name(columns[i]);
        text_addf(&list, "%s%s", i == 0 ? "" : ", ", name);
    }
    problem_add(c->problems, refuse ? PROBLEM_REFUSAL : PROBLEM_WARNING,
                memory_format("%s has no index on its key (%s) and about %" PRId64 " rows%s",
                              child_display, text_get(&list), rows,
                              refuse ? ", more than max_unindexed_rows" : ""),
                memory_format("CREATE INDEX%s ON %s (%s);", db_bool(r, 0, 2) ? "" : " CONCURRENTLY",
                              child_sql, text_get(&list)));
    text_free(&list);
    return true;
}

static bool check_indexes(const struct check *c, struct error *err)
{
    for (size_t i = 0; i < c->g->key_count; i++) {
        const struct graph_key *k = &c->g->keys[i];
        if (k->child == SIZE_MAX)
            continue;
        char oid[16];
        snprintf(oid, sizeof oid, "%u", c->g->tables[k->child].oid);
        if (!check_index(c, oid, k->child_display, k->child_sql, k->columns, k->column_count, err))
            return false;
    }
    return true;
}

static bool check_outside_keys(const struct check *c, struct error *err)
{
    CLEANUP(memory_release) char *going = graph_oids(c->g, false);
    CLEANUP(memory_release) char *all = graph_oids(c->g, true);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {going, all, c->outside};
    if (!db_query(c->db, DB_ROWS, sql_retention_list_outside_keys, 3, params, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++) {
        const char *action = db_text(r, i, 3);
        char **columns;
        size_t count;
        if (!db_array_parse(db_text(r, i, 5), &columns, &count, err))
            return false;
        bool done = check_index(c, db_text(r, i, 4), db_text(r, i, 1), db_text(r, i, 1), columns,
                                count, err);
        db_items_free(columns, count);
        if (!done)
            return false;
        bool unseen = strchr("cnd", action[0]) != NULL;
        const char *effect = action[0] == 'c'   ? "CASCADE"
                             : action[0] == 'n' ? "SET NULL"
                                                : "SET DEFAULT";
        if (unseen)
            REFUSE(c,
                   memory_format(
                       "%s is outside the graph and refers to %s with ON DELETE %s (%s): its "
                       "rows would go or change unseen",
                       db_text(r, i, 1), db_text(r, i, 2), effect, db_text(r, i, 0)),
                   memory_format("take it out of outside, or make the key ON DELETE NO ACTION"));
        else
            WARN(c,
                 memory_format(
                     "%s is outside the graph and refers to %s (%s): while a row of it does, "
                     "that row stays",
                     db_text(r, i, 1), db_text(r, i, 2), db_text(r, i, 0)),
                 memory_copy_text(""));
    }
    return true;
}

/* Rows of other subjects would change when the key that closes a cycle acts by itself. */
static void check_acting_keys(const struct check *c)
{
    for (size_t i = 0; i < c->g->key_count; i++) {
        const struct graph_key *k = &c->g->keys[i];
        bool closes = k->use == KEY_BACK || (k->use == KEY_SUBJECT && k->parent != 0);
        if (closes && strchr("cnd", k->on_delete) != NULL)
            REFUSE(c,
                   memory_format("%s closes a cycle with %s, a key that acts by itself ON DELETE",
                                 k->child_display, k->constraint),
                   memory_format("name %s.%s under detach", k->child_display, k->columns[0]));
    }
}

/* What names a table's own key rather than a subject's. */
static bool is_generic_name(const char *name)
{
    static const char *const generic[] = {"id", "uuid", "guid",   "code", "key",
                                          "nr", "no",   "number", "name"};
    for (size_t i = 0; i < COUNT_OF(generic); i++)
        if (strcasecmp(name, generic[i]) == 0)
            return true;
    return false;
}

struct signatures {
    struct text numbers, names, types; /* array literals under construction */
    int count;
};

static void add_signature(struct signatures *s, const struct graph_table *t, char *const *columns,
                          size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((count == 1 && is_generic_name(columns[i])) || graph_find_column(t, columns[i]) == NULL)
            return;
    char number[16];
    snprintf(number, sizeof number, "%d", s->count++);
    for (size_t i = 0; i < count; i++) {
        db_array_add(&s->numbers, number);
        db_array_add(&s->names, columns[i]);
        db_array_add(&s->types, graph_find_column(t, columns[i])->type);
    }
}

static void add_covered(struct text *oids, struct text *columns, uint32_t oid, char *const *names,
                        size_t count)
{
    char text[16];
    snprintf(text, sizeof text, "%u", oid);
    for (size_t i = 0; i < count; i++) {
        db_array_add(oids, text);
        db_array_add(columns, names[i]);
    }
}

static void collect_signatures(const struct check *c, struct signatures *s, struct text *oids,
                               struct text *columns)
{
    const struct graph *g = c->g;
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        if ((k->use == KEY_FOLLOW || k->use == KEY_OWNED) && !k->inherited)
            add_signature(s, &g->tables[k->child], k->columns, k->column_count);
        if (k->child != SIZE_MAX)
            add_covered(oids, columns, g->tables[k->child].oid, k->columns, k->column_count);
        add_covered(oids, columns, g->tables[k->parent].oid, k->to, k->column_count);
    }
    add_covered(oids, columns, g->tables[0].oid, g->subject_key, g->subject_key_count);
    if (g->subject_key_count == 1) { /* customer + id, the name such a column has by convention */
        CLEANUP(memory_release)
        char *name = memory_format("%s_%s", g->tables[0].name, g->subject_key[0]);
        db_array_add(&s->numbers, "1000000");
        db_array_add(&s->names, name);
        db_array_add(&s->types, g->subject_key_types[0]);
    }
}

static bool check_lookalikes(const struct check *c, struct error *err)
{
    CLEANUP(text_free) struct text oids = {0};
    CLEANUP(text_free) struct text columns = {0};
    struct signatures s = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    collect_signatures(c, &s, &oids, &columns);
    const char *params[] = {db_array_close(&s.numbers), db_array_close(&s.names),
                            db_array_close(&s.types),   db_array_close(&oids),
                            db_array_close(&columns),   c->outside};
    bool done = db_query(c->db, DB_ROWS, sql_retention_list_lookalikes, 6, params, &r, err);
    text_free(&s.numbers);
    text_free(&s.names);
    text_free(&s.types);
    for (size_t i = 0; done && i < db_rows(r); i++) {
        bool is_table = strchr("rp", db_text(r, i, 2)[0]) != NULL;
        bool inside = find_oid(c->g, (uint32_t)db_int(r, i, 3)) != SIZE_MAX;
        REFUSE(c,
               memory_format(
                   "%s has a column (%s) named and typed like a key of the graph, and nothing "
                   "says what it is",
                   db_text(r, i, 0), db_text(r, i, 1)),
               inside
                   ? memory_copy_text("declare it under links, or add a foreign key")
                   : memory_format("%sname %s under outside",
                                   is_table ? "declare it under links, add a foreign key, or " : "",
                                   db_text(r, i, 0)));
    }
    return done;
}

static bool check_partitions(const struct check *c, struct error *err)
{
    for (size_t i = 0; i < c->g->key_count; i++) {
        const struct graph_key *k = &c->g->keys[i];
        if (k->partitions == NULL || k->child == SIZE_MAX)
            continue;
        CLEANUP(db_result_free) struct db_result *r = NULL;
        CLEANUP(memory_release) char *covered = memory_format("{%s}", k->partitions);
        char oid[16];
        snprintf(oid, sizeof oid, "%u", c->g->tables[k->child].oid);
        const char *params[] = {oid, covered};
        if (!db_query(c->db, DB_ROWS, sql_retention_list_uncovered_partitions, 2, params, &r, err))
            return false;
        for (size_t row = 0; row < db_rows(r); row++) {
            bool outside = false;
            for (size_t o = 0; o < c->g->policy->outside_count; o++) {
                const struct table_name *t = &c->g->policy->outside[o].table;
                outside |= strcmp(t->schema, db_text(r, row, 0)) == 0 &&
                           strcmp(t->table, db_text(r, row, 1)) == 0;
            }
            if (!outside)
                REFUSE(c,
                       memory_format("the key of %s on (%s) stands on some partitions only; %s.%s "
                                     "is not covered",
                                     k->child_display, k->columns[0], db_text(r, row, 0),
                                     db_text(r, row, 1)),
                       memory_format(
                           "declare it under links for %s, or name the partition under outside",
                           k->child_display));
        }
    }
    return true;
}

bool graph_check(struct db *db, const struct graph *g, const struct settings *settings,
                 struct problem_list *problems, struct error *err)
{
    CLEANUP(text_free) struct text outside = {0};
    if (!list_outside(db, g->policy, &outside, err))
        return false;
    const struct check c = {db, g, settings, problems, text_get(&outside)};
    judge_check(g, problems);
    check_acting_keys(&c);
    for (size_t i = 0; i < g->table_count; i++)
        if (g->tables[i].role == TABLE_OWNED && g->tables[i].primary_key_count == 0)
            REFUSE(&c, memory_format("owns: %s has no primary key", g->tables[i].display),
                   memory_format("add a primary key to %s", g->tables[i].display));
    return check_tables(&c, err) && check_guards(&c, err) && check_indexes(&c, err) &&
           check_outside_keys(&c, err) && check_lookalikes(&c, err) && check_partitions(&c, err);
}
