/* seal_parts: what seal.c (writing), seal_open.c (opening), private_key.c and sign.c share.  For
 * these files only. */
#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>

#include "common/error.h"

/* SHA-1 of the public key: the subject key identifier of RFC 5280, 4.2.1.2 (1).  It identifies and
 * protects nothing. */
MUST_CHECK bool seal_key_id(EVP_PKEY *key, unsigned char ret[static SHA_DIGEST_LENGTH]);
bool seal_is_key_id(const ASN1_OCTET_STRING *id, const unsigned char *wanted); /* id may be NULL */

/* error_set with the reason libcrypto gives, which names structures and algorithms, never content.
 * Empties libcrypto's error queue.  Returns false. */
bool seal_refused(struct error *err, enum error_kind kind, const char *what);

/* For CLEANUP. */
void seal_bio_free(BIO **bio);
void seal_cms_free(CMS_ContentInfo **cms);
void seal_stream_close(FILE **file);
