#include "jobs/retention/grants.h"

#include <string.h>

#include "common/memory.h"
#include "jobs/retention/statements.h"

static void add_proof(struct grants *grants, const char *display, const char *condition)
{
    CLEANUP(memory_release) char *name = db_quote_literal(display);
    text_separate(&grants->proofs, ",\n");
    text_addf(&grants->proofs, "(%s, %s)", name, condition);
}

static void add_schema(struct grants *grants, const char *schema)
{
    CLEANUP(memory_release) char *name = db_quote_name(schema);
    CLEANUP(memory_release)
    char *statement =
        memory_format("GRANT USAGE ON SCHEMA %s TO waarborg_job, waarborg_dpo;\n", name);
    if (strstr(text_get(&grants->statements), statement) != NULL)
        return;
    text_add(&grants->statements, statement);
    CLEANUP(memory_release) char *literal = db_quote_literal(schema);
    CLEANUP(memory_release)
    char *condition = memory_format("has_schema_privilege('waarborg_job', %s, 'USAGE')", literal);
    add_proof(grants, schema, condition);
}

static void add_column(struct text *columns, const char *column)
{
    CLEANUP(memory_release) char *name = db_quote_name(column);
    CLEANUP(memory_release) char *listed = memory_format(", %s,", name);
    CLEANUP(memory_release) char *so_far = memory_format(", %s,", text_get(columns));
    if (strstr(so_far, listed) != NULL)
        return;
    text_separate(columns, ", ");
    text_add(columns, name);
}

/* Columns that are set to NULL.  A lock asks for the right to update any one column: where nothing
 * is set, one that no UPDATE can set, or the key. */
static void list_updated(const struct graph *g, size_t table, struct text *ret)
{
    const struct graph_table *t = &g->tables[table];
    for (size_t i = 0; i < g->key_count; i++)
        if (g->keys[i].child == table && statement_unlinks(&g->keys[i]))
            for (size_t c = 0; c < g->keys[i].nullable_count; c++)
                add_column(ret, g->keys[i].nullable[c]);
    for (size_t c = 0; ret->length == 0 && c < t->column_count; c++)
        if (t->columns[c].generated)
            add_column(ret, t->columns[c].name);
    if (ret->length == 0)
        add_column(ret, t->primary_key_count > 0 ? t->primary_key[0] : t->columns[0].name);
}

static void add_table(struct grants *grants, const struct graph *g, size_t table)
{
    const struct graph_table *t = &g->tables[table];
    bool touched = t->role == TABLE_TOUCHED;
    CLEANUP(text_free) struct text updated = {0};
    CLEANUP(memory_release) char *literal = db_quote_literal(t->sql);
    list_updated(g, table, &updated);
    add_schema(grants, t->schema);
    text_addf(&grants->statements,
              "GRANT SELECT%s, UPDATE (%s) ON %s TO waarborg_job;\n"
              "GRANT SELECT ON %s TO waarborg_dpo;\n",
              touched ? "" : ", INSERT, DELETE", text_get(&updated), t->sql, t->sql);
    CLEANUP(memory_release)
    char *condition =
        memory_format("has_table_privilege('waarborg_job', %s, 'SELECT') AND "
                      "has_any_column_privilege('waarborg_job', %s, 'UPDATE')%s%s%s",
                      literal, literal, touched ? "" : " AND has_table_privilege('waarborg_job', ",
                      touched ? "" : literal, touched ? "" : ", 'DELETE')");
    add_proof(grants, t->display, condition);
    db_array_add(&grants->tables, t->sql);
}

static void add_guard(struct grants *grants, const struct graph_key *k)
{
    CLEANUP(memory_release)
    char *statement =
        memory_format("GRANT SELECT ON %s TO waarborg_job, waarborg_dpo;\n", k->child_sql);
    if (strstr(text_get(&grants->statements), statement) != NULL)
        return;
    CLEANUP(memory_release) char *literal = db_quote_literal(k->child_sql);
    CLEANUP(memory_release)
    char *condition = memory_format("has_table_privilege('waarborg_job', %s, 'SELECT')", literal);
    text_add(&grants->statements, statement);
    add_proof(grants, k->child_display, condition);
    db_array_add(&grants->tables, k->child_sql);
}

/* "schema"."name" -> schema, as the catalogue has it; a doubled quote inside stays one. */
static char *schema_of(const char *sql_name)
{
    struct text schema = {0};
    for (const char *p = sql_name + 1; *p != '\0' && (*p != '"' || p[1] == '"'); p++) {
        p += *p == '"';
        text_add_bytes(&schema, p, 1);
    }
    return text_take(&schema);
}

void grants_add(struct grants *grants, const struct graph *g)
{
    for (size_t t = 0; t < g->table_count; t++)
        add_table(grants, g, t);
    for (size_t i = 0; i < g->key_count; i++) {
        if (g->keys[i].child != SIZE_MAX)
            continue;
        CLEANUP(memory_release) char *schema = schema_of(g->keys[i].child_sql);
        add_schema(grants, schema);
        add_guard(grants, &g->keys[i]);
    }
}

void grants_free(struct grants *grants)
{
    text_free(&grants->statements);
    text_free(&grants->proofs);
    text_free(&grants->tables);
}

const char *grants_tables(struct grants *grants)
{
    return db_array_close(&grants->tables);
}

bool grants_missing(struct db *db, const struct grants *grants, char **ret, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (grants->proofs.length == 0) {
        *ret = NULL;
        return true;
    }
    CLEANUP(memory_release)
    char *sql = memory_format("SELECT string_agg(DISTINCT v.name, ', ') FROM (VALUES %s) "
                              "AS v (name, is_there) WHERE NOT v.is_there",
                              text_get(&grants->proofs));
    if (!db_query(db, DB_ONE_ROW, sql, 0, NULL, &r, err))
        return false;
    *ret = memory_copy_text(db_text(r, 0, 0));
    return true;
}
