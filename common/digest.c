#include "common/digest.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "common/memory.h"

struct digest {
    EVP_MD *algorithm;
    EVP_MD_CTX *state;
};

static bool refused(struct error *err)
{
    ERR_clear_error();
    return error_set(err, ERR_IO,
                     "libcrypto does not compute SHA-256: check the installation of "
                     "OpenSSL and its configuration file");
}

bool digest_new(struct digest **ret, struct error *err)
{
    CLEANUP(digest_free) struct digest *d = memory_alloc(sizeof *d);
    /* Fetched once: with EVP_sha256() every line of a journal would pay for the look-up again. */
    d->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    d->state = EVP_MD_CTX_new();
    if (d->algorithm == NULL || d->state == NULL ||
        EVP_DigestInit_ex(d->state, d->algorithm, NULL) != 1)
        return refused(err);
    *ret = d;
    d = NULL;
    return true;
}

bool digest_add(struct digest *d, const void *bytes, size_t length, struct error *err)
{
    return EVP_DigestUpdate(d->state, bytes, length) == 1 || refused(err);
}

bool digest_finish_hex(struct digest *d, char ret_hex[static DIGEST_HEX_SIZE], struct error *err)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    if (EVP_DigestFinal_ex(d->state, bytes, NULL) != 1 ||
        EVP_DigestInit_ex(d->state, d->algorithm, NULL) != 1)
        return refused(err);
    digest_to_hex(bytes, DIGEST_SIZE, ret_hex);
    return true;
}

void digest_free(struct digest **d)
{
    if (*d == NULL)
        return;
    EVP_MD_CTX_free((*d)->state);
    EVP_MD_free((*d)->algorithm);
    free(*d);
    *d = NULL;
}

bool digest_bytes_hex(const void *bytes, size_t length, char ret_hex[static DIGEST_HEX_SIZE],
                      struct error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL) != 1)
        return refused(err);
    digest_to_hex(digest, DIGEST_SIZE, ret_hex);
    return true;
}

bool digest_hmac(const unsigned char *key, size_t key_length, const void *bytes, size_t length,
                 unsigned char ret[static DIGEST_SIZE], struct error *err)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int mac_length = 0;
    if (key_length > INT_MAX ||
        HMAC(EVP_sha256(), key, (int)key_length, bytes, length, mac, &mac_length) == NULL ||
        mac_length != DIGEST_SIZE)
        return refused(err);
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        ret[i] = mac[i];
    return true;
}

void digest_to_hex(const unsigned char *bytes, size_t length, char *ret_hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        ret_hex[2 * i] = digits[bytes[i] >> 4];
        ret_hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_hex[2 * length] = '\0';
}

/* One more than the digit; 0: none.  Not isxdigit and strtoul: those take signs and follow the
 * locale. */
static const unsigned char digits_of[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16};

static unsigned int digit_value(char c)
{
    return digits_of[(unsigned char)c] - 1U;
}

bool digest_from_hex(const char *text, unsigned char *ret_bytes, size_t length)
{
    for (size_t i = 0; i < 2 * length; i++) /* ends at the NUL of a text that is too short, too */
        if (digits_of[(unsigned char)text[i]] == 0)
            return false;
    if (text[2 * length] != '\0')
        return false;
    for (size_t i = 0; i < length; i++)
        ret_bytes[i] =
            (unsigned char)(digit_value(text[2 * i]) << 4 | digit_value(text[2 * i + 1]));
    return true;
}
