/* Mutation of DER and BER by whole elements: the lengths of all that hold a changed element are
 * written anew, so that a parser reaches what changed. */
#include <string.h>

#include "common/memory.h"
#include "tests/fuzz/fuzz.h"

enum { MOST_ELEMENTS = 512, DEEPEST = 24 };

struct element {
    size_t from, content, to;
    size_t parent; /* SIZE_MAX: none */
    bool endless;  /* indefinite length; content ends with two zeros, which are in it */
};

struct tree {
    const uint8_t *data;
    struct element items[MOST_ELEMENTS];
    size_t count;
};

/* Header of the element at `at`; false when it is none. */
static bool read_header(const uint8_t *data, size_t at, size_t end, struct element *ret)
{
    if (at + 2 > end || (data[at] & 0x1f) == 0x1f)
        return false;
    size_t length = data[at + 1];
    size_t content = at + 2;
    *ret = (struct element){.from = at, .endless = length == 0x80};
    if (length > 0x80) {
        size_t octets = length & 0x7f;
        if (octets > 4 || content + octets > end)
            return false;
        for (length = 0; octets > 0; octets--)
            length = length << 8 | data[content++];
    }
    ret->content = content;
    ret->to = ret->endless ? end : content + length;
    return ret->to <= end;
}

/* Adds the elements in [at, end); gives the end of what could be read. */
static size_t read_elements(struct tree *t, size_t at, size_t end, size_t parent, bool endless,
                            unsigned depth)
{
    while (at < end && t->count < MOST_ELEMENTS) {
        struct element e;
        if (endless && at + 2 <= end && t->data[at] == 0 && t->data[at + 1] == 0)
            return at + 2;
        if (!read_header(t->data, at, end, &e))
            return end;
        size_t index = t->count++;
        e.parent = parent;
        t->items[index] = e;
        if ((t->data[at] & 0x20) != 0 && depth < DEEPEST) {
            size_t to = read_elements(t, e.content, e.to, index, e.endless, depth + 1);
            if (e.endless)
                t->items[index].to = to;
        }
        at = t->items[index].to;
    }
    return at;
}

static size_t put_length(uint8_t *at, size_t length)
{
    if (length < 0x80) {
        at[0] = (uint8_t)length;
        return 1;
    }
    size_t octets = length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4;
    at[0] = (uint8_t)(0x80 | octets);
    for (size_t i = 0; i < octets; i++)
        at[1 + i] = (uint8_t)(length >> (8 * (octets - 1 - i)));
    return octets + 1;
}

struct change {
    size_t from, to; /* these bytes ... */
    const uint8_t *bytes;
    size_t length; /* ... become these */
    size_t parent; /* the innermost element that holds them */
};

/* Inside out: what holds the change becomes a change of what holds that. */
static size_t apply(const struct tree *t, const struct change *first, size_t size, size_t max_size,
                    uint8_t *data)
{
    CLEANUP(memory_release) uint8_t *made = memory_alloc(size + first->length + 8 * (DEEPEST + 2));
    CLEANUP(memory_release) uint8_t *next = memory_alloc(size + first->length + 8 * (DEEPEST + 2));
    size_t length = first->length;
    size_t from = first->from;
    size_t to = first->to;
    memcpy(made, first->bytes, length);
    for (size_t p = first->parent; p != SIZE_MAX; p = t->items[p].parent) {
        const struct element *e = &t->items[p];
        size_t content = (from - e->content) + length + (e->to - to);
        size_t used = 1;
        next[0] = data[e->from];
        if (e->endless)
            next[used++] = 0x80;
        else
            used += put_length(next + 1, content);
        memcpy(next + used, data + e->content, from - e->content);
        memcpy(next + used + (from - e->content), made, length);
        memcpy(next + used + (from - e->content) + length, data + to, e->to - to);
        length = used + content;
        memcpy(made, next, length);
        from = e->from;
        to = e->to;
    }
    if (size - (to - from) + length > max_size)
        return size;
    memmove(data + from + length, data + to, size - to);
    memcpy(data + from, made, length);
    return size - (to - from) + length;
}

/* The contents of one element through libFuzzer's own mutation, with a new length. */
static size_t change_content(const struct tree *t, size_t index, size_t size, size_t max_size,
                             uint8_t *data)
{
    const struct element *e = &t->items[index];
    size_t length = e->to - e->content;
    CLEANUP(memory_release) uint8_t *made = memory_alloc(length * 2 + 32);
    memcpy(made + 16, data + e->content, length);
    length = LLVMFuzzerMutate(made + 16, length, length + 16);
    uint8_t header[8] = {data[e->from]};
    size_t used = 1 + put_length(header + 1, length);
    memcpy(made + 16 - used, header, used);
    const struct change c = {e->from, e->to, made + 16 - used, used + length, e->parent};
    return apply(t, &c, size, max_size, data);
}

size_t elements_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    static struct tree t;
    size = fuzz_go_back(data, size, max_size, &seed);
    t.data = data;
    t.count = 0;
    read_elements(&t, 0, size, SIZE_MAX, false, 0);
    if (t.count == 0 || fuzz_next(&seed) % 4 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    size_t index = fuzz_next(&seed) % t.count;
    const struct element *a = &t.items[index];
    const struct element *b = &t.items[fuzz_next(&seed) % t.count];
    struct change c = {b->from, b->to, data + a->from, a->to - a->from, b->parent};
    switch (fuzz_next(&seed) % 6) {
    case 0: /* b gone */
        c.length = 0;
        return apply(&t, &c, size, max_size, data);
    case 1: /* a before b as well */
        c.to = c.from;
        return apply(&t, &c, size, max_size, data);
    case 2: /* a in the place of b */
        return apply(&t, &c, size, max_size, data);
    case 3: /* another tag */
        data[a->from] =
            (uint8_t)(fuzz_next(&seed) % 2 == 0 ? data[a->from] ^ (1U << fuzz_next(&seed) % 8)
                                                : data[b->from]);
        return size;
    case 4: /* one bit of a leaf, most often within an identifier or a small number */
        if (a->to > a->content)
            data[a->content + fuzz_next(&seed) % (a->to - a->content)] ^=
                (uint8_t)(1U << fuzz_next(&seed) % 8);
        return size;
    default:
        return change_content(&t, index, size, max_size, data);
    }
}
