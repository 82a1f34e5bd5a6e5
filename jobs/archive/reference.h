/* reference: what stands for a subject in evidence, without naming it: HMAC-SHA256 with the
 * reference key (evidence.reference_key) over table and key.  Whoever has the reference key and a
 * customer's key can tell whether evidence speaks of that customer; nobody else can.  Never logs.
 */
#pragma once

#include <stddef.h>

#include "common/digest.h"
#include "common/error.h"

/* Loads evidence.reference_key: 64 hexadecimal digits, file 0600.  The caller wipes it
 * (explicit_bzero). */
MUST_CHECK bool reference_key_load(const char *path, unsigned char ret_key[static DIGEST_SIZE],
                                   struct error *err);

/* A fingerprint of the key, for the journal: a run with another key would write references that
 * nobody finds again. */
MUST_CHECK bool reference_key_fingerprint(const unsigned char key[static DIGEST_SIZE],
                                          char ret_hex[static DIGEST_HEX_SIZE], struct error *err);

/* Is this the key of `known`, a fingerprint from the journal ("" = none is known, and any will do)?
 * ERR_INTEGRITY names the file the key is from. */
MUST_CHECK bool reference_key_check(const char *path, const unsigned char key[static DIGEST_SIZE],
                                    const char *known, struct error *err);

/* The reference of a subject: schema, table and the values of its key in PostgreSQL's output form,
 * each preceded by its length as 8 bytes big-endian, so that no two keys give the same bytes. */
MUST_CHECK bool reference_make(const unsigned char key[static DIGEST_SIZE], const char *schema,
                               const char *table, const char *const *values, size_t count,
                               char ret_hex[static DIGEST_HEX_SIZE], struct error *err);
