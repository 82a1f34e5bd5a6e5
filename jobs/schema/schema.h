/* schema: is the schema `waarborg` of this database the one the program was built for? */
#pragma once

#include "common/db.h"

/* ERR_USAGE with the mend (waarborg migrate, a GRANT, a newer program) when it is missing, older,
 * newer or not readable.  Every job that uses the schema calls this first. */
MUST_CHECK bool schema_require(struct db *db, struct error *err);

/* Where the schema stands; the base of schema_require and of migrate. */
struct schema_state {
    bool has_schema;
    bool has_table;         /* waarborg.migration */
    bool may_create_schema; /* CREATE on the database */
    bool may_create_table;  /* CREATE on the schema, when there is one */
    bool may_read;          /* SELECT on the table and USAGE on its schema, when there is one */
    char *database;         /* quoted as an identifier */
    char *user;             /* the same */
};
MUST_CHECK bool schema_state_load(struct db *db, struct schema_state *ret, struct error *err);
void schema_state_free(struct schema_state *s);

/* `applied`: rows of sql/schema/list_applied.sql; `known`: how many migrations the program holds.
 * ERR_USAGE when the last one applied is newer. */
MUST_CHECK bool schema_refuse_newer(const struct db_result *applied, size_t known,
                                    struct error *err);
