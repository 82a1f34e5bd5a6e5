#include "common/private_key.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/seal_parts.h"

#define PASSPHRASE_VARIABLE "WAARBORG_KEY_PASSPHRASE"

enum { LONGEST_PASSPHRASE = 1024 };

struct passphrase_request {
    const char *path;
    bool unanswered;
};

/* libcrypto wipes `buffer` after use. */
static int give_passphrase(char *buffer, int size, int writing, void *context)
{
    struct passphrase_request *request = context;
    (void)writing;
    const char *given = getenv(PASSPHRASE_VARIABLE); // NOLINT(concurrency-mt-unsafe)
    if (given != NULL) {
        size_t length = strlen(given);
        if (length > (size_t)size)
            return -1;
        memcpy(buffer, given, length);
        return (int)length;
    }
    CLEANUP(file_close) int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    request->unanswered = terminal < 0;
    if (terminal < 0)
        return -1; /* without a terminal libcrypto would ask standard input instead */
    char prompt[256];
    snprintf(prompt, sizeof prompt, "Passphrase of %s: ", request->path);
    if (EVP_read_pw_string_min(buffer, 0, size < LONGEST_PASSPHRASE ? size : LONGEST_PASSPHRASE,
                               prompt, 0) != 0)
        return -1;
    return (int)strlen(buffer);
}

static bool refuse_key(const struct passphrase_request *request, struct error *err)
{
    int reason = ERR_GET_REASON(ERR_peek_last_error());
    ERR_clear_error();
    if (request->unanswered)
        return error_set(err, ERR_USAGE,
                         "key %s has a passphrase and there is no terminal to ask for it: set %s",
                         request->path, PASSPHRASE_VARIABLE);
    if (reason == PEM_R_BAD_DECRYPT || reason == PEM_R_BAD_PASSWORD_READ ||
        getenv(PASSPHRASE_VARIABLE) != NULL) // NOLINT(concurrency-mt-unsafe)
        return error_set(err, ERR_USAGE, "key %s cannot be read: is the passphrase right?",
                         request->path);
    return error_set(err, ERR_USAGE,
                     "%s cannot be read as a private key: it must hold a PEM block \"BEGIN PRIVATE "
                     "KEY\", and the passphrase must be right",
                     request->path);
}

bool private_key_load(const char *path, EVP_PKEY **ret, struct error *err)
{
    CLEANUP(seal_stream_close) FILE *file = fopen(path, "re");
    if (file == NULL) {
        (void)error_set_errno(err, "key %s cannot be read", path);
        err->kind = ERR_USAGE;
        return false;
    }
    (void)setvbuf(file, NULL, _IONBF, 0); /* stdio's buffer would keep the key in freed memory */
    struct passphrase_request request = {.path = path};
    ERR_clear_error();
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, give_passphrase, &request);
    if (key == NULL)
        return refuse_key(&request, err);
    *ret = key;
    return true;
}

void private_key_free(EVP_PKEY **key)
{
    EVP_PKEY_free(*key); /* wipes it */
    *key = NULL;
}
