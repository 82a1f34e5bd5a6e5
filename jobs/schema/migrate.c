#include "jobs/schema/migrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/run_lock.h"
#include "jobs/schema/migration_list.h"
#include "jobs/schema/schema.h"
#include "sql.h"

static bool create_bookkeeping(struct db *db, const struct schema_state *state, struct error *err)
{
    if (!state->has_schema && !state->may_create_schema)
        return error_set(err, ERR_USAGE,
                         "user %s may not create the schema waarborg: as owner of "
                         "the database, GRANT CREATE ON DATABASE %s TO %s;",
                         state->user, state->database, state->user);
    if (state->has_schema && !state->may_create_table)
        return error_set(err, ERR_USAGE,
                         "user %s may not create tables in the schema waarborg: as "
                         "its owner, GRANT USAGE, CREATE ON SCHEMA waarborg TO %s;",
                         state->user, state->user);
    return (state->has_schema || db_exec(db, sql_schema_create_schema, 0, NULL, err)) &&
           db_exec(db, sql_schema_create_migration, 0, NULL, err);
}

static bool check_digests(const struct db_result *applied, const struct migration *list,
                          size_t count, struct error *err)
{
    for (size_t row = 0; row < db_rows(applied); row++) {
        int64_t number = db_int(applied, row, 0);
        if (number < 1 || number > (int64_t)count)
            continue;
        const struct migration *m = &list[number - 1];
        if (strcmp(db_text(applied, row, 2), m->sha256) != 0)
            return error_set(err, ERR_INTEGRITY,
                             "migration %s was applied in another form (by "
                             "waarborg %s, digest %.12s) than this program holds (digest %.12s): "
                             "a published migration is never changed; use the program this "
                             "database was migrated with",
                             m->name, db_text(applied, row, 3), db_text(applied, row, 2),
                             m->sha256);
    }
    return true;
}

/* Is `m` recorded?  Refuses a database that went another way than this program's list. */
static bool is_applied(struct db *db, const struct migration *m, const struct migration *list,
                       size_t count, bool *ret_applied, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *applied = NULL;
    if (!db_query(db, DB_ROWS, sql_schema_list_applied, 0, NULL, &applied, err))
        return false;
    size_t rows = db_rows(applied);
    if (!schema_refuse_newer(applied, count, err) || !check_digests(applied, list, count, err))
        return false;
    bool found = false;
    for (size_t row = 0; row < rows; row++)
        found = found || db_int(applied, row, 0) == m->number;
    *ret_applied = found;
    return true;
}

static bool record(struct db *db, const struct migration *m, int64_t now, struct error *err)
{
    char number[16];
    char at[21];
    snprintf(number, sizeof number, "%d", m->number);
    clock_format_utc(now, at);
    const char *params[] = {number, m->name, m->sha256, at, WAARBORG_VERSION};
    return db_exec(db, sql_schema_record_migration, COUNT_OF(params), params, err);
}

/* One migration, one transaction.  Everything is looked at again under the lock: a migrate that
 * waited for another one finds that there is nothing left to do. */
static bool apply(struct db *db, const struct migration *m, const struct migration *list,
                  size_t count, int64_t now, bool *ret_applied, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    CLEANUP(schema_state_free) struct schema_state state = {0};
    bool applied = false;
    if (!db_tx_begin(db, DB_READ_COMMITTED, &tx, err) || !run_lock_migration(db, err) ||
        !schema_state_load(db, &state, err))
        return false;
    if (!state.has_table && !create_bookkeeping(db, &state, err))
        return false;
    if (state.has_table && !state.may_read)
        return error_set(err, ERR_USAGE,
                         "user %s may not read waarborg.migration: migrate as the "
                         "owner of the schema waarborg",
                         state.user);
    if (!is_applied(db, m, list, count, &applied, err))
        return false;
    if (applied) {
        *ret_applied = false;
        return true;
    }
    if (!db_script(db, m->text, err) || !record(db, m, now, err) || !db_tx_commit(&tx, err))
        return error_context(err, "migration %s", m->name);
    *ret_applied = true;
    return true;
}

bool schema_migrate(struct db *db, int64_t now, struct migrate_result *ret, struct error *err)
{
    CLEANUP(memory_release) struct migration *list = NULL;
    CLEANUP(migrate_result_free) struct migrate_result result = {.applied = json_array()};
    size_t count = 0;
    if (!migration_list(&list, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        bool applied = false;
        if (!apply(db, &list[i], list, count, now, &applied, err))
            return false;
        if (!applied)
            continue;
        log_event(LOG_NOTICE, "migrate.applied", "migration=%s sha256=%s", list[i].name,
                  list[i].sha256);
        json_array_append_new(result.applied, json_string(list[i].name));
    }
    result.number = list[count - 1].number;
    snprintf(result.name, sizeof result.name, "%s", list[count - 1].name);
    *ret = result;
    result = (struct migrate_result){0};
    return true;
}

void migrate_result_free(struct migrate_result *r)
{
    json_decref(r->applied);
    *r = (struct migrate_result){0};
}
