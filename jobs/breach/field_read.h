/* field_read: from what people typed (common/form.h) to values (fields.h), with all faults at once.
 *
 *   field_read      each field by itself
 *   field_check     how they hang together
 *   field_warnings  what is odd and is registered all the same
 * Faults are lines "file:12: field: what is wrong; what is allowed" and never repeat what was
 * typed, but for words that could be codes.  Never logs. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/form.h"

enum field_scope {
    FIELD_ALL,    /* a new breach: what is needed must be there */
    FIELD_CHANGES /* an amendment: what is needed must not be taken away */
};

/* The value of every field of the form, null for an empty one; without those that have a fault.
 * extra: names that are allowed beside the fields (not read), ends with NULL.  codes: as in
 * fields.h; when NULL codes are only brought into their form.  The caller's.
 *
 * inputs: {field: text}, or NULL: what stood there before (field_template_inputs); a field that is
 * still so is left out, whatever one may think of its value today. */
json_t *field_read(const struct form *form, const json_t *codes, enum field_scope scope,
                   const json_t *inputs, const char *const *extra, struct text *faults);

/* values: those of the breach as it would be.  now: seconds UTC. */
void field_check(const struct form *form, const json_t *values, int64_t now, struct text *faults);

/* Sentences "field: ...", an array of strings, the caller's. */
json_t *field_warnings(const json_t *values);

/* For the functions of the register: the same with instants as ISO 8601; without the fields that
 * have no value unless with_null.  The caller frees it. */
char *field_to_sql(const json_t *values, bool with_null);
