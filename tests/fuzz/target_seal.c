/* Sealed bytes, as seal_open reads them, with the EC and the RSA key.
 *
 * All that was ever sealed for these keys is a known text (fuzz_plain_byte), and who mutates a file
 * does not know the content key.  So whatever is given out must be that text: anything else was
 * given out without its authentication tag. */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/keys.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return elements_mutate(data, size, max_size, seed);
}

/* Lengths of the texts in the seeds. */
static bool was_sealed(size_t length)
{
    static const size_t lengths[] = {0, 1, 100, 5000};
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
        if (length == lengths[i])
            return true;
    return false;
}

static bool try_key(enum fuzz_key which, const uint8_t *data, size_t size)
{
    CLEANUP(text_free) struct text plain = {0};
    struct error err = {0};
    if (!seal_open(fuzz_key(which), data, size, &plain, &err)) {
        fuzz_check_error(&err);
        REQUIRE(err.kind == ERR_INTEGRITY || err.kind == ERR_USAGE, "kind %d", (int)err.kind);
        REQUIRE(plain.data == NULL && plain.length == 0, "touched");
        return false;
    }
    REQUIRE(was_sealed(plain.length), "%zu bytes were never sealed", plain.length);
    for (size_t i = 0; i < plain.length; i++)
        REQUIRE(plain.data[i] == fuzz_plain_byte(i), "byte %zu was never sealed", i);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool ec = try_key(KEY_EC, data, size);
    bool rsa = try_key(KEY_RSA, data, size);
    if (ec || rsa)
        fuzz_keep(data, size);
    fuzz_reached(ec || rsa ? "opened" : "refused");
    return 0;
}
