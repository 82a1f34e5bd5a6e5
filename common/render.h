/* render: a table of results, as aligned text (UTF-8 aware) or as JSON. */
#pragma once

#include <jansson.h>
#include <stdio.h>

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
