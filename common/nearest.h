/* nearest: "did you mean ...?" for a word that is none of the known ones. */
#pragma once

#include <stddef.h>

#include "common/text.h"

/* Appends "; did you mean <prefix>a or <prefix>b?" with at most three of `names` that a slip of the
 * keyboard or two could have turned into `word` (or that begin with it), nearest first; appends
 * nothing when none is near.  names may hold NULLs, which are skipped. */
void nearest_add(struct text *t, const char *prefix, const char *word, const char *const *names,
                 size_t count);
