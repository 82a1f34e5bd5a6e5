/* manifest: the description of one segment, without personal data (format: FORMAT.md).  JSON with
 * sorted keys, one object, final newline; chained by the SHA-256 of the manifest before it. */
#pragma once

#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "common/text.h"
#include "jobs/archive/segment.h"

#define MANIFEST_FORMAT 1
#define MANIFEST_NO_PREVIOUS "0000000000000000000000000000000000000000000000000000000000000000"

/* How rows of one table lead to another, for restoring one subject. */
enum manifest_edge_use {
    EDGE_FOLLOW, /* the row belongs to whom the row it refers to belongs to */
    EDGE_OWNED,  /* the row it refers to was archived with it (owns) */
    EDGE_DETACH, /* may be set to NULL when the row it refers to goes (detach) */
    EDGE_OTHER,  /* refers to an archived table, but ownership does not follow it */
};

struct manifest_edge {
    enum manifest_edge_use use;
    const char *schema, *table;
    const char *const *columns;
    const char *references_schema, *references_table;
    const char *const *to;
    size_t column_count;
};

struct manifest_reference {          /* one disposed subject */
    char reference[DIGEST_HEX_SIZE]; /* HMAC-SHA256 of table and key */
    const char *rule;
    const char *due_on; /* ISO date */
};

struct manifest_input { /* everything borrowed */
    const char *segment_id;
    int64_t run_id;
    uint64_t chain_no;
    int64_t created_at; /* seconds UTC */
    const char *policy, *policy_version, *fingerprint, *as_of;
    const char *database_name;
    const char *system_identifier; /* NULL when we may not read it */
    const char *server_version, *timezone;
    const char *subject_schema, *subject_table;
    const char *const *key_columns;
    size_t key_column_count;
    const struct segment_result *segment;
    const struct seal_recipients *recipients; /* NULL = unsealed */
    const struct manifest_edge *edges;
    size_t edge_count;
    const struct manifest_reference *references;
    size_t reference_count;
    const char *previous_sha256;
};

/* The bytes of the manifest. */
MUST_CHECK bool manifest_format(const struct manifest_input *input, struct text *ret_json,
                                struct error *err);
