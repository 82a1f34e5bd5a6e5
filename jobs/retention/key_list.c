#include "jobs/retention/key_list.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

static char **new_row(struct key_list *list)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        list->values = memory_resize(list->values, list->capacity * list->width, sizeof(char *));
    }
    return list->values + list->width * list->count++;
}

void key_list_add(struct key_list *list, const char *const *values)
{
    char **row = new_row(list);
    for (size_t c = 0; c < list->width; c++)
        row[c] = memory_copy_text(values[c]);
}

void key_list_add_row(struct key_list *list, const struct db_result *r, size_t row, int first)
{
    char **values = new_row(list);
    for (size_t c = 0; c < list->width; c++)
        values[c] = memory_copy_text(db_text(r, row, first + (int)c));
}

const char *const *key_list_at(const struct key_list *list, size_t row)
{
    return (const char *const *)list->values + row * list->width;
}

static void free_row(struct key_list *list, size_t row)
{
    for (size_t c = 0; c < list->width; c++)
        free(list->values[row * list->width + c]);
}

void key_list_filter(struct key_list *list, const bool *keep)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!keep[i]) {
            free_row(list, i);
            continue;
        }
        if (kept != i)
            memcpy(list->values + kept * list->width, list->values + i * list->width,
                   list->width * sizeof(char *));
        kept++;
    }
    list->count = kept;
}

bool key_list_contains(const struct key_list *list, const char *const *values)
{
    for (size_t i = 0; i < list->count; i++) {
        size_t c = 0;
        while (c < list->width && strcmp(list->values[i * list->width + c], values[c]) == 0)
            c++;
        if (c == list->width)
            return true;
    }
    return false;
}

void key_list_clear(struct key_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free_row(list, i);
    list->count = 0;
}

void key_list_free(struct key_list *list)
{
    key_list_clear(list);
    free(list->values);
    *list = (struct key_list){0};
}

struct key_literals key_literals_of(const struct key_list *list, char *const *types, size_t first,
                                    size_t count)
{
    struct key_literals k = {.width = list->width};
    k.arrays = memory_alloc(k.width * sizeof *k.arrays);
    const char **column = memory_alloc(count * sizeof *column);
    for (size_t c = 0; c < k.width; c++) {
        for (size_t i = 0; i < count; i++)
            column[i] = list->values[(first + i) * list->width + c];
        CLEANUP(memory_release) char *array = db_array_text(column, count);
        CLEANUP(memory_release) char *literal = db_quote_literal(array);
        k.arrays[c] = memory_format("%s::%s[]", literal, types[c]);
    }
    free(column);
    return k;
}

struct key_literals key_literals_placeholders(char *const *types, size_t width, int first)
{
    struct key_literals k = {.width = width};
    k.arrays = memory_alloc(width * sizeof *k.arrays);
    for (size_t c = 0; c < width; c++)
        k.arrays[c] = memory_format("$%d::%s[]", first + (int)c, types[c]);
    return k;
}

void key_literals_free(struct key_literals *k)
{
    for (size_t c = 0; c < k->width; c++)
        free(k->arrays[c]);
    free(k->arrays);
    *k = (struct key_literals){0};
}
