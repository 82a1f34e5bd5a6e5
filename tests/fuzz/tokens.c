/* Mutation of text by whole tokens, so that brackets stay in pairs and a value is replaced by a
 * value: most of what comes out can still be parsed. */
#include <ctype.h>
#include <string.h>

#include "common/memory.h"
#include "tests/fuzz/fuzz.h"

enum { MOST_TOKENS = 4096 };

struct token {
    size_t from, to;
    size_t partner; /* of a bracket; otherwise the token itself */
};

struct tokens {
    struct token items[MOST_TOKENS];
    size_t count;
};

static size_t token_end(const char *text, size_t size, size_t at)
{
    size_t end = at + 1;
    if (text[at] == '"') {
        while (end < size && text[end] != '"' && text[end] != '\n')
            end += text[end] == '\\' && end + 1 < size ? 2 : 1;
        return end < size ? end + 1 : size;
    }
    if (isalnum((unsigned char)text[at]) != 0 || text[at] == '-')
        while (end < size && (isalnum((unsigned char)text[end]) != 0 || strchr("._-+", text[end])))
            end++;
    return end;
}

/* A bracket that has no partner is its own. */
static void pair(struct tokens *t, const char *text)
{
    size_t open[256];
    size_t depth = 0;
    for (size_t i = 0; i < t->count; i++) {
        char c = text[t->items[i].from];
        t->items[i].partner = i;
        if (strchr("([{", c) != NULL && c != '\0' && depth < COUNT_OF(open))
            open[depth++] = i;
        else if (strchr(")]}", c) != NULL && c != '\0' && depth > 0)
            t->items[open[--depth]].partner = i;
    }
}

static void split(const char *text, size_t size, struct tokens *ret)
{
    ret->count = 0;
    for (size_t at = 0; at < size && ret->count < MOST_TOKENS;) {
        if (text[at] == ' ' || text[at] == '\t') {
            at++;
            continue;
        }
        size_t end = token_end(text, size, at);
        ret->items[ret->count++] = (struct token){.from = at, .to = end};
        at = end;
    }
    pair(ret, text);
}

struct range {
    size_t from, to;
};

static struct range span(const struct tokens *t, size_t first, size_t last)
{
    return (struct range){t->items[first].from, t->items[last].to};
}

static bool is_at(const struct tokens *t, const char *text, size_t index, char c)
{
    return index < t->count && text[t->items[index].from] == c;
}

/* `name = value` or `"name": value`. */
static bool is_member(const struct tokens *t, const char *text, size_t index)
{
    return index + 2 < t->count && (is_at(t, text, index + 1, '=') ||
                                    (is_at(t, text, index, '"') && is_at(t, text, index + 1, ':')));
}

static bool is_value(const struct tokens *t, const char *text, size_t index)
{
    return strchr(",;:=)]}\n", text[t->items[index].from]) == NULL && !is_member(t, text, index);
}

typedef bool token_test(const struct tokens *t, const char *text, size_t index);

/* A token that passes, where twenty tries find one. */
static size_t pick(const struct tokens *t, const char *text, token_test *test, unsigned *seed)
{
    size_t index = 0;
    for (unsigned tries = 0; tries < 20; tries++) {
        index = fuzz_next(seed) % t->count;
        if (test(t, text, index))
            break;
    }
    return index;
}

/* With the separator behind it, or the one before it. */
static struct range separated(const struct tokens *t, const char *text, size_t first, size_t last)
{
    if (is_at(t, text, last + 1, ',') || is_at(t, text, last + 1, ';'))
        return span(t, first, last + 1);
    return first > 0 && is_at(t, text, first - 1, ',') ? span(t, first - 1, last)
                                                       : span(t, first, last);
}

static struct range whole_member(const struct tokens *t, const char *text, size_t index)
{
    size_t last = index + 2 < t->count ? t->items[index + 2].partner : index;
    return separated(t, text, index, last);
}

/* The first ones take the place of a number, any of them that of another value. */
enum { NUMBERS = 11 };
static const char *const values[] = {
    "0",
    "1",
    "-1",
    "2147483647",
    "9223372036854775807",
    "9223372036854775806",
    "65536",
    "268435456",
    "2",
    "0.5",
    "1e999",
    "true",
    "null",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "()",
    "[ \"a\" ]",
    "\"2026-11-22\"",
};

/* Replaces `where` by `what`, which may lie in the same text, with `glue` behind it. */
static size_t replace(uint8_t *data, size_t size, size_t max_size, struct range where,
                      const char *what, size_t length, const char *glue)
{
    size_t added = length + strlen(glue);
    if (size - (where.to - where.from) + added > max_size)
        return size;
    CLEANUP(memory_release) char *copy = memory_alloc(added + 1);
    memcpy(copy, what, length);
    memcpy(copy + length, glue, strlen(glue));
    memmove(data + where.from + added, data + where.to, size - where.to);
    memcpy(data + where.from, copy, added);
    return size - (where.to - where.from) + added;
}

/* The bytes of one piece, within its quotes. */
static size_t change_bytes(uint8_t *data, size_t size, size_t max_size, struct range where)
{
    if (where.to - where.from >= 2 && data[where.from] == '"') {
        where.from++;
        where.to--;
    }
    size_t length = where.to - where.from;
    CLEANUP(memory_release) uint8_t *piece = memory_alloc(length * 2 + 16);
    memcpy(piece, data + where.from, length);
    length = LLVMFuzzerMutate(piece, length, length * 2 + 16);
    return replace(data, size, max_size, where, (const char *)piece, length, "");
}

static size_t change_member(const struct tokens *t, uint8_t *data, size_t size, size_t max_size,
                            unsigned seed)
{
    const char *text = (const char *)data;
    struct range a = whole_member(t, text, pick(t, text, is_member, &seed));
    struct range b = whole_member(t, text, pick(t, text, is_member, &seed));
    size_t length = a.to - a.from;
    bool bare = text[a.from] == '"' && text[a.to - 1] != ',';
    struct range before_b = {b.from, b.from};
    if (fuzz_next(&seed) % 2 == 0)
        return replace(data, size, max_size, a, "", 0, "");
    return replace(data, size, max_size, before_b, text + a.from, length, bare ? "," : "");
}

static size_t change_value(const struct tokens *t, uint8_t *data, size_t size, size_t max_size,
                           unsigned seed)
{
    const char *text = (const char *)data;
    size_t first = pick(t, text, is_value, &seed);
    size_t other = pick(t, text, is_value, &seed);
    struct range a = span(t, first, t->items[first].partner);
    struct range b = span(t, other, t->items[other].partner);
    switch (fuzz_next(&seed) % 8) {
    case 0: /* gone */
        a = separated(t, text, first, t->items[first].partner);
        return replace(data, size, max_size, a, "", 0, "");
    case 1: /* twice, or another beside it */
        b = fuzz_next(&seed) % 2 == 0 ? a : b;
        a.to = a.from;
        return replace(data, size, max_size, a, text + b.from, b.to - b.from, ",");
    case 2:
    case 3: /* in the place of another */
        return replace(data, size, max_size, b, text + a.from, a.to - a.from, "");
    case 4: {
        bool number = isdigit((unsigned char)text[a.from]) != 0;
        const char *value = values[fuzz_next(&seed) % (number ? NUMBERS : COUNT_OF(values))];
        return replace(data, size, max_size, a, value, strlen(value), "");
    }
    default:
        if (first == t->items[first].partner)
            return change_bytes(data, size, max_size, a);
        return change_member(t, data, size, max_size, seed);
    }
}

size_t tokens_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    static struct tokens t;
    size = fuzz_go_back(data, size, max_size, &seed);
    split((const char *)data, size, &t);
    unsigned choice = fuzz_next(&seed) % 8;
    if (t.count == 0 || choice == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    if (choice < 3)
        return change_member(&t, data, size, max_size, seed);
    return change_value(&t, data, size, max_size, seed);
}
