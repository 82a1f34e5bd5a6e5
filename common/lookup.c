#include "common/lookup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */
    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return h ^ (h >> 32);
}

/* The text's own slot, or the free one where it belongs. */
static struct lookup_slot *find(const struct lookup *l, const char *text)
{
    for (size_t i = (size_t)hash(text);; i++) {
        struct lookup_slot *slot = &l->slots[i & (l->capacity - 1)];
        if (slot->text == NULL || strcmp(slot->text, text) == 0)
            return slot;
    }
}

static void grow(struct lookup *l)
{
    struct lookup larger = {.capacity = l->capacity == 0 ? 64 : l->capacity * 2};
    larger.slots = memory_alloc(larger.capacity * sizeof *larger.slots);
    for (size_t i = 0; i < l->capacity; i++)
        if (l->slots[i].text != NULL)
            *find(&larger, l->slots[i].text) = l->slots[i];
    larger.count = l->count;
    free(l->slots);
    *l = larger;
}

void lookup_put(struct lookup *l, const char *text, size_t value)
{
    if (l->count * 2 >= l->capacity)
        grow(l);
    struct lookup_slot *slot = find(l, text);
    l->count += slot->text == NULL ? 1 : 0;
    if (slot->text == NULL)
        slot->text = text;
    slot->value = value;
}

bool lookup_get(const struct lookup *l, const char *text, size_t *ret_value)
{
    const struct lookup_slot *slot = l->count == 0 ? NULL : find(l, text);
    if (slot == NULL || slot->text == NULL)
        return false;
    *ret_value = slot->value;
    return true;
}

void lookup_free(struct lookup *l)
{
    free(l->slots);
    *l = (struct lookup){0};
}
