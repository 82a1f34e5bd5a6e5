/* segment: the archive file of one batch, written once and never changed (format: FORMAT.md).
 *
 * create, then per table: begin_member, add_rows..., end_member; then finish, publish; discard
 * always.  Nothing stands under the final name before publish.  A parallel inflate of the
 * compressed stream checks while writing that the bytes give back the rows that went in; finish
 * reads the file back from disk and compares it with what was written.
 * One thread per segment.  Never logs. */
#pragma once

#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "common/seal.h"

/* Opening a sealed segment needs about three times its size in memory. */
#define SEGMENT_MAX_BYTES (UINT64_C(256) << 20)

struct segment_target {
    int dir_fd;       /* the month's directory, borrowed, outlives the segment */
    const char *base; /* file name without endings, borrowed during create */
    int compression;  /* zlib level 1..9 */
    const struct seal_recipients *recipients; /* NULL = unsealed */
    uint64_t max_bytes;                       /* of the file; 0 = SEGMENT_MAX_BYTES */
};

enum segment_member_kind {
    SEGMENT_ROWS,     /* rows that were deleted */
    SEGMENT_UNLINKED, /* old values of columns that were set to NULL on rows that stay */
};

struct segment_column {
    const char *name;
    const char *type; /* format_type */
    bool is_key;      /* SEGMENT_UNLINKED: identifies the row; the others are old values */
};

struct segment_member { /* copied by begin_member */
    enum segment_member_kind kind;
    const char *schema;
    const char *table;
    const struct segment_column *columns;
    size_t column_count;
};

/* What became of one member; owned by the segment. A member without rows leaves no trace. */
struct segment_member_result {
    struct segment_member member; /* deep copy */
    uint64_t rows;
    uint64_t bytes;               /* of the member's plaintext */
    uint64_t offset;              /* of the member's first byte in the segment's plaintext */
    uint64_t compressed_offset;   /* of the member's first byte in the gzip stream */
    char sha256[DIGEST_HEX_SIZE]; /* of the member's plaintext */
};

struct segment_result {
    const struct segment_member_result *members;
    size_t member_count;
    uint64_t rows;
    uint64_t plain_bytes;
    uint64_t bytes;               /* of the file */
    char sha256[DIGEST_HEX_SIZE]; /* of the file */
    const char *file_name;        /* base + ".sql.gz" or ".sql.gz.cms" */
};

struct segment;

MUST_CHECK bool segment_create(const struct segment_target *target, struct segment **ret,
                               struct error *err);
MUST_CHECK bool segment_begin_member(struct segment *s, const struct segment_member *member,
                                     struct error *err);
/* Whole rows in COPY text format, newlines included.  ERR_BLOCKED (reason "too_large") when the
 * file passes SEGMENT_MAX_BYTES. */
MUST_CHECK bool segment_add_rows(struct segment *s, const char *rows, size_t length,
                                 struct error *err);
/* expected_rows: what the server said it sent; a difference is ERR_INTEGRITY. */
MUST_CHECK bool segment_end_member(struct segment *s, uint64_t expected_rows, struct error *err);
/* *ret_result is borrowed, valid until discard. */
MUST_CHECK bool segment_finish(struct segment *s, const struct segment_result **ret_result,
                               struct error *err);
MUST_CHECK bool segment_publish(struct segment *s, struct error *err);
void segment_discard(struct segment **s); /* removes a file that was not published */
