/* page: labelled lines for people, broken between words at 79 columns.
 *
 * Everything shown is UTF-8; control characters and marks that turn the direction of writing are
 * escaped, line breaks of the value kept.  Never logs. */
#pragma once

#include <stdio.h>

/* An empty line and the heading of a part. */
void page_heading(FILE *out, const char *heading);

/* "  <label>     <value>", what follows under the value; nothing for an empty or NULL value. */
void page_line(FILE *out, const char *label, const char *value);

/* The value alone, from column `indent` on. */
void page_text(FILE *out, int indent, const char *value);
