#include "jobs/retention/subjects_of_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/nearest.h"
#include "jobs/retention/belonging_all.h"

enum { ROWS, ASTRAY, FIRST_KEY }; /* columns of subjects_of_rows_select */

void subjects_of_rows_free(struct subjects_of_rows *s)
{
    key_list_free(&s->keys);
    *s = (struct subjects_of_rows){0};
}

static bool refuse_table(const struct graph *g, const char *written, struct error *err)
{
    CLEANUP(text_free) struct text near = {0};
    CLEANUP(memory_release)
    const char **names = memory_alloc((g->table_count + 1) * sizeof *names);
    for (size_t i = 0; i < g->table_count; i++)
        names[i] = g->tables[i].display;
    nearest_add(&near, "", written, names, g->table_count);
    if (near.length == 0) {
        text_add(&near, "; it has: ");
        for (size_t i = 0; i < g->table_count; i++)
            text_addf(&near, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    return error_set(err, ERR_USAGE, "%s is no table of the graph of policy %s%s", written,
                     g->policy->name, text_get(&near));
}

bool subjects_of_rows_table(const struct graph *g, const char *written, size_t *ret_table,
                            struct error *err)
{
    struct table_name name = {0};
    if (!table_name_parse(written, &name, err))
        return false;
    size_t table = graph_find_table(g, name.schema, name.table);
    table_name_free(&name);
    if (table == SIZE_MAX)
        return refuse_table(g, written, err);
    *ret_table = table;
    return true;
}

/* ---- The condition ---------------------------------------------------------------------- */

/* The server's scanner reads these as parts of one word. */
static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || ((unsigned char)c & 0x80) != 0;
}

static bool refuse_condition(struct error *err, const char *what)
{
    return error_set(err, ERR_USAGE, "the condition %s", what);
}

/* A text after a word: of N'...', B'...', U&'...' and date'...' the next quote is the end, in
 * E'...' a backslash hides it, and goes on to do so in pieces that follow.  1e'...' was read as
 * 1 and E'...' by servers before 15. */
static bool check_prefix(const char *word, size_t length, struct error *err)
{
    bool number = length > 0 && word[0] >= '0' && word[0] <= '9';
    bool escape = length > 0 && (word[length - 1] == 'e' || word[length - 1] == 'E');
    if (escape && (length == 1 || number))
        return refuse_condition(err, "holds E'...'; write the text in plain quotes, where '' "
                                     "stands for a quote and a backslash for itself");
    return true;
}

/* Steps over a word, a quoted text or a quoted name at *at, or over one character. */
static bool skip_piece(const char **at, struct error *err)
{
    const char *start = *at;
    const char *p = start;
    if (*p == '$')
        return refuse_condition(err, "holds a $; write values into it, and texts in plain quotes");
    while (is_word(*p))
        p++;
    if (*p == '\'' && !check_prefix(start, (size_t)(p - start), err))
        return false;
    if (*p == '\'' || *p == '"') {
        const char *end = strchr(p + 1, *p); /* a doubled quote ends one piece, begins the next */
        if (end == NULL)
            return refuse_condition(err, "has a quote that is not closed");
        p = end;
    } else if (p > start) {
        p--;
    }
    *at = p + 1;
    return true;
}

/* Which closing bracket is open, innermost last. */
static bool check_bracket(struct text *open, char c, struct error *err)
{
    if (c == '(' || c == '[') {
        text_add(open, c == '(' ? ")" : "]");
        return true;
    }
    if (open->length == 0 || open->data[open->length - 1] != c)
        return refuse_condition(err, "has a closing bracket that nothing opened");
    open->data[--open->length] = '\0';
    return true;
}

bool subjects_of_rows_check(const char *condition, struct error *err)
{
    CLEANUP(text_free) struct text open = {0};
    if (condition[strspn(condition, " \t\r\n")] == '\0')
        return refuse_condition(err, "is empty; to mean every row of the table, write true");
    for (const char *p = condition; *p != '\0';) {
        if (*p == ';')
            return refuse_condition(err, "holds a semicolon outside quotes; it is one condition");
        if (strncmp(p, "--", 2) == 0 || strncmp(p, "/*", 2) == 0)
            return refuse_condition(err, "holds a comment (-- or /*) outside quotes; leave it out");
        if (strchr("()[]", *p) != NULL && !check_bracket(&open, *p, err))
            return false;
        if (!skip_piece(&p, err))
            return false;
    }
    return open.length == 0 || refuse_condition(err, "has a bracket that is not closed");
}

/* ---- The statement ---------------------------------------------------------------------- */

static void add_chosen_from(struct text *sql, const struct graph_table *t)
{
    CLEANUP(memory_release) char *plain = db_quote_name(t->name);
    text_add(sql, " FROM ");
    belonging_from(sql, t);
    text_addf(sql, " AS %s WHERE ", plain);
}

/* A name for a column of ours that none of the table's has. */
static char *free_name(char *const *columns, size_t count)
{
    char *name = memory_copy_text("n");
    for (size_t i = 0; i < count; i++) {
        if (strcmp(columns[i], name) != 0)
            continue;
        char *longer = memory_format("%s_", name);
        free(name);
        name = longer;
        i = SIZE_MAX; /* from the start: an earlier column may have the longer name */
    }
    return name;
}

/* Rows that lead to the same subjects, together: a shop's table of visits is long, its visitors are
 * fewer.  Grouped by the text as well, because a type may call equal (citext) what the operator of
 * the key tells apart. */
static void add_chosen(struct text *sql, const struct graph *g, size_t table, const char *count,
                       const char *condition)
{
    const struct graph_table *t = &g->tables[table];
    CLEANUP(memory_release) char *plain = db_quote_name(t->name);
    size_t width;
    CLEANUP(memory_release) char **columns = belonging_all_owner_columns(g, table, &width);
    text_add(sql, "SELECT ");
    belonging_columns(sql, plain, columns, width);
    text_addf(sql, ", count(*) AS %s", count);
    add_chosen_from(sql, t);
    text_addf(sql, "(%s\n)", condition);
    text_add(sql, " GROUP BY ");
    belonging_columns(sql, plain, columns, width);
    for (size_t i = 0; i < width; i++) {
        text_add(sql, ", ");
        belonging_column(sql, plain, columns[i]);
        text_add(sql, "::text COLLATE \"C\"");
    }
}

static void add_key(struct text *sql, size_t width, const char *type)
{
    for (size_t i = 1; i <= width; i++)
        text_addf(sql, "%sk%zu%s", i == 1 ? "" : ", ", i, type);
}

void subjects_of_rows_select(struct text *sql, const struct graph *g, size_t table,
                             const char *condition)
{
    size_t width = g->subject_key_count;
    size_t column_count;
    CLEANUP(memory_release) char **columns = belonging_all_owner_columns(g, table, &column_count);
    CLEANUP(memory_release) char *count = free_name(columns, column_count);
    text_add(sql, "WITH chosen AS MATERIALIZED (");
    add_chosen(sql, g, table, count, condition);
    text_addf(sql,
              "), led AS MATERIALIZED (SELECT c.%s AS n, o.* FROM chosen AS c "
              "LEFT JOIN LATERAL (",
              count);
    belonging_all_owners(sql, g, table, "c");
    text_add(sql, ") AS o (");
    add_key(sql, width, "");
    text_addf(sql,
              ") ON true) SELECT (SELECT coalesce(sum(chosen.%s), 0) FROM chosen)::text AS rows, "
              "coalesce(sum(n) FILTER (WHERE k1 IS NULL), 0)::text AS astray",
              count);
    for (size_t i = 0; i < width; i++)
        text_add(sql, ", NULL::text");
    text_add(sql, " FROM led UNION ALL SELECT NULL, NULL, ");
    add_key(sql, width, "::text");
    text_add(sql, " FROM (SELECT DISTINCT ");
    add_key(sql, width, "");
    text_add(sql, " FROM led WHERE k1 IS NOT NULL ORDER BY ");
    add_key(sql, width, "");
    text_add(sql, ") AS d");
}

/* ---- Asking ----------------------------------------------------------------------------- */

/* The server's words on a value may quote rows, and are withheld; on names they are told. */
static bool explain(const struct graph_table *t, struct error *err)
{
    struct error server = *err;
    if (strcmp(server.sqlstate, "42501") == 0)
        return error_set(err, ERR_USAGE,
                         "the condition on %s: who asks needs SELECT on the tables that lead "
                         "from there to the subject: %s; their owner says GRANT USAGE ON SCHEMA "
                         "%s TO this user and GRANT SELECT ON %s, and on each table up to "
                         "the subject, TO this user; or give the customers by --keys",
                         t->display, server.message, t->schema, t->display);
    if (strcmp(server.sqlstate, "57014") == 0)
        return error_context(err, "the condition on %s took longer than %d s, or was stopped",
                             t->display, SUBJECTS_OF_ROWS_TIMEOUT_S);
    if (strncmp(server.sqlstate, "42", 2) == 0)
        error_set(err, ERR_USAGE,
                  "the condition on %s is refused: %s; it reads columns of that table, and names "
                  "functions and types of other schemas than pg_catalog with their schema",
                  t->display, server.message);
    else if (strncmp(server.sqlstate, "22", 2) == 0)
        error_set(err, ERR_USAGE,
                  "the condition on %s compares with a value that its column cannot hold "
                  "(SQLSTATE %s); write dates as '2026-10-01', numbers without quotes",
                  t->display, server.sqlstate);
    else if (strcmp(server.sqlstate, "25006") == 0 || strcmp(server.sqlstate, "25001") == 0)
        error_set(err, ERR_USAGE, "the condition on %s would change data; it may only read",
                  t->display);
    else
        return error_context(err, "the condition on %s", t->display);
    memcpy(err->sqlstate, server.sqlstate, sizeof err->sqlstate);
    return false;
}

static void take_row(const struct db_result *r, size_t row, struct subjects_of_rows *s)
{
    if (db_text(r, row, ROWS) == NULL) {
        key_list_add_row(&s->keys, r, row, FIRST_KEY);
        return;
    }
    s->rows = db_int(r, row, ROWS);
    s->astray = db_int(r, row, ASTRAY);
}

/* The server reads the condition twice: at the end of a statement without parentheses, where "true)
 * OR (true" is none, and in them, where "true GROUP BY page" is none.  So it stays one condition
 * even if subjects_of_rows_check read its quotes otherwise than the server does. */
static bool ask(struct db *db, const struct graph *g, size_t table, const char *condition,
                struct db_result **ret, struct error *err)
{
    CLEANUP(text_free) struct text alone = {0};
    CLEANUP(text_free) struct text sql = {0};
    char timeout[64];
    snprintf(timeout, sizeof timeout, "SET LOCAL statement_timeout = '%ds'",
             SUBJECTS_OF_ROWS_TIMEOUT_S);
    text_add(&alone, "SELECT");
    add_chosen_from(&alone, &g->tables[table]);
    text_add(&alone, condition);
    subjects_of_rows_select(&sql, g, table, condition);
    return db_exec(db, timeout, 0, NULL, err) && db_prepare_check(db, text_get(&alone), err) &&
           db_query(db, DB_ROWS, text_get(&sql), 0, NULL, ret, err);
}

bool subjects_of_rows_find(struct db *db, const struct graph *g, size_t table,
                           const char *condition, struct subjects_of_rows *ret, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!subjects_of_rows_check(condition, err) ||
        !db_tx_begin(db, DB_REPEATABLE_READ_ONLY, &tx, err))
        return false;
    if (!ask(db, g, table, condition, &r, err))
        return explain(&g->tables[table], err);
    *ret = (struct subjects_of_rows){.keys = {.width = g->subject_key_count}};
    for (size_t i = 0; i < db_rows(r); i++)
        take_row(r, i, ret);
    return true;
}
