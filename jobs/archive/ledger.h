/* ledger: what the database says about the archive.  Never logs. */
#pragma once

#include <stdint.h>

#include "common/db.h"
#include "common/lookup.h"

struct ledger_segment {
    const char *id, *file, *created_at, *policy;
    uint64_t chain_no, subjects, rows, bytes;
    const char *sha256, *manifest_sha256, *previous_sha256;
    bool destroyed;
    uint64_t restored; /* subjects that were put back */
    uint64_t members, member_rows, records;
    const char *destroyed_at; /* UTC, NULL while it is there */
};

struct ledger {                      /* initialise to {0} */
    struct ledger_segment *segments; /* ordered by chain_no */
    size_t count;
    struct db_result *result; /* what the texts point into */
    struct lookup by_id;
};

/* id: NULL for all. */
MUST_CHECK bool ledger_load(struct db *db, const char *id, struct ledger *ret, struct error *err);
void ledger_free(struct ledger *l);
const struct ledger_segment *ledger_find(const struct ledger *l, const char *id);
