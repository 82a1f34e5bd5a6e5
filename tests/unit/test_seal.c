/* Sealing: who it can be sealed to, that the stock tool opens it, and what it takes. */
#include "tests/unit/seal_keys.h"

#include <errno.h>
#include <malloc.h>
#include <openssl/crypto.h>

#include "common/digest.h"

/* ---- what libcrypto holds, counted ---- */

static size_t held;
static size_t peak;

static void *counted_resize(void *block, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    size_t before = block == NULL ? 0 : malloc_usable_size(block);
    void *made = realloc(block, size);
    if (made != NULL) {
        held += malloc_usable_size(made) - before;
        peak = held > peak ? held : peak;
    }
    return made;
}

static void *counted_alloc(size_t size, const char *file, int line)
{
    return counted_resize(NULL, size, file, line);
}

static void counted_free(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    held -= block == NULL ? 0 : malloc_usable_size(block);
    free(block);
}

/* ---- round trips ---- */

static const struct {
    const char *name;
    const char *sealed_to;
    const char *opened_with;
    size_t length;
} round_cases[] = {
    {"RSA", "rsa", "rsa", 5000},
    {"EC", "ec", "ec", 5000},
    {"RSA without key identifier", "rsa-plain", "rsa-plain", 5000},
    {"EC without key identifier", "ec-plain", "ec-plain", 5000},
    {"first of several", "rsa ec ec-plain rsa-plain", "rsa", 5000},
    {"second of several", "rsa ec ec-plain rsa-plain", "ec", 5000},
    {"third of several", "rsa ec ec-plain rsa-plain", "ec-plain", 5000},
    {"last of several", "rsa ec ec-plain rsa-plain", "rsa-plain", 5000},
    {"the second RSA key", "rsa-other rsa", "rsa", 5000},
    {"nothing", "ec", "ec", 0},
    {"one byte", "rsa", "rsa", 1},
    {"exactly the buffer", "ec", "ec", 65536},
    {"3 MB to RSA", "rsa ec", "rsa", 3000001},
    {"3 MB to EC", "rsa ec", "ec", 3000001},
};

static void expect_equal(const struct text *a, const struct text *b)
{
    assert_int_equal(a->length, b->length);
    assert_memory_equal(text_get(a), text_get(b), b->length);
}

static void test_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(round_cases); i++) {
        struct error err = {0};
        CLEANUP(text_free) struct text plain = {0};
        CLEANUP(text_free) struct text sealed = {0};
        CLEANUP(text_free) struct text opened = {0};
        print_message("case: %s\n", round_cases[i].name);
        make_plain(&plain, round_cases[i].length);
        seal_bytes(round_cases[i].sealed_to, text_get(&plain), plain.length, &sealed);
        if (!open_with(round_cases[i].opened_with, sealed.data, sealed.length, &opened, &err))
            fail_msg("%s", err.message);
        expect_equal(&opened, &plain);
        assert_int_equal(opened.data[opened.length], '\0');
        if (plain.length > 100)
            assert_null(memmem(sealed.data, sealed.length, plain.data, 16));
    }
}

static void test_stock_tool_opens(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(round_cases); i++) {
        CLEANUP(text_free) struct text plain = {0};
        CLEANUP(text_free) struct text sealed = {0};
        CLEANUP(text_free) struct text opened = {0};
        print_message("case: %s\n", round_cases[i].name);
        make_plain(&plain, round_cases[i].length);
        seal_bytes(round_cases[i].sealed_to, text_get(&plain), plain.length, &sealed);
        FILE *file = create("F", ".cms");
        assert_int_equal(fwrite(sealed.data, 1, sealed.length, file), sealed.length);
        fclose(file);
        CLEANUP(memory_release)
        char *command = memory_format("cd '%s' && openssl cms -decrypt -binary -inform DER "
                                      "-in F.cms -inkey %s.key",
                                      keys_dir, round_cases[i].opened_with);
        FILE *out = popen(command, "r"); // NOLINT(cert-env33-c)
        assert_non_null(out);
        char block[4096];
        for (size_t n; (n = fread(block, 1, sizeof block, out)) > 0;)
            text_add_bytes(&opened, block, n);
        assert_int_equal(pclose(out), 0);
        expect_equal(&opened, &plain);
    }
}

/* With the older PKCS #1 v1.5 padding a wrong key could pass for a right one. */
static void test_rsa_padding_is_oaep(void **state)
{
    (void)state;
    static const char oaep[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07"; /* RFC 4055, 4.1 */
    CLEANUP(text_free) struct text sealed = {0};
    seal_bytes("rsa", "some text", 9, &sealed);
    assert_non_null(memmem(sealed.data, sealed.length, oaep, sizeof oaep - 1));
}

/* ---- the stream ---- */

static bool count_only(void *context, const void *bytes, size_t length, struct error *err)
{
    uint64_t *total = context;
    (void)bytes;
    (void)err;
    *total += length;
    return true;
}

static void test_memory_stays_small(void **state)
{
    (void)state;
    enum { MIB = 1024 * 1024, PIECES = 64 };
    struct error err = {0};
    uint64_t total = 0;
    CLEANUP(seal_recipients_free) struct seal_recipients *recipients = NULL;
    CLEANUP(seal_writer_free) struct seal_writer *w = NULL;
    CLEANUP(memory_release) char *piece = memory_alloc(MIB);
    load_recipients("rsa ec", &recipients);
    size_t before = held;
    peak = held;
    assert_true(seal_writer_open(recipients, count_only, &total, &w, &err));
    for (int i = 0; i < PIECES; i++)
        assert_true(seal_writer_add(w, piece, MIB, &err));
    assert_true(seal_writer_finish(w, &err));
    assert_true(total > (uint64_t)PIECES * MIB);
    assert_true(total < (uint64_t)PIECES * MIB + MIB);
    assert_true(before > 0); /* the count works */
    assert_true(peak - before < MIB / 4);
    seal_writer_free(&w);
    assert_true(held - before < MIB / 16);
}

struct disk {
    size_t room;
    size_t calls;
};

static bool to_full_disk(void *context, const void *bytes, size_t length, struct error *err)
{
    struct disk *disk = context;
    (void)bytes;
    disk->calls++;
    if (length <= disk->room) {
        disk->room -= length;
        return true;
    }
    errno = ENOSPC;
    return error_set_errno(err, "write S");
}

static const struct {
    const char *name;
    size_t room;
    bool add_fails; /* otherwise the finish */
} full_cases[] = {
    {"no room at all", 0, true},
    {"full in the middle", 300000, true},
    {"full at the trailer", 1000000, false},
};

static void test_error_of_the_sink_comes_back(void **state)
{
    (void)state;
    CLEANUP(seal_recipients_free) struct seal_recipients *recipients = NULL;
    CLEANUP(text_free) struct text plain = {0};
    load_recipients("rsa ec", &recipients);
    make_plain(&plain, 1000000);
    for (size_t i = 0; i < COUNT_OF(full_cases); i++) {
        struct error err = {0};
        struct error again = {0};
        struct disk disk = {.room = full_cases[i].room};
        CLEANUP(seal_writer_free) struct seal_writer *w = NULL;
        print_message("case: %s\n", full_cases[i].name);
        assert_true(seal_writer_open(recipients, to_full_disk, &disk, &w, &err));
        assert_int_equal(seal_writer_add(w, plain.data, plain.length, &err),
                         !full_cases[i].add_fails);
        disk.room = full_cases[i].add_fails ? SIZE_MAX : disk.room;
        size_t calls = disk.calls;
        assert_false(seal_writer_finish(w, full_cases[i].add_fails ? &again : &err));
        assert_int_equal(err.kind, ERR_IO);
        assert_int_equal(err.sys_errno, ENOSPC);
        assert_non_null(strstr(err.message, "write S"));
        disk.room = SIZE_MAX; /* room again, but bytes are missing */
        calls = full_cases[i].add_fails ? calls : disk.calls;
        assert_false(seal_writer_add(w, "x", 1, &again));
        assert_string_equal(again.message, err.message);
        assert_false(seal_writer_finish(w, &again));
        assert_string_equal(again.message, err.message);
        assert_int_equal(disk.calls, calls); /* nothing follows a gap */
    }
}

static void test_writer_after_its_end(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP(seal_recipients_free) struct seal_recipients *recipients = NULL;
    CLEANUP(text_free) struct text sealed = {0};
    load_recipients("ec", &recipients);
    struct seal_writer *w = NULL;
    seal_writer_free(&w); /* nothing to free */
    assert_true(seal_writer_open(recipients, seal_to_text, &sealed, &w, &err));
    assert_true(seal_writer_add(w, "abc", 3, &err));
    seal_writer_free(&w); /* not finished: LeakSanitizer watches */
    assert_null(w);
    assert_true(seal_writer_open(recipients, seal_to_text, &sealed, &w, &err));
    assert_true(seal_writer_finish(w, &err));
    assert_false(seal_writer_add(w, "abc", 3, &err));
    assert_false(seal_writer_finish(w, &err));
    seal_writer_free(&w);
}

/* ---- certificates ---- */

static const struct {
    const char *name;
    const char *file;
    const char *says; /* NULL: accepted */
} certificate_cases[] = {
    {"RSA", "rsa.crt", NULL},
    {"EC", "ec.crt", NULL},
    {"expired", "expired.crt", "expired on 2026-09-20"},
    {"not yet valid", "early.crt", "not valid before 2026-09-22"},
    {"for signatures only", "signing.crt", "ED25519"},
    {"RSA-PSS", "pss.crt", "cannot encrypt to"},
    {"too short", "short.crt", "1024 bits"},
    {"a private key", "rsa.key", "not a certificate"},
    {"not PEM", "text.crt", "not a certificate"},
    {"not there", "none.crt", "No such file"},
    {"a directory", "", "not a certificate"},
};

static void test_certificates(void **state)
{
    (void)state;
    FILE *file = create("text", ".crt");
    fputs("this is no certificate\n", file);
    fclose(file);
    CLEANUP(memory_release) char *good = key_path("ec", ".crt");
    for (size_t i = 0; i < COUNT_OF(certificate_cases); i++) {
        struct error err = {0};
        CLEANUP(seal_recipients_free) struct seal_recipients *r = NULL;
        CLEANUP(memory_release) char *path = key_path(certificate_cases[i].file, "");
        char *const paths[] = {good, path}; /* a good one does not make up for a bad one */
        print_message("case: %s\n", certificate_cases[i].name);
        bool done = seal_recipients_load(paths, 2, NOW, &r, &err);
        assert_int_equal(done, certificate_cases[i].says == NULL);
        if (done)
            continue;
        assert_null(r);
        assert_int_equal(err.kind, ERR_USAGE);
        assert_non_null(strstr(err.message, path));
        if (strstr(err.message, certificate_cases[i].says) == NULL)
            fail_msg("said: %s", err.message);
    }
}

static void test_no_certificate(void **state)
{
    (void)state;
    struct error err = {0};
    struct seal_recipients *r = NULL;
    assert_false(seal_recipients_load(NULL, 0, NOW, &r, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_null(r);
}

static void test_fingerprint_is_that_of_the_stock_tool(void **state)
{
    (void)state;
    CLEANUP(seal_recipients_free) struct seal_recipients *r = NULL;
    CLEANUP(memory_release)
    char *command =
        memory_format("openssl x509 -in '%s/ec.crt' -outform DER | sha256sum", keys_dir);
    char line[DIGEST_HEX_SIZE] = "";
    load_recipients("rsa ec", &r);
    FILE *out = popen(command, "r"); // NOLINT(cert-env33-c)
    assert_non_null(out);
    assert_non_null(fgets(line, sizeof line, out));
    char rest[64];
    while (fgets(rest, sizeof rest, out) != NULL)
        continue;
    assert_int_equal(pclose(out), 0);
    assert_string_equal(seal_recipients_fingerprint(r, 1), line);
    assert_string_not_equal(seal_recipients_fingerprint(r, 0), line);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_stock_tool_opens),
        cmocka_unit_test(test_rsa_padding_is_oaep),
        cmocka_unit_test(test_memory_stays_small),
        cmocka_unit_test(test_error_of_the_sink_comes_back),
        cmocka_unit_test(test_writer_after_its_end),
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_no_certificate),
        cmocka_unit_test(test_fingerprint_is_that_of_the_stock_tool),
    };
    if (CRYPTO_set_mem_functions(counted_alloc, counted_resize, counted_free) != 1)
        return 1; /* only possible before libcrypto's first allocation */
    return cmocka_run_group_tests_name("seal", tests, make_keys, remove_keys);
}
