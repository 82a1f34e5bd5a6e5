/* lookup: from a text to a number, for lists that are too long to be searched.  Initialise to {0};
 * lookup_free releases it.  Texts are borrowed and must outlive it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct lookup_slot {
    const char *text;
    size_t value;
};

struct lookup {
    struct lookup_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

/* The text now stands for this number, whatever it stood for before. */
void lookup_put(struct lookup *l, const char *text, size_t value);
/* false, and *ret_value untouched, when the text was never put. */
bool lookup_get(const struct lookup *l, const char *text, size_t *ret_value);
void lookup_free(struct lookup *l);
