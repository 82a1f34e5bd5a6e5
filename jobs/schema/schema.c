#include "jobs/schema/schema.h"

#include <stdlib.h>

#include "common/memory.h"
#include "jobs/schema/migration_list.h"
#include "sql.h"

bool schema_state_load(struct db *db, struct schema_state *ret, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, DB_ONE_ROW, sql_schema_show_state, 0, NULL, &r, err))
        return false;
    *ret = (struct schema_state){.has_schema = db_bool(r, 0, 0),
                                 .has_table = db_bool(r, 0, 1),
                                 .may_create_schema = db_bool(r, 0, 2),
                                 .may_create_table = db_bool(r, 0, 3),
                                 .may_read = db_bool(r, 0, 4),
                                 .database = memory_copy_text(db_text(r, 0, 5)),
                                 .user = memory_copy_text(db_text(r, 0, 6))};
    return true;
}

void schema_state_free(struct schema_state *s)
{
    free(s->database);
    free(s->user);
    *s = (struct schema_state){0};
}

bool schema_refuse_newer(const struct db_result *applied, size_t known, struct error *err)
{
    size_t rows = db_rows(applied);
    if (rows == 0 || db_int(applied, rows - 1, 0) <= (int64_t)known)
        return true;
    return error_set(err, ERR_USAGE,
                     "the schema waarborg of this database is at %s, newer than this program (%s), "
                     "which knows %zu migrations: use the newer waarborg",
                     db_text(applied, rows - 1, 1), WAARBORG_VERSION, known);
}

bool schema_require(struct db *db, struct error *err)
{
    CLEANUP(schema_state_free) struct schema_state state = {0};
    CLEANUP(memory_release) struct migration *known = NULL;
    CLEANUP(db_result_free) struct db_result *applied = NULL;
    size_t known_count = 0;
    if (!schema_state_load(db, &state, err) || !migration_list(&known, &known_count, err))
        return false;
    if (!state.has_table)
        return error_set(err, ERR_USAGE,
                         "database %s has no schema waarborg yet: run waarborg "
                         "migrate",
                         state.database);
    if (!state.may_read)
        return error_set(err, ERR_USAGE,
                         "user %s may not read the schema waarborg: as its owner, "
                         "GRANT USAGE ON SCHEMA waarborg TO %s; GRANT SELECT ON "
                         "waarborg.migration TO %s;",
                         state.user, state.user, state.user);
    if (!db_query(db, DB_ROWS, sql_schema_list_applied, 0, NULL, &applied, err))
        return false;
    size_t rows = db_rows(applied);
    if (!schema_refuse_newer(applied, known_count, err))
        return false;
    if (rows < known_count)
        return error_set(err, ERR_USAGE,
                         "the schema waarborg of database %s is older than this "
                         "program (%zu of %zu migrations): run waarborg migrate",
                         state.database, rows, known_count);
    return true;
}
