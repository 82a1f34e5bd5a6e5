#include "jobs/retention/statements.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

void statement_lock_subjects(struct text *sql, const struct graph *g,
                             const struct key_literals *subjects)
{
    CLEANUP(memory_release)
    char **operators = graph_operators(&g->tables[0], g->subject_key, g->subject_key_count);
    text_add(sql, "SELECT given.n FROM ");
    belonging_from(sql, &g->tables[0]);
    text_add(sql, " AS t JOIN unnest(");
    for (size_t i = 0; i < subjects->width; i++)
        text_addf(sql, "%s%s", i == 0 ? "" : ", ", subjects->arrays[i]);
    text_add(sql, ") WITH ORDINALITY AS given (");
    for (size_t i = 0; i < subjects->width; i++)
        text_addf(sql, "k%zu, ", i + 1);
    text_add(sql, "n) ON true");
    for (size_t i = 0; i < subjects->width; i++) {
        CLEANUP(memory_release) char *name = db_quote_name(g->subject_key[i]);
        text_addf(sql, " AND t.%s %s given.k%zu", name, operators[i], i + 1);
    }
    text_add(sql, " FOR UPDATE OF t SKIP LOCKED");
}

static bool is_clock_table(const struct graph *g, size_t table)
{
    const struct graph_table *t = &g->tables[table];
    for (size_t r = 0; r < g->policy->rule_count; r++)
        if (policy_rule_reads(&g->policy->rules[r], t->schema, t->name))
            return true;
    return false;
}

bool statement_needs_lock(const struct graph *g, const struct graph_key *k)
{
    if (k->use == KEY_SELF)
        return true;
    if (k->use != KEY_FOLLOW)
        return false;
    if (is_clock_table(g, k->child) || k->inherited) /* perhaps from a clock table */
        return true;
    if (g->tables[k->child].may_keep_rows) /* counted now, and again when deleted */
        return true;
    if (graph_is_shareable(g, k->child)) /* nobody may give such a row another owner now */
        return true;
    for (size_t i = 0; i < g->key_count; i++) /* of a link some partitions may have a foreign key */
        if (g->keys[i].parent == k->child ||
            (g->keys[i].child == k->child && g->keys[i].use == KEY_OWNED))
            return true;
    return false;
}

/* t's columns are those of a row that belongs to the subjects. */
static void match_belonging(struct text *sql, const struct graph *g, size_t table,
                            char *const *columns, size_t count, const struct key_literals *subjects)
{
    CLEANUP(text_free) struct text rows = {0};
    CLEANUP(memory_release) char **operators = graph_operators(&g->tables[table], columns, count);
    belonging_rows(&rows, g, table, columns, count, subjects);
    belonging_match_select(sql, "t", columns, operators, count, text_get(&rows));
}

/* Columns that tell rows of a recursive table apart: its primary key, or what its key refers to. */
static void add_recursive_condition(struct text *sql, const struct graph *g, size_t table,
                                    const struct key_literals *subjects)
{
    const struct graph_table *t = &g->tables[table];
    char *const *columns = t->primary_key;
    size_t count = t->primary_key_count;
    for (size_t i = 0; count == 0 && g->keys != NULL && i < g->key_count; i++) {
        if (g->keys[i].child != table || g->keys[i].use != KEY_SELF)
            continue;
        columns = g->keys[i].to;
        count = g->keys[i].column_count;
    }
    match_belonging(sql, g, table, columns, count, subjects);
}

void statement_lock_rows(struct text *sql, const struct graph *g, const struct graph_key *k,
                         const struct key_literals *subjects)
{
    CLEANUP(text_free) struct text rows = {0};
    belonging_from(&rows, &g->tables[k->child]);
    text_add(&rows, " AS t WHERE ");
    if (k->use == KEY_SELF)
        add_recursive_condition(&rows, g, k->child, subjects);
    else
        belonging_by_key(&rows, g, k, "t", subjects);
    text_addf(sql,
              "SELECT (SELECT count(*) FROM (SELECT 1 FROM %s FOR UPDATE SKIP LOCKED) AS l)"
              " AS locked, (SELECT count(*) FROM %s) AS present",
              text_get(&rows), text_get(&rows));
}

size_t statement_partner_sources(const struct graph *g, struct partner_source **ret_sources)
{
    size_t count = 0;
    struct partner_source *sources =
        memory_alloc((g->table_count + g->key_count + 1) * sizeof *sources);
    for (size_t i = 1; i < g->table_count; i++)
        if (g->tables[i].role == TABLE_MEMBER && graph_is_shareable(g, i))
            sources[count++] = (struct partner_source){.table = i};
    for (size_t i = 0; i < g->key_count; i++)
        if (g->keys[i].use == KEY_SUBJECT || g->keys[i].use == KEY_BACK)
            sources[count++] = (struct partner_source){.table = SIZE_MAX, .key = &g->keys[i]};
    *ret_sources = sources;
    return count;
}

static void add_key_names(struct text *sql, size_t width)
{
    for (size_t i = 1; i <= width; i++)
        text_addf(sql, "%sk%zu", i == 1 ? "" : ", ", i);
}

static char **key_names(size_t width)
{
    char **names = memory_alloc((width + 1) * sizeof *names);
    for (size_t i = 0; i < width; i++)
        names[i] = memory_format("k%zu", i + 1);
    return names;
}

/* Owners, as a table o (k1, k2, ...): of the rows of the table that go, or with a key that closes a
 * cycle of those that refer by it to rows that go. */
static void add_owners(struct text *sql, const struct graph *g, size_t table,
                       const struct graph_key *back, const struct key_literals *subjects)
{
    size_t count;
    char **columns = belonging_owner_columns(g, table, &count);
    text_add(sql, "(");
    if (back == NULL) {
        belonging_rows(sql, g, table, columns, count, subjects);
    } else {
        text_add(sql, "SELECT ");
        belonging_columns(sql, "t", columns, count);
        text_add(sql, " FROM ");
        belonging_from(sql, &g->tables[table]);
        text_add(sql, " AS t WHERE ");
        belonging_by_key(sql, g, back, "t", subjects);
    }
    text_add(sql, ") AS t0 CROSS JOIN LATERAL (");
    belonging_owners(sql, g, table, "t0");
    text_add(sql, ") AS o (");
    add_key_names(sql, g->subject_key_count);
    text_add(sql, ")");
    free(columns);
}

/* Subjects whose own row refers to a row that goes. */
static void add_referring_subjects(struct text *sql, const struct graph *g,
                                   const struct graph_key *k, const struct key_literals *subjects)
{
    text_add(sql, "(SELECT ");
    belonging_columns(sql, "t", g->subject_key, g->subject_key_count);
    text_add(sql, " FROM ");
    belonging_from(sql, &g->tables[0]);
    text_add(sql, " AS t WHERE ");
    belonging_by_key(sql, g, k, "t", subjects);
    text_add(sql, ") AS o (");
    add_key_names(sql, g->subject_key_count);
    text_add(sql, ")");
}

void statement_partners(struct text *sql, const struct graph *g,
                        const struct partner_source *source, const struct key_literals *subjects,
                        const struct key_literals *batch)
{
    size_t width = g->subject_key_count;
    char **names = key_names(width);
    CLEANUP(memory_release)
    char **operators = graph_operators(&g->tables[0], g->subject_key, width);
    text_add(sql, "SELECT DISTINCT ");
    for (size_t i = 1; i <= width; i++)
        text_addf(sql, "%so.k%zu::text", i == 1 ? "" : ", ", i);
    text_add(sql, " FROM ");
    if (source->key == NULL)
        add_owners(sql, g, source->table, NULL, subjects);
    else if (source->key->child != 0)
        add_owners(sql, g, source->key->child, source->key, subjects);
    else
        add_referring_subjects(sql, g, source->key, subjects);
    text_add(sql, " WHERE NOT (");
    belonging_match(sql, "o", names, operators, batch);
    text_add(sql, ")");
    db_items_free(names, width);
}

bool statement_unlinks(const struct graph_key *k)
{
    return k->use == KEY_DETACH || k->relax == RELAX_NULL;
}

/* Rows whose columns are set to NULL: with detach all that refer to rows that go, but for subjects
 * that go together with the subject they refer to; to break a cycle only rows that go. */
static void add_unlinked(struct text *sql, const struct graph *g, const struct graph_key *k,
                         const struct key_literals *subjects, const struct key_literals *batch)
{
    const struct graph_table *child = &g->tables[k->child];
    if (k->use == KEY_DETACH) {
        belonging_by_key(sql, g, k, "t", subjects);
        if (k->child == 0 && k->parent == 0) {
            text_add(sql, " AND NOT (");
            belonging_match_subject(sql, g, "t", batch);
            text_add(sql, ")");
        }
        return;
    }
    match_belonging(sql, g, k->child, child->primary_key, child->primary_key_count, subjects);
    text_add(sql, " AND NOT (");
    for (size_t i = 0; i < k->nullable_count; i++) {
        CLEANUP(memory_release) char *name = db_quote_name(k->nullable[i]);
        text_addf(sql, "%st.%s IS NULL", i == 0 ? "" : " AND ", name);
    }
    text_add(sql, ")");
}

void statement_unlink_lock(struct text *sql, const struct graph *g, const struct graph_key *k,
                           const struct key_literals *subjects, const struct key_literals *batch)
{
    text_add(sql, "SELECT count(*) FROM (SELECT 1 FROM ");
    belonging_from(sql, &g->tables[k->child]);
    text_add(sql, " AS t WHERE ");
    add_unlinked(sql, g, k, subjects, batch);
    text_add(sql, " FOR UPDATE NOWAIT) AS locked");
}

/* The row joined with itself gives the values from before.  What is not locked in the statement
 * itself is not updated: behind a link a row may have come in since. */
void statement_unlink(struct text *sql, const struct graph *g, const struct graph_key *k,
                      const struct key_literals *subjects, const struct key_literals *batch)
{
    const struct graph_table *child = &g->tables[k->child];
    CLEANUP(memory_release)
    char **operators = graph_operators(child, child->primary_key, child->primary_key_count);
    text_add(sql, "UPDATE ");
    belonging_from(sql, child);
    text_add(sql, " AS t SET ");
    for (size_t i = 0; i < k->nullable_count; i++) {
        CLEANUP(memory_release) char *name = db_quote_name(k->nullable[i]);
        text_addf(sql, "%s%s = NULL", i == 0 ? "" : ", ", name);
    }
    text_add(sql, " FROM (SELECT t.* FROM ");
    belonging_from(sql, child);
    text_add(sql, " AS t WHERE ");
    add_unlinked(sql, g, k, subjects, batch);
    text_add(sql, " FOR UPDATE NOWAIT) AS old WHERE ");
    for (size_t i = 0; i < child->primary_key_count; i++) {
        CLEANUP(memory_release) char *name = db_quote_name(child->primary_key[i]);
        text_addf(sql, "t.%s %s old.%s AND ", name, operators[i], name);
    }
    add_unlinked(sql, g, k, subjects, batch);
    text_add(sql, " RETURNING ");
    belonging_columns(sql, "old", child->primary_key, child->primary_key_count);
    text_add(sql, ", ");
    belonging_columns(sql, "old", k->nullable, k->nullable_count);
}

size_t statement_delete_ways(const struct graph *g, size_t table,
                             const struct graph_key ***ret_keys)
{
    const struct graph_key **ways = memory_alloc((g->key_count + 1) * sizeof *ways);
    size_t count = 0;
    if (table == 0 || g->tables[table].recursive)
        ways[count++] = NULL;
    else
        for (size_t i = 0; i < g->key_count; i++)
            if (graph_is_followed(&g->keys[i], table))
                ways[count++] = &g->keys[i];
    *ret_keys = ways;
    return count;
}

static void add_returning(struct text *sql, const struct graph_table *t)
{
    const char *separator = " RETURNING ";
    for (size_t i = 0; i < t->column_count; i++) {
        if (t->columns[i].generated)
            continue;
        CLEANUP(memory_release) char *name = db_quote_name(t->columns[i].name);
        text_addf(sql, "%st.%s", separator, name);
        separator = ", ";
    }
}

static void add_delete_condition(struct text *sql, const struct graph *g, size_t table,
                                 const struct graph_key *k, const struct key_literals *subjects)
{
    if (k != NULL)
        belonging_by_key(sql, g, k, "t", subjects);
    else if (table == 0)
        belonging_match_subject(sql, g, "t", subjects);
    else
        add_recursive_condition(sql, g, table, subjects);
}

void statement_delete(struct text *sql, const struct graph *g, size_t table,
                      const struct graph_key *k, const struct key_literals *subjects)
{
    const struct graph_table *t = &g->tables[table];
    CLEANUP(text_free) struct text condition = {0};
    add_delete_condition(&condition, g, table, k, subjects);
    text_add(sql, "DELETE FROM ");
    belonging_from(sql, t);
    text_add(sql, " AS t WHERE ");
    if (table == 0) {
        text_add(sql, text_get(&condition)); /* locked long since, and nobody can add one */
    } else if (t->partitioned) {             /* rows of two partitions may have the same ctid */
        text_addf(sql, "%s AND (t.tableoid, t.ctid) IN (SELECT t.tableoid, t.ctid FROM ",
                  text_get(&condition));
        belonging_from(sql, t);
        text_addf(sql, " AS t WHERE %s FOR UPDATE NOWAIT)", text_get(&condition));
    } else {
        text_add(sql, "t.ctid = ANY (ARRAY(SELECT t.ctid FROM ");
        belonging_from(sql, t);
        text_addf(sql, " AS t WHERE %s FOR UPDATE NOWAIT))", text_get(&condition));
    }
    add_returning(sql, t);
}

bool statement_delete_whole_batch(const struct graph *g, size_t table)
{
    for (size_t i = 0; i < g->key_count; i++)
        if (g->keys[i].child == table && g->keys[i].parent == table)
            return true;
    return false;
}

bool statement_asks_left(const struct graph_key *k)
{
    return k->use == KEY_FOLLOW && !k->enforced;
}

void statement_left(struct text *sql, const struct graph *g, const struct graph_key *k,
                    const struct key_literals *subjects)
{
    text_add(sql, "SELECT EXISTS (SELECT 1 FROM ");
    belonging_from(sql, &g->tables[k->child]);
    text_add(sql, " AS t WHERE ");
    belonging_by_key(sql, g, k, "t", subjects);
    text_add(sql, ") AS left_over");
}

char **statement_key_types(const struct graph_table *t)
{
    char **types = memory_alloc((t->primary_key_count + 1) * sizeof *types);
    for (size_t i = 0; i < t->primary_key_count; i++)
        types[i] = graph_find_column(t, t->primary_key[i])->key_type;
    return types;
}

static void match_primary_key(struct text *sql, const struct graph_table *t,
                              const struct key_literals *keys)
{
    CLEANUP(memory_release)
    char **operators = graph_operators(t, t->primary_key, t->primary_key_count);
    belonging_match(sql, "t", t->primary_key, operators, keys);
}

void statement_owned_lock(struct text *sql, const struct graph *g, const struct graph_key *k,
                          const struct key_literals *subjects)
{
    const struct graph_table *owned = &g->tables[k->parent];
    const struct graph_table *child = &g->tables[k->child];
    text_add(sql, "SELECT ");
    for (size_t i = 0; i < owned->primary_key_count; i++) {
        CLEANUP(memory_release) char *name = db_quote_name(owned->primary_key[i]);
        text_addf(sql, "%st.%s::text", i == 0 ? "" : ", ", name);
    }
    text_add(sql, " FROM ");
    belonging_from(sql, owned);
    text_add(sql, " AS t WHERE ");
    CLEANUP(text_free) struct text rows = {0};
    if (child->role == TABLE_OWNED) {
        text_add(&rows, "SELECT ");
        belonging_columns(&rows, "t", k->columns, k->column_count);
        text_add(&rows, " FROM ");
        belonging_from(&rows, child);
        text_add(&rows, " AS t WHERE ");
        match_primary_key(&rows, child, subjects);
    } else {
        belonging_rows(&rows, g, k->child, k->columns, k->column_count, subjects);
    }
    belonging_match_select(sql, "t", k->to, k->operators, k->column_count, text_get(&rows));
    text_add(sql, " FOR UPDATE NOWAIT");
}

void statement_owned_delete(struct text *sql, const struct graph *g, size_t table,
                            const struct key_literals *candidates)
{
    const struct graph_table *t = &g->tables[table];
    text_add(sql, "DELETE FROM ");
    belonging_from(sql, t);
    text_add(sql, " AS t WHERE ");
    match_primary_key(sql, t, candidates);
    for (size_t i = 0; i < g->key_count; i++) {
        const struct graph_key *k = &g->keys[i];
        if (k->parent != table)
            continue;
        text_addf(sql, " AND NOT EXISTS (SELECT 1 FROM %s AS r WHERE ", k->child_sql);
        belonging_join(sql, k, "r", "t");
        text_add(sql, ")");
    }
    add_returning(sql, t);
}

void statement_count(struct text *sql, const struct graph *g, size_t table,
                     const struct key_literals *subjects)
{
    const struct graph_table *t = &g->tables[table];
    const struct graph_key **ways;
    size_t count = statement_delete_ways(g, table, &ways);
    text_add(sql, "SELECT count(*) FROM (");
    for (size_t i = 0; i < count; i++) {
        /* a row that several keys reach is counted once: UNION of its physical place */
        text_addf(sql, "%sSELECT %s FROM ", i == 0 ? "" : " UNION ",
                  count > 1 ? "t.tableoid, t.ctid" : "1");
        belonging_from(sql, t);
        text_add(sql, " AS t WHERE ");
        if (ways[i] != NULL)
            belonging_by_key(sql, g, ways[i], "t", subjects);
        else if (table == 0)
            belonging_match_subject(sql, g, "t", subjects);
        else
            add_recursive_condition(sql, g, table, subjects);
    }
    text_add(sql, ") AS going");
    free(ways);
}

void statement_stray(struct text *sql, const struct graph *g, const struct graph_key *k)
{
    text_add(sql, "SELECT count(*) FROM ");
    belonging_from(sql, &g->tables[k->child]);
    text_add(sql, " AS t WHERE ");
    for (size_t c = 0; c < k->column_count; c++) {
        CLEANUP(memory_release) char *column = db_quote_name(k->columns[c]);
        text_addf(sql, "t.%s IS NOT NULL AND ", column);
    }
    text_add(sql, "NOT EXISTS (SELECT 1 FROM ");
    belonging_from(sql, &g->tables[k->parent]);
    text_add(sql, " AS p WHERE ");
    belonging_join(sql, k, "t", "p");
    text_add(sql, ")");
}
