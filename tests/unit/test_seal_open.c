/* Opening what was sealed: damage, wrong keys, key files, and files of other tools. */
#include "tests/unit/seal_keys.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <sys/wait.h>

#include "common/file.h"

#define PASSPHRASE_VARIABLE "WAARBORG_KEY_PASSPHRASE"

static void run(const char *command_format, ...) PRINTF_LIKE(1, 2);

static void run(const char *command_format, ...)
{
    CLEANUP(text_free) struct text command = {0};
    char arguments[2000];
    va_list args;
    va_start(args, command_format);
    vsnprintf(arguments, sizeof arguments, command_format, args);
    va_end(args);
    text_addf(&command, "cd '%s' && %s", keys_dir, arguments);
    assert_int_equal(system(command.data), 0); // NOLINT(cert-env33-c)
}

static void load(const char *name, struct text *ret)
{
    struct error err = {0};
    CLEANUP(memory_release) char *path = key_path(name, "");
    assert_true(file_read(AT_FDCWD, path, 100000000, ret, &err));
}

/* ---- damage ---- */

/* Where a region starts: after the first place of these bytes, or from the end. */
static const struct region {
    const char *name;
    const char *after;
    size_t after_length;
    ptrdiff_t offset; /* when negative and without such bytes: from the end of the data */
} regions[] = {
    {"type of the content", "", 0, 12},
    {"first byte", "", 0, 0},
    {"encrypted key for RSA, first byte", "\x04\x82\x01\x00", 4, 0},
    {"encrypted key for RSA, last byte", "\x04\x82\x01\x00", 4, 255},
    {"ephemeral key for EC, its form", "\x03\x42\x00\x04", 4, -1},
    {"ephemeral key for EC", "\x03\x42\x00\x04", 4, 40},
    {"encrypted key for EC, first byte", "\x04\x28", 2, 0},
    {"encrypted key for EC, last byte", "\x04\x28", 2, 39},
    {"cipher", "\x60\x86\x48\x01\x65\x03\x04\x01", 8, 0},
    {"nonce, first byte", "\x01\x2e\x30\x11\x04\x0c", 6, 0},
    {"nonce, last byte", "\x01\x2e\x30\x11\x04\x0c", 6, 11},
    {"first byte of the content", "\xa0\x80\x04\x82", 4, 2},
    {"middle of the content", "\xa0\x80\x04\x82", 4, 5000},
    {"a length within the content", "\xa0\x80\x04\x82", 4, 0},
    {"last byte of the content", "", 0, -29},
    {"end of the content", "", 0, -27},
    {"length of the tag", "", 0, -23},
    {"tag, first byte", "", 0, -22},
    {"tag, last byte", "", 0, -7},
    {"last byte", "", 0, -1},
};

static size_t region_start(const struct text *sealed, const struct region *r)
{
    if (r->after_length == 0)
        return r->offset < 0 ? sealed->length - (size_t)-r->offset : (size_t)r->offset;
    const char *at = memmem(sealed->data, sealed->length, r->after, r->after_length);
    assert_non_null(at);
    return (size_t)(at + (ptrdiff_t)r->after_length + r->offset - sealed->data);
}

static void test_one_bit_in_each_region(void **state)
{
    (void)state;
    CLEANUP(text_free) struct text plain = {0};
    CLEANUP(text_free) struct text to_rsa = {0};
    CLEANUP(text_free) struct text to_ec = {0};
    make_plain(&plain, 20000);
    seal_bytes("rsa", plain.data, plain.length, &to_rsa);
    seal_bytes("ec", plain.data, plain.length, &to_ec);
    for (size_t i = 0; i < COUNT_OF(regions); i++) {
        struct error err = {0};
        CLEANUP(text_free) struct text opened = {0};
        bool ec = strstr(regions[i].name, "for EC") != NULL;
        struct text *sealed = ec ? &to_ec : &to_rsa;
        size_t at = region_start(sealed, &regions[i]);
        print_message("case: %s\n", regions[i].name);
        sealed->data[at] ^= 1;
        assert_false(open_with(ec ? "ec" : "rsa", sealed->data, sealed->length, &opened, &err));
        if (err.kind != ERR_INTEGRITY)
            fail_msg("said: %s", err.message);
        assert_int_equal(opened.length, 0);
        sealed->data[at] ^= 1;
    }
}

/* Every byte: what comes out is the whole plaintext or nothing.  Whole where the byte means nothing
 * to whoever holds the key (the name of a recipient); the digest in the manifest covers those. */
static void test_every_byte(void **state)
{
    (void)state;
    static const char *const keys[] = {"rsa", "ec"};
    CLEANUP(text_free) struct text plain = {0};
    CLEANUP(text_free) struct text sealed = {0};
    make_plain(&plain, 100);
    seal_bytes("rsa ec", plain.data, plain.length, &sealed);
    for (size_t k = 0; k < COUNT_OF(keys); k++) {
        struct error err = {0};
        CLEANUP(memory_release) char *path = key_path(keys[k], ".key");
        CLEANUP(seal_key_free) struct seal_key *key = NULL;
        size_t kinds[ERR_STOPPED + 1] = {0};
        assert_true(seal_key_load(path, &key, &err));
        for (size_t i = 0; i < sealed.length; i++) {
            CLEANUP(text_free) struct text opened = {0};
            sealed.data[i] ^= (char)(1 << i % 8);
            if (seal_open(key, sealed.data, sealed.length, &opened, &err)) {
                err.kind = ERR_NONE;
                assert_int_equal(opened.length, plain.length);
                assert_memory_equal(opened.data, plain.data, plain.length);
            } else {
                assert_int_equal(opened.length, 0);
            }
            kinds[err.kind]++;
            sealed.data[i] ^= (char)(1 << i % 8);
        }
        print_message("%s: %zu bytes, %zu whole, %zu damaged, %zu not for this key\n", keys[k],
                      sealed.length, kinds[ERR_NONE], kinds[ERR_INTEGRITY], kinds[ERR_USAGE]);
        assert_int_equal(kinds[ERR_NONE] + kinds[ERR_INTEGRITY] + kinds[ERR_USAGE], sealed.length);
        assert_true(kinds[ERR_INTEGRITY] > plain.length + 16 + 40);
    }
}

static void test_every_length(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP(text_free) struct text sealed = {0};
    CLEANUP(text_free) struct text opened = {0};
    CLEANUP(memory_release) char *path = key_path("ec", ".key");
    CLEANUP(seal_key_free) struct seal_key *key = NULL;
    assert_true(seal_key_load(path, &key, &err));
    seal_bytes("ec", "some text", 9, &sealed);
    for (size_t length = 0; length < sealed.length; length++) {
        /* Its own block, so that AddressSanitizer sees a read past the end. */
        CLEANUP(memory_release) char *cut = memory_alloc(length);
        memcpy(cut, sealed.data, length);
        assert_false(seal_open(key, cut, length, &opened, &err));
        assert_int_equal(err.kind, ERR_INTEGRITY);
    }
    text_add(&sealed, "x");
    assert_false(seal_open(key, sealed.data, sealed.length, &opened, &err));
    assert_int_equal(err.kind, ERR_INTEGRITY);
    assert_int_equal(opened.length, 0);
}

/* libcrypto itself would take a tag of one byte, which is guessed in 256 tries. */
static void test_short_tag(void **state)
{
    (void)state;
    static const char lengths[] = {0, 1, 4, 12, 15};
    CLEANUP(text_free) struct text sealed = {0};
    seal_bytes("ec", "some text", 9, &sealed);
    size_t tag = sealed.length - 22;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct error err = {0};
        CLEANUP(text_free) struct text opened = {0};
        CLEANUP(text_free) struct text bad = {0};
        print_message("case: %d bytes\n", lengths[i]);
        text_add_bytes(&bad, sealed.data, tag - 1);
        text_add_bytes(&bad, &lengths[i], 1);
        text_add_bytes(&bad, sealed.data + tag, (size_t)lengths[i]);
        text_add_bytes(&bad, "\0\0\0\0\0\0", 6);
        assert_false(open_with("ec", bad.data, bad.length, &opened, &err));
        assert_int_equal(err.kind, ERR_INTEGRITY);
        assert_non_null(strstr(err.message, "full authentication tag"));
    }
}

/* ---- wrong keys ---- */

static const struct {
    const char *sealed_to;
    const char *opened_with;
} wrong_cases[] = {
    {"rsa", "rsa-other"},
    {"rsa", "rsa-plain"},
    {"rsa-plain", "rsa"},
    {"rsa", "ec"},
    {"ec", "ec-other"},
    {"ec", "ec-plain"},
    {"ec-plain", "ec"},
    {"ec", "rsa"},
    {"ec", "signing"},
    {"rsa ec ec-plain", "rsa-plain"},
    {"rsa ec rsa-plain", "ec-other"},
    {"rsa", "pss"},
};

static void test_wrong_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong_cases); i++) {
        struct error err = {0};
        CLEANUP(text_free) struct text sealed = {0};
        CLEANUP(text_free) struct text opened = {0};
        print_message("case: %s with %s\n", wrong_cases[i].sealed_to, wrong_cases[i].opened_with);
        text_add(&opened, "before");
        seal_bytes(wrong_cases[i].sealed_to, "some text", 9, &sealed);
        assert_false(
            open_with(wrong_cases[i].opened_with, sealed.data, sealed.length, &opened, &err));
        if (err.kind != ERR_USAGE)
            fail_msg("said: %s", err.message);
        assert_string_equal(opened.data, "before");
        assert_int_equal(ERR_peek_error(), 0);
    }
}

/* ---- files of other tools ---- */

static const struct {
    const char *name;
    const char *options; /* of openssl cms -encrypt */
    const char *opened_with;
    enum error_kind kind;
} other_cases[] = {
    {"RSA with the old padding", "-aes-256-gcm rsa.crt", "rsa", ERR_NONE},
    {"RSA with the old padding, streamed", "-stream -aes-256-gcm rsa.crt", "rsa", ERR_NONE},
    {"RSA with the old padding, wrong key", "-aes-256-gcm rsa.crt", "rsa-other", ERR_USAGE},
    {"EC", "-aes-256-gcm ec.crt", "ec", ERR_NONE},
    {"EC, wrong key", "-aes-256-gcm ec.crt", "ec-other", ERR_USAGE},
    {"128 bits", "-aes-128-gcm ec.crt", "ec", ERR_NONE},
    {"without authentication", "-aes-256-cbc ec.crt", "ec", ERR_INTEGRITY},
};

static void test_files_of_the_stock_tool(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(other_cases); i++) {
        struct error err = {0};
        CLEANUP(text_free) struct text sealed = {0};
        CLEANUP(text_free) struct text opened = {0};
        print_message("case: %s\n", other_cases[i].name);
        run("printf 'some text' | openssl cms -encrypt -binary -outform DER -out other.cms %s",
            other_cases[i].options);
        load("other.cms", &sealed);
        bool done =
            open_with(other_cases[i].opened_with, sealed.data, sealed.length, &opened, &err);
        assert_int_equal(done, other_cases[i].kind == ERR_NONE);
        if (done)
            assert_string_equal(opened.data, "some text");
        else if (err.kind != other_cases[i].kind)
            fail_msg("said: %s", err.message);
    }
}

static const struct {
    const char *name;
    const char *bytes;
    size_t length;
} alien_cases[] = {
    {"nothing", "", 0},
    {"text", "-- waarborg segment\nCOPY", 24},
    {"gzip", "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10},
    {"PEM instead of DER", "-----BEGIN CMS-----\nMIIB\n", 25},
    {"a length beyond the end", "\x30\x84\x7f\xff\xff\xff", 6},
    {"nested without end",
     "0\x80"
     "0\x80"
     "0\x80"
     "0\x80"
     "0\x80"
     "0\x80"
     "0\x80",
     14},
    {"CMS with data only", "\x30\x0f\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x02\x04\x00",
     17},
};

static void test_what_is_not_ours(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(alien_cases); i++) {
        struct error err = {0};
        CLEANUP(text_free) struct text opened = {0};
        print_message("case: %s\n", alien_cases[i].name);
        assert_false(open_with("ec", alien_cases[i].bytes, alien_cases[i].length, &opened, &err));
        assert_int_equal(err.kind, ERR_INTEGRITY);
    }
}

/* ---- key files ---- */

static const struct {
    const char *name;
    const char *file;
    const char *passphrase; /* in the environment; NULL = not set, and there is no terminal */
    const char *says;       /* NULL: loaded */
} key_cases[] = {
    {"plain", "ec.key", NULL, NULL},
    {"plain, a passphrase is set", "ec.key", "geheim", NULL},
    {"passphrase", "locked.key", "geheim", NULL},
    {"wrong passphrase", "locked.key", "verkeerd", "passphrase"},
    {"empty passphrase", "locked.key", "", "passphrase"},
    {"passphrase missing", "locked.key", NULL, "no terminal"},
    {"old form with passphrase", "old.key", "geheim", NULL},
    {"old form, wrong passphrase", "old.key", "verkeerd", "passphrase"},
    {"certificate and key in one file", "both.pem", NULL, NULL},
    {"certificate only", "ec.crt", NULL, "private key"},
    {"not there", "none.key", NULL, "No such file"},
    {"a directory", ".", NULL, "private key"},
};

/* In a process without terminal; else the person who runs the tests would be asked. */
static int load_in_child(size_t i)
{
    struct error err = {0};
    CLEANUP(seal_key_free) struct seal_key *k = NULL;
    CLEANUP(memory_release) char *path = key_path(key_cases[i].file, "");
    setsid();
    if (key_cases[i].passphrase != NULL)
        setenv(PASSPHRASE_VARIABLE, key_cases[i].passphrase, 1);
    if (seal_key_load(path, &k, &err) != (key_cases[i].says == NULL))
        return 1;
    if (key_cases[i].says == NULL)
        return 0;
    if (k != NULL || err.kind != ERR_USAGE)
        return 2;
    if (strstr(err.message, path) == NULL || strstr(err.message, key_cases[i].says) == NULL)
        return 3;
    return strstr(err.message, "geheim") != NULL || strstr(err.message, "verkeerd") != NULL ? 4 : 0;
}

static void test_key_files(void **state)
{
    (void)state;
    run("openssl pkcs8 -topk8 -in ec.key -out locked.key -passout pass:geheim");
    run("openssl ec -in ec.key -aes256 -out old.key -passout pass:geheim 2>openssl.log");
    run("cat ec.crt ec.key > both.pem");
    for (size_t i = 0; i < COUNT_OF(key_cases); i++) {
        int status = 0;
        print_message("case: %s\n", key_cases[i].name);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(load_in_child(i));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_bit_in_each_region),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_short_tag),
        cmocka_unit_test(test_wrong_key),
        cmocka_unit_test(test_files_of_the_stock_tool),
        cmocka_unit_test(test_what_is_not_ours),
        cmocka_unit_test(test_key_files),
    };
    unsetenv(PASSPHRASE_VARIABLE);
    return cmocka_run_group_tests_name("seal_open", tests, make_keys, remove_keys);
}
