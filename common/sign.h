/* sign: a detached CMS signature (RFC 5652) over some bytes, checked with stock tools:
 *     openssl cms -verify -binary -inform DER -in SIGNATURE -content FILE -certfile SIGNER \\
 *         -CAfile SIGNER -purpose any -out /dev/null
 * Never logs. */
#pragma once

#include <stdint.h>

#include "common/error.h"
#include "common/text.h"

struct signer; /* a private key and its certificate; owned by the caller from load to free */

/* path: one PEM file with both, as servers have it; further certificates are its chain.
 * ERR_USAGE names the file: unreadable, a part missing, a certificate of another key, not valid at
 * `now` (seconds UTC), a kind of key that CMS cannot sign with. */
MUST_CHECK bool signer_load(const char *path, int64_t now, struct signer **ret, struct error *err);
void signer_free(struct signer **s); /* *s may be NULL */

/* Appends the DER signature (SHA-256), which holds the certificates and the signing time. */
MUST_CHECK bool signer_sign(const struct signer *s, const void *bytes, size_t length,
                            struct text *ret_der, struct error *err);
/* Appends the certificates, PEM, the signer's own first. */
MUST_CHECK bool signer_certificates(const struct signer *s, struct text *ret_pem,
                                    struct error *err);
