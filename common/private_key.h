/* private_key: a private key out of a PEM file, with or without a passphrase: for opening what was
 * sealed (seal.h) and for signing (sign.h).  Never logs. */
#pragma once

#include <openssl/evp.h>

#include "common/error.h"

/* A passphrase is asked on the terminal, or read from the environment variable
 * WAARBORG_KEY_PASSPHRASE.  ERR_USAGE names the file and what is wrong with it. */
MUST_CHECK bool private_key_load(const char *path, EVP_PKEY **ret, struct error *err);
void private_key_free(EVP_PKEY **key); /* *key may be NULL; wipes it */
