/* seal: encryption for recipients, as CMS AuthEnvelopedData with AES-256-GCM (RFC 5083, RFC 5084)
 * through libcrypto.  Opened with stock tools:
 *     openssl cms -decrypt -binary -inform DER -in FILE -inkey fg.key
 * The writer holds certificates only, never a private key.  Streaming: memory does not grow with
 * the data.  RSA recipients get OAEP; a certificate whose subject key identifier is the SHA-1 of
 * its key is named by it, so that who holds the key can tell damage from a wrong key.  What names a
 * recipient is not authenticated: the digest of the file covers it.  Opening needs about three
 * times the file's size in memory.  Never logs. */
#pragma once

#include "common/error.h"
#include <stdint.h>

#include "common/text.h"

struct seal_recipients; /* certificates, loaded once and shared by threads read-only */

/* Loads X.509 certificates (PEM).  Refuses, naming the file: unreadable, not a certificate, not
 * yet valid or expired at `now` (seconds UTC), a key type CMS cannot encrypt to, a key of less than
 * 112 bits of security (RSA 2048).  Of a file with a chain the first certificate counts. */
MUST_CHECK bool seal_recipients_load(char *const *paths, size_t count, int64_t now,
                                     struct seal_recipients **ret, struct error *err);
size_t seal_recipients_count(const struct seal_recipients *r);
/* SHA-256 of the DER certificate, hex; index < count; borrowed. */
const char *seal_recipients_fingerprint(const struct seal_recipients *r, size_t index);
void seal_recipients_free(struct seal_recipients **r);

/* Where sealed bytes go: returns false with *err set to stop. */
typedef bool seal_sink(void *context, const void *bytes, size_t length, struct error *err);

struct seal_writer;
MUST_CHECK bool seal_writer_open(const struct seal_recipients *r, seal_sink *sink, void *context,
                                 struct seal_writer **ret, struct error *err);
MUST_CHECK bool seal_writer_add(struct seal_writer *w, const void *bytes, size_t length,
                                struct error *err);
MUST_CHECK bool seal_writer_finish(struct seal_writer *w, struct error *err); /* tag and trailer */
void seal_writer_free(struct seal_writer **w); /* *w may be NULL, finished or not */

/* Opens sealed bytes with a private key file (PEM; a passphrase is asked on the terminal or read
 * from the environment variable WAARBORG_KEY_PASSPHRASE).  Nothing is returned unless the
 * authentication tag holds.  ERR_INTEGRITY when it does not or the data is not CMS; ERR_USAGE when
 * the key file cannot be read or is for none of the recipients. */
struct seal_key;
MUST_CHECK bool seal_key_load(const char *path, struct seal_key **ret, struct error *err);
void seal_key_free(struct seal_key **k);
MUST_CHECK bool seal_open(const struct seal_key *k, const void *sealed, size_t length,
                          struct text *ret_plain, struct error *err);
