#include "jobs/retention/schema_watch.h"

#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "sql.h"

bool schema_watch_digest(struct db *db, const struct graph *g,
                         char ret_digest[static SCHEMA_DIGEST_SIZE], struct error *err)
{
    CLEANUP(memory_release) char *oids = graph_oids(g, true);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {oids};
    if (!db_query(db, DB_ONE_ROW, sql_retention_digest_schema, 1, params, &r, err))
        return false;
    snprintf(ret_digest, SCHEMA_DIGEST_SIZE, "%s", db_text(r, 0, 0));
    return true;
}

bool schema_watch_unchanged(struct db *db, const struct graph *g, const char *digest,
                            struct error *err)
{
    char now[SCHEMA_DIGEST_SIZE];
    if (!schema_watch_digest(db, g, now, err))
        return false;
    if (strcmp(now, digest) == 0)
        return true;
    return error_set(err, ERR_USAGE,
                     "the schema was changed while the run was at work; the present batch was "
                     "rolled back: look at the change, then run waarborg retention approve");
}
