/* catalogue: tables and foreign keys of the database as the catalogue has them, read once for the
 * graph.  Owned by the caller from load to free. */
#pragma once

#include <stdint.h>

#include "common/db.h"

struct relation {
    uint32_t oid;
    char *schema;
    char *name;
    char kind;      /* r table, p partitioned, f foreign, m materialised view, v view */
    uint32_t root;  /* top of the partition tree; its own oid for others */
    char **parents; /* oids it INHERITS from, as text */
    size_t parent_count;
};

struct foreign_key {
    char *name;
    uint32_t child, parent; /* as they stand in the catalogue: may be partitions */
    char **columns, **to, **operators;
    size_t column_count;
    char on_delete;
    bool deferrable;
    bool enforced;
    bool comparable; /* child = parent, written down, asks what the key asks */
    char **leaves;   /* oids of the leaf partitions it covers; empty when child is no partition */
    size_t leaf_count;
};

struct catalogue {
    struct relation *relations;
    size_t relation_count;
    struct foreign_key *keys;
    size_t key_count;
};

MUST_CHECK bool catalogue_load(struct db *db, struct catalogue *ret, struct error *err);
void catalogue_free(struct catalogue *c);
const struct relation *catalogue_find(const struct catalogue *c, uint32_t oid);
const struct relation *catalogue_find_name(const struct catalogue *c, const char *schema,
                                           const char *name);
