#include <stdlib.h>
#include <string.h>

#include "common/db.h"
#include "common/memory.h"
#include "common/text.h"

/* libpq's quoting needs a connection for the encoding; ours is pinned to UTF-8, where every byte of
 * a multi-byte character has its high bit set, so quotes and backslashes are only ever themselves.
 */
char *db_quote_name(const char *name)
{
    struct text t = {0};
    text_add(&t, "\"");
    for (const char *p = name; *p != '\0'; p++)
        text_add_bytes(&t, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
    text_add(&t, "\"");
    return text_take(&t);
}

char *db_quote_literal(const char *value)
{
    struct text t = {0};
    if (strchr(value, '\\') != NULL)
        text_add(&t, " E");
    text_add(&t, "'");
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '\'' || *p == '\\')
            text_add_bytes(&t, p, 1);
        text_add_bytes(&t, p, 1);
    }
    text_add(&t, "'");
    return text_take(&t);
}

void db_array_add(struct text *array, const char *item)
{
    text_add(array, array->length == 0 ? "{" : ",");
    if (item == NULL) {
        text_add(array, "NULL");
        return;
    }
    text_add(array, "\"");
    for (const char *p = item; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            text_add(array, "\\");
        text_add_bytes(array, p, 1);
    }
    text_add(array, "\"");
}

const char *db_array_close(struct text *array)
{
    text_add(array, array->length == 0 ? "{}" : "}");
    return text_get(array);
}

char *db_array_text(const char *const *items, size_t count)
{
    struct text t = {0};
    for (size_t i = 0; i < count; i++)
        db_array_add(&t, items[i]);
    db_array_close(&t);
    return text_take(&t);
}

/* One element of an array's output form, from *pos to the comma or brace behind it. */
static char *take_element(const char **pos)
{
    struct text t = {0};
    const char *p = *pos;
    bool quoted = *p == '"';
    if (quoted)
        p++;
    while (*p != '\0' && (quoted ? *p != '"' : *p != ',' && *p != '}')) {
        if (*p == '\\' && p[1] != '\0')
            p++;
        text_add_bytes(&t, p++, 1);
    }
    if (quoted && *p == '"')
        p++;
    *pos = p;
    if (!quoted && strcmp(text_get(&t), "NULL") == 0) {
        text_free(&t);
        return NULL;
    }
    return text_take(&t);
}

bool db_array_parse(const char *array, char ***ret_items, size_t *ret_count, struct error *err)
{
    char **items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    const char *p = array;
    if (*p++ != '{')
        return error_set(err, ERR_DB, "database: an array came back in a form we do not know");
    while (*p != '}' && *p != '\0') {
        MEMORY_GROW(items, count, capacity);
        items[count++] = take_element(&p);
        if (*p == ',')
            p++;
    }
    if (strcmp(p, "}") != 0) {
        db_items_free(items, count);
        return error_set(err, ERR_DB, "database: an array came back in a form we do not know");
    }
    *ret_items = items;
    *ret_count = count;
    return true;
}

void db_items_free(char **items, size_t count)
{
    for (size_t i = 0; items != NULL && i < count; i++)
        free(items[i]);
    free(items);
}
