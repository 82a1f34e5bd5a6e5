/* manifest_read: a manifest read back, every field checked (format: FORMAT.md).  Never logs. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "jobs/archive/manifest.h"
#include "jobs/archive/segment.h"

/* 50,000 subjects take about 7 MB. */
#define MANIFEST_MAX_BYTES ((size_t)64 << 20)

struct manifest { /* owned by the caller until manifest_free; everything points into json */
    json_t *json;
    char sha256[DIGEST_HEX_SIZE]; /* of the manifest's own bytes */
    const char *segment_id, *program, *created_at;
    int64_t run_id;
    uint64_t chain_no;
    const char *policy, *policy_version, *fingerprint, *as_of;
    const char *database_name, *server_version, *timezone;
    const char *system_identifier; /* NULL when the writer could not read it */
    const char *subject_schema, *subject_table;
    const char **key_columns;
    size_t key_column_count;
    uint64_t rows, plain_bytes;
    const char *file_name, *file_sha256;
    uint64_t file_bytes;
    bool sealed;
    const char **recipients; /* SHA-256 of the certificates */
    size_t recipient_count;
    struct segment_member_result *members; /* children first, as in the file */
    size_t member_count;
    struct manifest_edge *edges;
    size_t edge_count;
    struct manifest_reference *references;
    size_t reference_count;
    const char *previous_sha256;
};

/* ERR_INTEGRITY names the first field that is missing, unknown or impossible; a format this program
 * does not know is ERR_USAGE. */
MUST_CHECK bool manifest_parse(const char *bytes, size_t length, struct manifest **ret,
                               struct error *err);
/* The same from a file; name is relative to dir_fd. */
MUST_CHECK bool manifest_load(int dir_fd, const char *name, struct manifest **ret,
                              struct error *err);
/* "follow", "owned", ...; false for any other word. */
bool manifest_edge_use_parse(const char *word, enum manifest_edge_use *ret_use);

void manifest_free(struct manifest **m); /* *m may be NULL */
