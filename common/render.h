/* render: results as aligned text (UTF-8 aware) and JSON; documents as text, CSV, JSON and HTML. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "common/document.h"

enum render_align { RENDER_LEFT, RENDER_RIGHT };

struct render_column {
    const char *title; /* heading in text */
    const char *key;   /* member of the row objects */
    enum render_align align;
};

/* rows: array of objects (borrowed).  A column whose key a row lacks, or whose value is null, is
 * shown as "-"; a column that no row fills is left out, and no rows print nothing at all.  columns
 * ends with title == NULL.
 * Whole numbers of a RENDER_RIGHT column are grouped (1,234), fractions have two digits, booleans
 * are yes and no, an array is its elements with commas.  Control characters, and marks that turn
 * the direction of writing, are escaped.  The locale is not looked at: text is UTF-8. */
void render_table(FILE *out, const struct render_column *columns, const json_t *rows);

/* Indented JSON with sorted keys and a final newline. */
void render_json(FILE *out, const json_t *value);

/* For people; both fill and return dst, which has at least 32 bytes.
 * "1,234,567", and "999 B", "12.3 MB" in powers of 1000. */
const char *render_count(char *dst, size_t size, long long value);
const char *render_bytes(char *dst, size_t size, unsigned long long bytes);

/* ---- Documents (common/document.h) ---- */

enum render_format { RENDER_TEXT, RENDER_CSV, RENDER_JSON, RENDER_HTML };

struct render_options {
    const struct document *document;
    const char *section; /* key: this section only; NULL = all */
    size_t width;        /* RENDER_TEXT: columns of the terminal; 0 = as wide as it gets */
};

/* Appends the document in one of the four formats.
 *
 * Text: aligned, wrapped at the width, UTF-8 aware.  Control characters, and marks that turn the
 * direction of writing, are escaped; line breaks of a text value stay.
 * CSV (RFC 4180, UTF-8, CRLF, a header of keys): one section is its own table; the whole document
 * is section,row,column,value, one value a line, rows counted from 1.  A text that a spreadsheet
 * would take for a formula (it begins with = + - @, tab, CR or LF) gets an apostrophe in front;
 * numbers stay numbers, also negative ones.
 * JSON: {"report", "operand", "organisation", "registration", "program", "timezone", "as_of",
 * "judged_at" or null, "period": {"from", "to"} or null, "sections": {key: rows, or the object of a
 * DOCUMENT_FIGURES}}; sorted keys, the same in every language.
 * HTML: one file, no script, no request to anywhere; charts are inline SVG with a text
 * alternative.  Everything that came from rows is escaped.
 * All four are UTF-8: a byte that is none becomes U+FFFD. */
void render_document(struct text *out, enum render_format format, const struct render_options *o);
