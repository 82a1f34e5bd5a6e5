#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "common/digest.h"

static const struct {
    const char *name;
    const char *text;
    const char *hex;
} sha_cases[] = {
    /* FIPS 180-4 examples */
    {"nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void test_sha256(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP(digest_free) struct digest *d = NULL;
    assert_true(digest_new(&d, &err));
    for (size_t i = 0; i < COUNT_OF(sha_cases); i++) {
        char hex[DIGEST_HEX_SIZE] = "";
        size_t length = strlen(sha_cases[i].text);
        print_message("case: %s\n", sha_cases[i].name);
        assert_true(digest_bytes_hex(sha_cases[i].text, length, hex, &err));
        assert_string_equal(hex, sha_cases[i].hex);
        /* The same object again and again, byte by byte: finish starts anew. */
        for (size_t at = 0; at < length; at++)
            assert_true(digest_add(d, sha_cases[i].text + at, 1, &err));
        memset(hex, 0, sizeof hex);
        assert_true(digest_finish_hex(d, hex, &err));
        assert_string_equal(hex, sha_cases[i].hex);
    }
}

static const struct {
    const char *name;
    unsigned char key_byte;
    size_t key_length;
    const char *text;
    const char *hex;
} hmac_cases[] = {
    /* RFC 4231, 4.2 and 4.7 */
    {"short key", 0x0b, 20, "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"key longer than a block", 0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
};

static void test_hmac(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hmac_cases); i++) {
        struct error err = {0};
        unsigned char key[131];
        unsigned char mac[DIGEST_SIZE];
        char hex[DIGEST_HEX_SIZE];
        print_message("case: %s\n", hmac_cases[i].name);
        memset(key, hmac_cases[i].key_byte, sizeof key);
        assert_true(digest_hmac(key, hmac_cases[i].key_length, hmac_cases[i].text,
                                strlen(hmac_cases[i].text), mac, &err));
        digest_to_hex(mac, sizeof mac, hex);
        assert_string_equal(hex, hmac_cases[i].hex);
    }
}

static const struct {
    const char *name;
    const char *text;
    bool good;
} hex_cases[] = {
    {"lower case", "00ff10ab", true},
    {"upper case", "00FF10AB", true},
    {"a digit short", "00ff10a", false},
    {"a digit long", "00ff10ab0", false},
    {"nothing", "", false},
    {"a letter too far", "00ff10ag", false},
    {"a space before", " 0ff10ab", false},
    {"a sign", "+0ff10ab", false},
    {"prefix 0x", "0x00ff10", false},
};

static void test_from_hex(void **state)
{
    (void)state;
    static const unsigned char expect[] = {0x00, 0xff, 0x10, 0xab};
    static const unsigned char untouched[] = {1, 2, 3, 4};
    for (size_t i = 0; i < COUNT_OF(hex_cases); i++) {
        unsigned char bytes[4] = {1, 2, 3, 4};
        print_message("case: %s\n", hex_cases[i].name);
        assert_int_equal(digest_from_hex(hex_cases[i].text, bytes, 4), hex_cases[i].good);
        assert_memory_equal(bytes, hex_cases[i].good ? expect : untouched, 4);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_from_hex),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
