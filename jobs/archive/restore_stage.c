#include "jobs/archive/restore_stage.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/archive/segment_member.h"
#include "jobs/archive/segment_read.h"
#include "sql.h"

struct stage {
    struct db *db; /* borrowed, as the manifest */
    const struct manifest *m;
    char **tables; /* one a member: its temporary table */
    char *kept;    /* quoted name of the column that marks rows to put back */
};

/* ---- loading ---- */

static bool has_column(const struct segment_member *member, const char *name)
{
    for (size_t i = 0; i < member->column_count; i++)
        if (strcmp(member->columns[i].name, name) == 0)
            return true;
    return false;
}

static bool is_taken(const struct manifest *m, const char *name)
{
    for (size_t i = 0; i < m->member_count; i++)
        if (has_column(&m->members[i].member, name))
            return true;
    return false;
}

/* A name that is no column of any member. */
static char *mark_name(const struct manifest *m)
{
    CLEANUP(text_free) struct text name = {0};
    text_add(&name, "waarborg_kept");
    while (is_taken(m, text_get(&name)))
        text_add(&name, "_");
    return db_quote_name(text_get(&name));
}

static bool check_table(struct db *db, const struct segment_member *member, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(text_free) struct text title = {0};
    const char **names = memory_alloc(member->column_count * sizeof *names);
    for (size_t i = 0; i < member->column_count; i++)
        names[i] = member->columns[i].name;
    CLEANUP(memory_release) char *columns = db_array_text(names, member->column_count);
    free(names);
    const char *params[] = {member->schema, member->table, columns};
    if (!db_query(db, DB_ONE_ROW, sql_archive_check_columns, 3, params, &r, err))
        return false;
    segment_member_title(member, &title);
    if (!db_bool(r, 0, 0))
        return error_set(err, ERR_USAGE,
                         "table %s is not in the database any more; load the segment's text into "
                         "another database instead",
                         text_get(&title));
    if (db_text(r, 0, 1) != NULL)
        return error_set(err, ERR_USAGE,
                         "table %s has lost a column since: %s; load the segment's text into "
                         "another database instead",
                         text_get(&title), db_text(r, 0, 1));
    if (db_text(r, 0, 2) != NULL)
        return error_set(err, ERR_USAGE,
                         "a column of table %s is computed by the server now: %s; load the "
                         "segment's text into another database instead",
                         text_get(&title), db_text(r, 0, 2));
    return true;
}

static bool create_table(struct stage *s, size_t i, bool keep, struct error *err)
{
    const struct segment_member *member = &s->m->members[i].member;
    CLEANUP(text_free) struct text create = {0};
    CLEANUP(text_free) struct text alter = {0};
    s->tables[i] = memory_format("waarborg_restore_%zu", i + 1);
    text_addf(&create, "CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT ", s->tables[i]);
    segment_member_columns(member, &create);
    text_add(&create, " FROM ");
    segment_member_table(member, &create);
    text_add(&create, " WITH NO DATA");
    text_addf(&alter, "ALTER TABLE pg_temp.%s ADD COLUMN %s boolean NOT NULL DEFAULT %s",
              s->tables[i], s->kept, keep ? "true" : "false");
    return db_exec(s->db, text_get(&create), 0, NULL, err) &&
           db_exec(s->db, text_get(&alter), 0, NULL, err);
}

static bool sink_copy(void *context, const void *bytes, size_t length, struct error *err)
{
    return db_copy_in_add(context, bytes, length, err);
}

static bool copy_rows(struct stage *s, size_t i, const struct text *gzip, struct error *err)
{
    const struct segment_member_result *member = &s->m->members[i];
    CLEANUP(text_free) struct text copy = {0};
    int64_t rows = 0;
    text_addf(&copy, "COPY pg_temp.%s (", s->tables[i]);
    segment_member_columns(&member->member, &copy);
    text_add(&copy, ") FROM STDIN");
    if (!db_copy_in_start(s->db, text_get(&copy), err))
        return false;
    if (!segment_read_rows(s->m, i, gzip, sink_copy, s->db, err)) {
        db_copy_in_abort(s->db);
        return false;
    }
    if (!db_copy_in_end(s->db, &rows, err))
        return false;
    return (uint64_t)rows == member->rows ||
           error_set(err, ERR_INTEGRITY, "the server took %lld of %llu rows", (long long)rows,
                     (unsigned long long)member->rows);
}

static bool load_member(struct stage *s, size_t i, const struct text *gzip, bool keep,
                        struct error *err)
{
    if (create_table(s, i, keep, err) && copy_rows(s, i, gzip, err))
        return true;
    CLEANUP(text_free) struct text title = {0};
    segment_member_title(&s->m->members[i].member, &title);
    return error_context(err, "load the archived rows of %s", text_get(&title));
}

bool stage_load(struct db *db, const struct manifest *m, const struct text *gzip, bool keep,
                struct stage **ret, struct error *err)
{
    CLEANUP(stage_free) struct stage *s = memory_alloc(sizeof *s);
    s->db = db;
    s->m = m;
    s->tables = memory_alloc((m->member_count + 1) * sizeof *s->tables);
    s->kept = mark_name(m);
    for (size_t i = 0; i < m->member_count; i++)
        if (!check_table(db, &m->members[i].member, err))
            return false;
    for (size_t i = 0; i < m->member_count; i++)
        if (!load_member(s, i, gzip, keep, err))
            return false;
    *ret = s;
    s = NULL;
    return true;
}

void stage_free(struct stage **stage)
{
    struct stage *s = *stage;
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->m->member_count; i++)
        free(s->tables[i]);
    free(s->tables);
    free(s->kept);
    free(s);
    *stage = NULL;
}

/* ---- which rows ---- */

static bool is_table(const struct segment_member *member, const char *schema, const char *table)
{
    return strcmp(member->schema, schema) == 0 && strcmp(member->table, table) == 0;
}

static bool find_operator(struct stage *s, const char *schema, const char *table,
                          const char *column, char **ret_operator, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {schema, table, column};
    if (!db_query(s->db, DB_AT_MOST_ONE, sql_archive_find_equality, 3, params, &r, err))
        return false;
    *ret_operator = memory_copy_text(db_rows(r) == 0 ? "=" : db_text(r, 0, 0));
    return true;
}

/* "c.a = p.b AND ..." for child c and parent p. */
static bool add_join(struct stage *s, const struct manifest_edge *edge, struct text *t,
                     struct error *err)
{
    for (size_t i = 0; i < edge->column_count; i++) {
        CLEANUP(memory_release) char *equals = NULL;
        CLEANUP(memory_release) char *column = db_quote_name(edge->columns[i]);
        CLEANUP(memory_release) char *to = db_quote_name(edge->to[i]);
        if (!find_operator(s, edge->references_schema, edge->references_table, edge->to[i], &equals,
                           err))
            return false;
        text_addf(t, "%sc.%s %s p.%s", i == 0 ? "" : " AND ", column, equals, to);
    }
    return true;
}

static bool count_touched(struct stage *s, const char *sql, uint64_t *ret_touched,
                          struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(s->db, DB_NOTHING, sql, 0, NULL, &r, err))
        return false;
    *ret_touched += (uint64_t)db_affected(r);
    return true;
}

/* up: the parent is kept for its child, otherwise the child for its parent. */
static bool keep_by(struct stage *s, const struct manifest_edge *edge, size_t child, size_t parent,
                    bool up, uint64_t *ret_touched, struct error *err)
{
    CLEANUP(text_free) struct text sql = {0};
    text_addf(&sql,
              "UPDATE pg_temp.%s AS %s SET %s = true FROM pg_temp.%s AS %s"
              " WHERE %s.%s AND NOT %s.%s AND ",
              s->tables[up ? parent : child], up ? "p" : "c", s->kept,
              s->tables[up ? child : parent], up ? "c" : "p", up ? "c" : "p", s->kept,
              up ? "p" : "c", s->kept);
    return add_join(s, edge, &sql, err) && count_touched(s, text_get(&sql), ret_touched, err);
}

/* Rows follow ownership; old values of unlinked columns follow whatever they point to. */
static bool leads_to(const struct manifest *m, const struct manifest_edge *edge, size_t child)
{
    const struct segment_member *member = &m->members[child].member;
    if (!is_table(member, edge->schema, edge->table))
        return false;
    if (member->kind == SEGMENT_ROWS)
        return edge->use == EDGE_FOLLOW || edge->use == EDGE_OWNED;
    for (size_t i = 0; i < edge->column_count; i++)
        if (!has_column(member, edge->columns[i]))
            return false;
    return true;
}

static bool follow_edge(struct stage *s, const struct manifest_edge *edge, uint64_t *ret_touched,
                        struct error *err)
{
    const struct manifest *m = s->m;
    for (size_t child = 0; child < m->member_count; child++) {
        if (!leads_to(m, edge, child))
            continue;
        bool up = edge->use == EDGE_OWNED && m->members[child].member.kind == SEGMENT_ROWS;
        for (size_t parent = 0; parent < m->member_count; parent++) {
            const struct segment_member *member = &m->members[parent].member;
            if (member->kind == SEGMENT_ROWS &&
                is_table(member, edge->references_schema, edge->references_table) &&
                !keep_by(s, edge, child, parent, up, ret_touched, err))
                return false;
        }
    }
    return true;
}

/* Until nothing new is found: keys of a table to itself, and cycles, need more than one pass. */
bool stage_follow(struct stage *s, struct error *err)
{
    uint64_t touched;
    do {
        touched = 0;
        for (size_t i = 0; i < s->m->edge_count; i++)
            if (!follow_edge(s, &s->m->edges[i], &touched, err))
                return error_context(err, "find what belongs to the subject");
    } while (touched > 0);
    return true;
}

static bool find_subjects(const struct stage *s, size_t *ret_member, struct error *err)
{
    const struct manifest *m = s->m;
    for (size_t i = m->member_count; i-- > 0;)
        if (m->members[i].member.kind == SEGMENT_ROWS &&
            is_table(&m->members[i].member, m->subject_schema, m->subject_table)) {
            *ret_member = i;
            return true;
        }
    return error_set(err, ERR_INTEGRITY, "%s holds no rows of its own subject table", m->file_name);
}

bool stage_keep_subject(struct stage *s, const char *const *key, struct error *err)
{
    const struct manifest *m = s->m;
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    size_t member = 0;
    if (!find_subjects(s, &member, err))
        return false;
    text_addf(&sql, "UPDATE pg_temp.%s SET %s = true WHERE ", s->tables[member], s->kept);
    for (size_t i = 0; i < m->key_column_count; i++) {
        CLEANUP(memory_release) char *name = db_quote_name(m->key_columns[i]);
        CLEANUP(memory_release) char *equals = NULL;
        if (!find_operator(s, m->subject_schema, m->subject_table, m->key_columns[i], &equals, err))
            return false;
        text_addf(&sql, "%s%s %s $%zu", i == 0 ? "" : " AND ", name, equals, i + 1);
    }
    if (!db_query(s->db, DB_NOTHING, text_get(&sql), m->key_column_count, key, &r, err)) {
        if (strncmp(err->sqlstate, "22", 2) == 0)
            return error_set(err, ERR_USAGE,
                             "--subject: the key does not have the form of a key of"
                             " this table");
        return false;
    }
    if (db_affected(r) != 1)
        return error_set(err, ERR_USAGE, "--subject: segment %s holds no subject with this key",
                         m->segment_id);
    return true;
}

bool stage_subject_keys(struct stage *s, struct db_result **ret, struct error *err)
{
    CLEANUP(text_free) struct text sql = {0};
    size_t member = 0;
    if (!find_subjects(s, &member, err))
        return false;
    for (size_t i = 0; i < s->m->key_column_count; i++) {
        CLEANUP(memory_release) char *name = db_quote_name(s->m->key_columns[i]);
        text_addf(&sql, "%s%s::text", i == 0 ? "SELECT ARRAY[" : ", ", name);
    }
    text_addf(&sql, "] FROM pg_temp.%s WHERE %s", s->tables[member], s->kept);
    return db_query(s->db, DB_ROWS, text_get(&sql), 0, NULL, ret, err);
}

static bool empty_edge(struct stage *s, const struct manifest_edge *edge, size_t child,
                       uint64_t *ret_values, struct error *err)
{
    const struct manifest *m = s->m;
    const struct segment_member there = {.schema = edge->references_schema,
                                         .table = edge->references_table};
    CLEANUP(text_free) struct text join = {0};
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(memory_release) char *column = db_quote_name(edge->columns[0]);
    if (!add_join(s, edge, &join, err))
        return false;
    text_addf(&sql, "UPDATE pg_temp.%s AS c SET %s = NULL WHERE c.%s AND c.%s IS NOT NULL",
              s->tables[child], column, s->kept, column);
    text_add(&sql, " AND NOT EXISTS (SELECT FROM ");
    segment_member_table(&there, &sql);
    text_addf(&sql, " AS p WHERE %s)", text_get(&join));
    for (size_t i = 0; i < m->member_count; i++)
        if (m->members[i].member.kind == SEGMENT_ROWS &&
            is_table(&m->members[i].member, there.schema, there.table))
            text_addf(&sql, " AND NOT EXISTS (SELECT FROM pg_temp.%s AS p WHERE p.%s AND %s)",
                      s->tables[i], s->kept, text_get(&join));
    return count_touched(s, text_get(&sql), ret_values, err);
}

/* Of a key of several columns we do not know here which one the policy lets go: its foreign key
 * decides. */
bool stage_empty_dangling(struct stage *s, uint64_t *ret_values, struct error *err)
{
    const struct manifest *m = s->m;
    uint64_t values = 0;
    for (size_t i = 0; i < m->edge_count; i++) {
        const struct manifest_edge *edge = &m->edges[i];
        for (size_t child = 0; child < m->member_count; child++)
            if (edge->use == EDGE_DETACH && edge->column_count == 1 &&
                m->members[child].member.kind == SEGMENT_ROWS &&
                is_table(&m->members[child].member, edge->schema, edge->table) &&
                !empty_edge(s, edge, child, &values, err))
                return false;
    }
    *ret_values = values;
    return true;
}

/* ---- putting back ---- */

static bool is_owned(const struct manifest *m, const struct segment_member *member)
{
    for (size_t i = 0; i < m->edge_count; i++)
        if (m->edges[i].use == EDGE_OWNED &&
            is_table(member, m->edges[i].references_schema, m->edges[i].references_table))
            return true;
    return false;
}

static void add_row_text(const struct segment_member *member, const char *alias, struct text *t)
{
    text_add(t, "ROW(");
    for (size_t i = 0; i < member->column_count; i++) {
        CLEANUP(memory_release) char *name = db_quote_name(member->columns[i].name);
        text_addf(t, "%s%s.%s", i == 0 ? "" : ", ", alias, name);
    }
    text_add(t, ")::text");
}

/* Compared as text: there are types without an equality. */
static bool drop_equal(struct stage *s, size_t i, struct error *err)
{
    const struct segment_member *member = &s->m->members[i].member;
    CLEANUP(text_free) struct text sql = {0};
    uint64_t ignored = 0;
    text_addf(&sql, "UPDATE pg_temp.%s AS s SET %s = false WHERE s.%s AND ", s->tables[i], s->kept,
              s->kept);
    add_row_text(member, "s", &sql);
    text_add(&sql, " IN (SELECT ");
    add_row_text(member, "t", &sql);
    text_add(&sql, " FROM ");
    segment_member_table(member, &sql);
    text_add(&sql, " AS t)");
    return count_touched(s, text_get(&sql), &ignored, err);
}

static bool insert_rows(struct stage *s, size_t i, uint64_t *ret_rows, struct error *err)
{
    const struct segment_member *member = &s->m->members[i].member;
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(text_free) struct text count = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    text_addf(&count, "SELECT count(*) FROM pg_temp.%s WHERE %s", s->tables[i], s->kept);
    text_add(&sql, "INSERT INTO ");
    segment_member_table(member, &sql);
    text_add(&sql, " (");
    segment_member_columns(member, &sql);
    text_add(&sql, ") OVERRIDING SYSTEM VALUE SELECT ");
    segment_member_columns(member, &sql);
    text_addf(&sql, " FROM pg_temp.%s WHERE %s", s->tables[i], s->kept);
    uint64_t rows = 0;
    if (!db_query(s->db, DB_ONE_ROW, text_get(&count), 0, NULL, &r, err) ||
        !count_touched(s, text_get(&sql), &rows, err))
        return false;
    if (rows != (uint64_t)db_int(r, 0, 0))
        return error_set(err, ERR_DB, "a trigger or rule took %llu of %lld rows",
                         (unsigned long long)((uint64_t)db_int(r, 0, 0) - rows),
                         (long long)db_int(r, 0, 0));
    *ret_rows = rows;
    return true;
}

static bool put_values_back(struct stage *s, size_t i, uint64_t *ret_rows, struct error *err)
{
    CLEANUP(text_free) struct text sql = {0};
    CLEANUP(memory_release) char *condition = memory_format(" AND u.%s", s->kept);
    uint64_t rows = 0;
    segment_member_update(&s->m->members[i].member, s->tables[i], condition, &sql);
    if (!count_touched(s, text_get(&sql), &rows, err))
        return false;
    *ret_rows = rows;
    return true;
}

bool stage_put_back(struct stage *s, size_t i, bool skip_equal, uint64_t *ret_rows,
                    struct error *err)
{
    const struct segment_member *member = &s->m->members[i].member;
    bool done = member->kind == SEGMENT_UNLINKED
                    ? put_values_back(s, i, ret_rows, err)
                    : (!skip_equal || !is_owned(s->m, member) || drop_equal(s, i, err)) &&
                          insert_rows(s, i, ret_rows, err);
    if (done)
        return true;
    CLEANUP(text_free) struct text title = {0};
    segment_member_title(member, &title);
    return error_context(err, "put rows of %s back", text_get(&title));
}
