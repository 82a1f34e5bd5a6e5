/* faults: all that is wrong with what an officer typed, shown at once. */
#pragma once

#include "common/error.h"
#include "common/text.h"

/* Adds the line "<field>: <sentence>". */
void fault_add(struct text *faults, const char *field, const char *format, ...) PRINTF_LIKE(3, 4);

/* NULL, or nothing but blanks. */
bool fault_blank(const char *value);

/* Adds a fault when the value (NULL is allowed) is not UTF-8 or holds control characters other than
 * tab and newline. */
void fault_unless_text(struct text *faults, const char *field, const char *value);

/* False when there are faults: err (ERR_USAGE) is then the only one, or says how many there are
 * after they were written to stderr, one line each.  result: "nothing was recorded". */
MUST_CHECK bool faults_none(const struct text *faults, const char *result, struct error *err);

/* For a function of the register that failed: register_fail, with several rules that do not hold
 * shown in the same way.  Returns false. */
bool faults_of_register(const char *result, struct error *err);
