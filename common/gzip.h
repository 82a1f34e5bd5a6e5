/* gzip: members of RFC 1952 through zlib, written and read in a stream.  A file may hold several
 * members; gunzip and zcat give their concatenation.  The header carries no name and no time, so
 * equal input gives equal bytes.  Never logs. */
#pragma once

#include <stdint.h>

#include "common/error.h"
#include "common/seal.h"

struct gzip_writer;
/* level 1..9; compressed bytes go to sink. */
MUST_CHECK bool gzip_writer_new(int level, seal_sink *sink, void *context, struct gzip_writer **ret,
                                struct error *err);
MUST_CHECK bool gzip_writer_add(struct gzip_writer *w, const void *bytes, size_t length,
                                struct error *err);
/* The next add starts another member; a member without an add is empty, and valid. */
MUST_CHECK bool gzip_writer_end_member(struct gzip_writer *w, struct error *err);
void gzip_writer_free(struct gzip_writer **w);

struct gzip_reader; /* plaintext goes to sink; accepts input in pieces of any size */
MUST_CHECK bool gzip_reader_new(seal_sink *sink, void *context, struct gzip_reader **ret,
                                struct error *err);
MUST_CHECK bool gzip_reader_add(struct gzip_reader *r, const void *bytes, size_t length,
                                struct error *err);
/* True when the input so far ends exactly at the end of a member. */
bool gzip_reader_at_member_end(const struct gzip_reader *r);
void gzip_reader_free(struct gzip_reader **r);
