/* migration_list: the numbered files of sql/schema, as they are embedded in the program. */
#pragma once

#include <stddef.h>

#include "common/digest.h"

struct migration {
    int number;       /* 1, 2, ... without gaps */
    char name[64];    /* "001_ledger" */
    const char *text; /* static */
    char sha256[DIGEST_HEX_SIZE];
};

/* In order of their numbers; the caller frees *ret. */
MUST_CHECK bool migration_list(struct migration **ret, size_t *ret_count, struct error *err);
