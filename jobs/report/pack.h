/* pack: a directory that appears whole or not at all, with the SHA-256 of each file in SHA256SUMS.
 *
 * pack_create, pack_add once a file, pack_finish (or pack_discard).  It is written beside its place
 * under a temporary name, which a crash leaves behind and the next pack removes.  Directories are
 * 0700, files 0600: the register of breaches is in it.  Never logs. */
#pragma once

#include "common/sign.h"

struct pack; /* owned by the caller from create to discard */

/* path: what must not be there yet, or be an empty directory; ERR_USAGE with the mend. */
MUST_CHECK bool pack_create(const char *path, struct pack **ret, struct error *err);

/* name: relative, with at most one directory for each "/", none of which is "..". */
MUST_CHECK bool pack_add(struct pack *p, const char *name, const void *bytes, size_t length,
                         struct error *err);

/* Writes SHA256SUMS, signs it when there is a signer (SHA256SUMS.p7s, signer.pem), and puts the
 * directory in its place.  *ret_files: how many it holds. */
MUST_CHECK bool pack_finish(struct pack *p, const struct signer *signer, size_t *ret_files,
                            struct error *err);

/* Frees *p; a pack that was not finished is removed.  *p may be NULL. */
void pack_discard(struct pack **p);
