/* key_list: keys of rows as text, `width` columns each, in PostgreSQL's output form. */
#pragma once

#include <stddef.h>

#include "common/db.h"
#include "common/text.h"

struct key_list {
    size_t width;
    size_t count;
    size_t capacity;
    char **values; /* values[row * width + column], never NULL */
};

/* Adds a copy of one key (width values). */
void key_list_add(struct key_list *list, const char *const *values);
/* Adds row `row` of r, from column `first`. */
void key_list_add_row(struct key_list *list, const struct db_result *r, size_t row, int first);
const char *const *key_list_at(const struct key_list *list, size_t row);
/* Keeps the rows for which keep[row], in order. */
void key_list_filter(struct key_list *list, const bool *keep);
bool key_list_contains(const struct key_list *list, const char *const *values);
void key_list_clear(struct key_list *list);
void key_list_free(struct key_list *list);

/* Keys as they stand in a statement: one expression a key column that is an array of its type,
 * '{"1","2"}'::bigint[] in a statement to run, $1::bigint[] in one to show or to prepare. */
struct key_literals {
    char **arrays;
    size_t width;
};

/* Rows first to first + count of the list; types: format_type of each column. */
struct key_literals key_literals_of(const struct key_list *list, char *const *types, size_t first,
                                    size_t count);
/* Placeholders $first, $first + 1, ... */
struct key_literals key_literals_placeholders(char *const *types, size_t width, int first);
void key_literals_free(struct key_literals *k);
