#include "tests/fuzz/keys.h"

#include <string.h>

#include "common/memory.h"
#include "tests/fuzz/fuzz.h"

#define SEALED_AT INT64_C(1800000000) /* 2027-01-15: within the certificates */

static const char *const names[KEY_COUNT] = {[KEY_EC] = "ec", [KEY_RSA] = "rsa"};

static char *path_of(enum fuzz_key which, const char *suffix)
{
    return memory_format("%s/%s%s", FUZZ_KEYS, names[which], suffix);
}

const struct seal_key *fuzz_key(enum fuzz_key which)
{
    static struct seal_key *keys[KEY_COUNT];
    struct error err = {0};
    if (keys[which] == NULL) {
        CLEANUP(memory_release) char *path = path_of(which, ".key");
        REQUIRE(seal_key_load(path, &keys[which], &err), "%s", err.message);
    }
    return keys[which];
}

static struct seal_recipients *load(enum fuzz_key first, enum fuzz_key last)
{
    struct seal_recipients *r = NULL;
    struct error err = {0};
    char *paths[KEY_COUNT];
    size_t count = 0;
    for (unsigned i = first; i <= last; i++)
        paths[count++] = path_of((enum fuzz_key)i, ".crt");
    REQUIRE(seal_recipients_load(paths, count, SEALED_AT, &r, &err), "%s", err.message);
    while (count > 0)
        free(paths[--count]);
    return r;
}

const struct seal_recipients *fuzz_recipients(enum fuzz_key which)
{
    static struct seal_recipients *each[KEY_COUNT];
    if (each[which] == NULL)
        each[which] = load(which, which);
    return each[which];
}

const struct seal_recipients *fuzz_all_recipients(void)
{
    static struct seal_recipients *all;
    if (all == NULL)
        all = load(KEY_EC, KEY_RSA);
    return all;
}

char fuzz_plain_byte(size_t at)
{
    static const char words[] = "not a customer's row; ";
    return words[at % (sizeof words - 1)];
}

bool fuzz_sink(void *context, const void *bytes, size_t length, struct error *err)
{
    (void)err;
    text_add_bytes(context, bytes, length);
    return true;
}
