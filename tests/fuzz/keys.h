/* keys: the key pairs of tests/fuzz/keys, which open nothing but what these targets seal. */
#pragma once

#include "common/seal.h"

enum fuzz_key { KEY_EC, KEY_RSA, KEY_COUNT };

/* Loaded once, borrowed for ever. */
const struct seal_key *fuzz_key(enum fuzz_key which);
const struct seal_recipients *fuzz_recipients(enum fuzz_key which);
const struct seal_recipients *fuzz_all_recipients(void);

/* What is sealed in seeds: `length` bytes of this, so that what comes out can be told from what
 * never went in. */
char fuzz_plain_byte(size_t at);

/* A sink for CLEANUP-less use: appends to a struct text. */
bool fuzz_sink(void *context, const void *bytes, size_t length, struct error *err);
