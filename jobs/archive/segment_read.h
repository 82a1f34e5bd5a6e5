/* segment_read: a published segment opened again, against its manifest.  Every byte of the file has
 * its place: prologue, header of each member, rows, epilogue; whatever differs is ERR_INTEGRITY and
 * names the member.  The whole file is held in memory, sealed or not: a seal may not give out a
 * byte before its tag has been seen.  Never logs. */
#pragma once

#include "common/seal.h"
#include "jobs/archive/manifest_read.h"

/* Size and digest of the file on disk.  Needs no key. */
MUST_CHECK bool segment_check_file(int dir_fd, const struct manifest *m, struct error *err);

/* Reads the file, checks size and digest, opens the seal.  key: NULL is fine for an unsealed one,
 * ERR_USAGE for a sealed one and when it is for none of the recipients. */
MUST_CHECK bool segment_open(int dir_fd, const struct manifest *m, const struct seal_key *key,
                             struct text *ret_gzip, struct error *err);

/* Checks all of the plaintext. */
MUST_CHECK bool segment_check_text(const struct manifest *m, const struct text *gzip,
                                   struct error *err);

/* The rows of m->members[index] in COPY text format, in pieces of any size.  Checks this member. */
MUST_CHECK bool segment_read_rows(const struct manifest *m, size_t index, const struct text *gzip,
                                  seal_sink *sink, void *context, struct error *err);

/* Releases what segment_open gave, overwritten: it holds rows of customers. */
void segment_text_free(struct text *gzip);
