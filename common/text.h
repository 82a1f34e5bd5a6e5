/* text: a string that grows.  Initialise to {0}; text_free releases it.  `data` is NUL-terminated
 * and never NULL after the first append; read it through text_get, which gives "" for an empty
 * one.  Appended bytes are copied. */
#pragma once

#include <stddef.h>

#include "common/cleanup.h"

struct text {
    char *data;
    size_t length;
    size_t capacity;
};

void text_add(struct text *t, const char *string);
void text_add_bytes(struct text *t, const void *bytes, size_t length);
void text_addf(struct text *t, const char *format, ...) PRINTF_LIKE(2, 3);

/* Adds `separator` unless the text is empty. */
void text_separate(struct text *t, const char *separator);

const char *text_get(const struct text *t);

/* Gives the string away (caller frees it) and empties *t. */
char *text_take(struct text *t);

void text_clear(struct text *t); /* keeps the memory */
void text_free(struct text *t);
