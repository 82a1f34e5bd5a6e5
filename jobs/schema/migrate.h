/* migrate: creates or upgrades the schema `waarborg`. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/db.h"

/* Another migrate may be rewriting a large ledger: lock_timeout_ms of the connection. */
#define MIGRATE_LOCK_TIMEOUT_MS (10 * 60 * 1000)

struct migrate_result {
    json_t *applied; /* names of the migrations that were new */
    int number;      /* of the last one, and its name */
    char name[64];
};
void migrate_result_free(struct migrate_result *r);

/* Applies the embedded migrations that the database has not had, each in one transaction under a
 * lock, so that two at once are safe, and logs each.  now: seconds UTC.  ERR_USAGE when the
 * database is newer than the program or a right is missing, ERR_INTEGRITY when a recorded digest is
 * not that of the embedded file, ERR_BUSY when another migrate does not end. */
MUST_CHECK bool schema_migrate(struct db *db, int64_t now, struct migrate_result *ret,
                               struct error *err);
