/* seal_keys: seals and opens bytes in tests, with the keys of seal_key_files. */
#pragma once

#include "tests/unit/seal_key_files.h"

#include "common/seal.h"
#include "common/text.h"

/* names: separated by spaces, at most four. */
static inline void load_recipients(const char *names, struct seal_recipients **ret)
{
    struct error err = {0};
    char *paths[4];
    size_t count = 0;
    CLEANUP(memory_release) char *copy = memory_copy_text(names);
    char *rest = NULL;
    for (char *name = strtok_r(copy, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest))
        paths[count++] = key_path(name, ".crt");
    if (!seal_recipients_load(paths, count, NOW, ret, &err))
        fail_msg("%s", err.message);
    assert_int_equal(seal_recipients_count(*ret), count);
    while (count > 0)
        free(paths[--count]);
}

static inline bool seal_to_text(void *context, const void *bytes, size_t length, struct error *err)
{
    (void)err;
    text_add_bytes(context, bytes, length);
    return true;
}

static inline void seal_bytes(const char *names, const void *plain, size_t length, struct text *ret)
{
    struct error err = {0};
    CLEANUP(seal_recipients_free) struct seal_recipients *recipients = NULL;
    CLEANUP(seal_writer_free) struct seal_writer *w = NULL;
    load_recipients(names, &recipients);
    assert_true(seal_writer_open(recipients, seal_to_text, ret, &w, &err));
    assert_true(seal_writer_add(w, plain, length, &err));
    assert_true(seal_writer_finish(w, &err));
}

static inline bool open_with(const char *name, const void *sealed, size_t length, struct text *ret,
                             struct error *err)
{
    CLEANUP(seal_key_free) struct seal_key *k = NULL;
    CLEANUP(memory_release) char *path = key_path(name, ".key");
    if (!seal_key_load(path, &k, err))
        fail_msg("%s", err->message);
    return seal_open(k, sealed, length, ret, err);
}

/* Not random, so that a failure can be repeated; not compressible either. */
static inline void make_plain(struct text *t, size_t length)
{
    uint32_t seed = 11;
    for (size_t i = 0; i < length; i++) {
        seed = seed * 1664525 + 1013904223;
        char byte = (char)(seed >> 24);
        text_add_bytes(t, &byte, 1);
    }
}
