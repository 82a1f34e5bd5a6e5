/* field_template: the text that opens in the editor: every field with what it wants and the codes
 * it allows.  common/form.h reads it back.  Never logs. */
#pragma once

#include <jansson.h>

#include "common/text.h"

struct field_template {
    const char *opening;  /* comment at the top, without "#" */
    const char *entries;  /* lines of a form that stand before the fields; NULL = none */
    const json_t *codes;  /* as in fields.h; NULL: no codes are listed */
    const json_t *inputs; /* {field: what is typed there}; NULL, or not there: empty */
    const json_t *notes;  /* {field: a sentence that stands above it}; NULL = none */
};

void field_template_write(struct text *t, const struct field_template *spec);

/* {field: what is typed there} of values (fields.h); the caller's. */
json_t *field_template_inputs(const json_t *values);
