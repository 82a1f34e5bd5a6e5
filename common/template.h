/* template: plain text with {{field}}, for letters, mails and drafts.
 *
 * A field is {{name}}, or {{name?}} when it may be empty; blanks inside the braces do not matter.
 * Names are small letters, digits, `_` and `.`, and begin with a letter.  Everything else is text;
 * single braces are text, too.  `{{{`, `}}}`, a `{{` that is not closed on its line, a `}}` that
 * was not opened and an impossible name are errors of the template.
 *
 * Values are put in as they are and not looked at again: "{{x}}" in a value stays "{{x}}".
 * A line that holds only one field (and blanks):
 *   - each line of a value of several lines gets the indent of that line, the empty ones none;
 *   - when the field is {{name?}} and empty, the line is left out.
 *
 * Errors name file, line and field.  They and the faults hold no values.  Never logs. */
#pragma once

#include <stddef.h>

#include "common/error.h"
#include "common/text.h"

enum { TEMPLATE_MAX_BYTES = 256 * 1024 };

struct template; /* owned by the caller from load or parse to free; never changes */

/* Reads a file (a symbolic link is followed): UTF-8, with or without BOM, LF or CRLF.
 * ERR_USAGE: not there, too large, not a text, or an error of the template. */
MUST_CHECK bool template_load(const char *path, struct template **ret, struct error *err);
/* The same from memory; name stands for the file in messages.  Both texts are copied. */
MUST_CHECK bool template_parse(const char *name, const char *text, struct template **ret,
                               struct error *err);
void template_free(struct template **t); /* for CLEANUP; *t may be NULL */

const char *template_name(const struct template *t);

/* The fields, each once, in the order of their first use; *ret_count of them.  Borrowed from t. */
const char *const *template_fields(const struct template *t, size_t *ret_count);

/* Adds one line "file:line: {{field}} is unknown; did you mean ...?" to *faults for every use of a
 * field that is none of the known ones (may hold NULLs).  Returns whether there was none. */
bool template_check(const struct template *t, const char *const *known, size_t count,
                    struct text *faults);

/* The value of a field, borrowed until the next call with this context.  NULL: no such field.
 * "": the field has no value, which only {{name?}} allows. */
typedef const char *template_lookup(void *context, const char *field);

/* Appends the filled text to *ret.  ERR_USAGE: the first field that is unknown or has no value;
 * *ret is then as it was. */
MUST_CHECK bool template_fill(const struct template *t, template_lookup *lookup, void *context,
                              struct text *ret, struct error *err);

/* A lookup over a list: pass template_values_find as lookup and a struct template_values as
 * context. */
struct template_value {
    const char *name;
    const char *value; /* NULL counts as "" */
};
struct template_values {
    const struct template_value *items;
    size_t count;
};
const char *template_values_find(void *values, const char *field);
