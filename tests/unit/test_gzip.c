#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/gzip.h"
#include "common/memory.h"
#include "common/text.h"

static bool to_text(void *context, const void *bytes, size_t length, struct error *err)
{
    (void)err;
    text_add_bytes(context, bytes, length);
    return true;
}

static bool to_full_disk(void *context, const void *bytes, size_t length, struct error *err)
{
    size_t *left = context;
    (void)bytes;
    if (length <= *left) {
        *left -= length;
        return true;
    }
    errno = ENOSPC;
    return error_set_errno(err, "write S");
}

/* Partly compressible and the same on each run. */
static void make_content(struct text *t, size_t length)
{
    uint32_t seed = 7;
    while (t->length < length) {
        seed = seed * 1664525 + 1013904223;
        text_addf(t, "%u\trow\t%u\n", seed >> 8, seed % 97);
    }
    t->length = length;
    if (length > 0)
        t->data[length] = '\0';
}

static void pack(const struct text *plain, size_t members, int level, struct text *ret)
{
    struct error err = {0};
    CLEANUP(gzip_writer_free) struct gzip_writer *w = NULL;
    assert_true(gzip_writer_new(level, to_text, ret, &w, &err));
    size_t piece = plain->length / members;
    for (size_t i = 0; i < members; i++) {
        size_t length = i + 1 == members ? plain->length - piece * i : piece;
        assert_true(gzip_writer_add(w, text_get(plain) + piece * i, length, &err));
        assert_true(gzip_writer_end_member(w, &err));
    }
}

static bool unpack(const struct text *packed, size_t piece, struct text *ret, bool *ret_whole,
                   struct error *err)
{
    CLEANUP(gzip_reader_free) struct gzip_reader *r = NULL;
    assert_true(gzip_reader_new(to_text, ret, &r, err));
    for (size_t at = 0; at < packed->length; at += piece) {
        size_t left = packed->length - at;
        if (!gzip_reader_add(r, packed->data + at, left < piece ? left : piece, err)) {
            struct error again = {0};
            assert_false(gzip_reader_add(r, "x", 1, &again)); /* stays broken */
            assert_string_equal(again.message, err->message);
            assert_false(gzip_reader_at_member_end(r));
            return false;
        }
    }
    *ret_whole = gzip_reader_at_member_end(r);
    return true;
}

static const struct {
    const char *name;
    size_t length, members, piece;
    int level;
} round_cases[] = {
    {"nothing in one member", 0, 1, 100, 3},
    {"nothing in three members", 0, 3, 1, 3},
    {"one byte", 1, 1, 1, 9},
    {"members, byte by byte", 5000, 7, 1, 6},
    {"members, in pieces of 3", 5000, 2, 3, 1},
    {"exactly the output buffer", 65536, 1, 65536, 3},
    {"larger than all buffers", 3000000, 3, 70000, 3},
    {"all at once", 3000000, 1, 3000000, 9},
};

static void test_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(round_cases); i++) {
        struct error err = {0};
        bool whole = false;
        CLEANUP(text_free) struct text plain = {0};
        CLEANUP(text_free) struct text packed = {0};
        CLEANUP(text_free) struct text twice = {0};
        CLEANUP(text_free) struct text back = {0};
        print_message("case: %s\n", round_cases[i].name);
        make_content(&plain, round_cases[i].length);
        pack(&plain, round_cases[i].members, round_cases[i].level, &packed);
        pack(&plain, round_cases[i].members, round_cases[i].level, &twice);
        assert_int_equal(packed.length, twice.length);
        assert_memory_equal(packed.data, twice.data, packed.length);
        /* RFC 1952: magic, deflate, no flags (so no name), no time */
        assert_memory_equal(packed.data, "\x1f\x8b\x08\0\0\0\0\0", 8);
        assert_true(unpack(&packed, round_cases[i].piece, &back, &whole, &err));
        assert_true(whole);
        assert_int_equal(back.length, plain.length);
        assert_memory_equal(text_get(&back), text_get(&plain), plain.length);
    }
}

static void test_stock_gunzip_reads_members(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text plain = {0};
    CLEANUP(text_free) struct text packed = {0};
    CLEANUP(text_free) struct text back = {0};
    make_content(&plain, 200000);
    pack(&plain, 3, 3, &packed);
    char path[] = "/tmp/waarborg-gzip-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, packed.data, packed.length), packed.length);
    close(fd);
    CLEANUP(memory_release) char *command = memory_format("gzip -dc < %s", path);
    FILE *out = popen(command, "r"); // NOLINT(cert-env33-c)
    assert_non_null(out);
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, out)) > 0;)
        text_add_bytes(&back, block, n);
    assert_int_equal(pclose(out), 0);
    unlink(path);
    assert_int_equal(back.length, plain.length);
    assert_memory_equal(back.data, plain.data, plain.length);
}

static const struct {
    const char *name;
    ptrdiff_t flip;    /* byte to change, from the end when negative; PTRDIFF_MAX = none */
    size_t cut;        /* bytes to take off the end */
    const char *added; /* to the end */
    bool accepted;
    bool whole;
} damage_cases[] = {
    {"untouched", PTRDIFF_MAX, 0, "", true, true},
    {"magic", 0, 0, "", false, false},
    {"method", 2, 0, "", false, false},
    {"first data byte", 10, 0, "", false, false},
    {"middle of the data", 3000, 0, "", false, false},
    {"CRC", -8, 0, "", false, false},
    {"length", -1, 0, "", false, false},
    {"cut in the trailer", PTRDIFF_MAX, 1, "", true, false},
    {"cut in the data", PTRDIFF_MAX, 4000, "", true, false},
    {"start of another member", PTRDIFF_MAX, 0, "\x1f\x8b", true, false},
    {"text after the end", PTRDIFF_MAX, 0, "garbage", false, false},
};

static void test_damage(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text plain = {0};
    CLEANUP(text_free) struct text packed = {0};
    make_content(&plain, 20000);
    pack(&plain, 1, 3, &packed);
    assert_true(packed.length > 6000);
    for (size_t i = 0; i < COUNT_OF(damage_cases); i++) {
        struct error err = {0};
        bool whole = false;
        CLEANUP(text_free) struct text bad = {0};
        CLEANUP(text_free) struct text back = {0};
        print_message("case: %s\n", damage_cases[i].name);
        text_add_bytes(&bad, packed.data, packed.length - damage_cases[i].cut);
        text_add(&bad, damage_cases[i].added);
        ptrdiff_t at = damage_cases[i].flip;
        if (at != PTRDIFF_MAX)
            bad.data[at < 0 ? (ptrdiff_t)bad.length + at : at] ^= 0x10;
        assert_int_equal(unpack(&bad, 1000, &back, &whole, &err), damage_cases[i].accepted);
        assert_int_equal(whole, damage_cases[i].whole);
        if (!damage_cases[i].accepted)
            assert_int_equal(err.kind, ERR_INTEGRITY);
    }
}

static void test_full_disk_while_writing(void **state)
{
    (void)state;
    struct error err = {0};
    struct error again = {0};
    size_t room = 100000;
    CLEANUP(gzip_writer_free) struct gzip_writer *w = NULL;
    CLEANUP(text_free) struct text plain = {0};
    make_content(&plain, 2000000);
    assert_true(gzip_writer_new(1, to_full_disk, &room, &w, &err));
    assert_false(gzip_writer_add(w, plain.data, plain.length, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(err.sys_errno, ENOSPC);
    room = SIZE_MAX; /* room again, but bytes are missing */
    assert_false(gzip_writer_add(w, "x", 1, &again));
    assert_int_equal(again.sys_errno, ENOSPC);
    assert_false(gzip_writer_end_member(w, &again));
    assert_string_equal(again.message, err.message);
}

static void test_full_disk_while_reading(void **state)
{
    (void)state;
    struct error err = {0};
    size_t room = 100000;
    CLEANUP(gzip_reader_free) struct gzip_reader *r = NULL;
    CLEANUP(text_free) struct text plain = {0};
    CLEANUP(text_free) struct text packed = {0};
    make_content(&plain, 2000000);
    pack(&plain, 1, 3, &packed);
    assert_true(gzip_reader_new(to_full_disk, &room, &r, &err));
    assert_false(gzip_reader_add(r, packed.data, packed.length, &err));
    assert_int_equal(err.sys_errno, ENOSPC);
    assert_false(gzip_reader_at_member_end(r));
}

static void test_edges(void **state)
{
    (void)state;
    static const int bad_levels[] = {-1, 0, 10};
    struct error err = {0};
    CLEANUP(gzip_writer_free) struct gzip_writer *w = NULL;
    CLEANUP(gzip_reader_free) struct gzip_reader *r = NULL;
    CLEANUP(text_free) struct text out = {0};
    for (size_t i = 0; i < COUNT_OF(bad_levels); i++) {
        assert_false(gzip_writer_new(bad_levels[i], to_text, &out, &w, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        assert_null(w);
    }
    assert_true(gzip_reader_new(to_text, &out, &r, &err));
    assert_false(gzip_reader_at_member_end(r)); /* nothing is not a member */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_stock_gunzip_reads_members),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_full_disk_while_writing),
        cmocka_unit_test(test_full_disk_while_reading),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests_name("gzip", tests, NULL, NULL);
}
