#include "common/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

static void make_room(struct text *t, size_t more)
{
    size_t need = t->length + more + 1;
    if (need <= t->capacity)
        return;
    size_t capacity = t->capacity == 0 ? 64 : t->capacity;
    while (capacity < need)
        capacity *= 2;
    t->data = memory_resize(t->data, capacity, 1);
    t->capacity = capacity;
}

void text_add_bytes(struct text *t, const void *bytes, size_t length)
{
    make_room(t, length);
    if (length > 0)
        memcpy(t->data + t->length, bytes, length);
    t->length += length;
    t->data[t->length] = '\0';
}

void text_add(struct text *t, const char *string)
{
    text_add_bytes(t, string, strlen(string));
}

void text_addf(struct text *t, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length > 0) {
        make_room(t, (size_t)length);
        vsnprintf(t->data + t->length, (size_t)length + 1, format, again);
        t->length += (size_t)length;
    }
    va_end(again);
}

void text_separate(struct text *t, const char *separator)
{
    if (t->length > 0)
        text_add(t, separator);
}

const char *text_get(const struct text *t)
{
    return t->data == NULL ? "" : t->data;
}

char *text_take(struct text *t)
{
    char *data = t->data == NULL ? memory_copy_text("") : t->data;
    *t = (struct text){0};
    return data;
}

void text_clear(struct text *t)
{
    t->length = 0;
    if (t->data != NULL)
        t->data[0] = '\0';
}

void text_free(struct text *t)
{
    free(t->data);
    *t = (struct text){0};
}
