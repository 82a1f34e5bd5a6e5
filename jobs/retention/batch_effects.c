#include "jobs/retention/batch_effects.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sql.h"

bool batch_effects_begin(struct worker *w, struct db_result **ret_before, struct error *err)
{
    return db_query(w->db, DB_ROWS, sql_retention_count_deletes, 0, NULL, ret_before, err);
}

static uint64_t deleted_before(const struct db_result *before, int64_t oid)
{
    for (size_t i = 0; i < db_rows(before); i++)
        if (db_int(before, i, 0) == oid)
            return (uint64_t)db_int(before, i, 3);
    return 0;
}

static bool is_outside(const struct policy *p, const char *schema, const char *table)
{
    for (size_t i = 0; i < p->outside_count; i++)
        if (strcmp(p->outside[i].table.schema, schema) == 0 &&
            strcmp(p->outside[i].table.table, table) == 0)
            return true;
    return false;
}

static uint64_t archived_rows(const struct graph *g, const uint64_t *archived, int64_t oid)
{
    for (size_t i = 0; i < g->table_count; i++)
        if (g->tables[i].oid == oid)
            return archived[i];
    return 0;
}

bool batch_effects_check(struct worker *w, const struct db_result *before, const uint64_t *archived,
                         struct error *err)
{
    const struct graph *g = w->night->graph;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!batch_effects_begin(w, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++) {
        int64_t oid = db_int(r, i, 0);
        struct table_name name = {(char *)(uintptr_t)db_text(r, i, 1),
                                  (char *)(uintptr_t)db_text(r, i, 2)};
        uint64_t deleted = (uint64_t)db_int(r, i, 3) - deleted_before(before, oid);
        if (deleted <= archived_rows(g, archived, oid) ||
            is_outside(g->policy, name.schema, name.table))
            continue;
        char display[TABLE_NAME_TEXT_SIZE];
        table_name_format(&name, display, sizeof display);
        error_set(err, ERR_BLOCKED,
                  "%" PRIu64 " rows of %s would be deleted of which the archive has %" PRIu64
                  "; a trigger or a rule deletes them: bring the table into the policy, or name it "
                  "under outside",
                  deleted, display, archived_rows(g, archived, oid));
        snprintf(err->reason, sizeof err->reason, "also deletes %.80s", display);
        return false;
    }
    return true;
}
