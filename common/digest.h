/* digest: SHA-256 and HMAC-SHA256 through libcrypto. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define DIGEST_SIZE 32
#define DIGEST_HEX_SIZE 65 /* 64 digits, lower case, and NUL */

struct digest; /* owned by the caller from new to free */

MUST_CHECK bool digest_new(struct digest **ret, struct error *err);
MUST_CHECK bool digest_add(struct digest *d, const void *bytes, size_t length, struct error *err);

/* The digest of all bytes so far, as hex; starts anew afterwards. */
MUST_CHECK bool digest_finish_hex(struct digest *d, char ret_hex[static DIGEST_HEX_SIZE],
                                  struct error *err);
void digest_free(struct digest **d); /* *d may be NULL; sets it to NULL */

/* One-shot forms. */
MUST_CHECK bool digest_bytes_hex(const void *bytes, size_t length,
                                 char ret_hex[static DIGEST_HEX_SIZE], struct error *err);
MUST_CHECK bool digest_hmac(const unsigned char *key, size_t key_length, const void *bytes,
                            size_t length, unsigned char ret[static DIGEST_SIZE],
                            struct error *err);
void digest_to_hex(const unsigned char *bytes, size_t length, char *ret_hex);
/* false when text is not exactly 2 * length hexadecimal digits */
bool digest_from_hex(const char *text, unsigned char *ret_bytes, size_t length);
