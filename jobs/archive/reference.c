#include "jobs/archive/reference.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/file.h"
#include "common/text.h"

static void add_counted(struct text *t, const char *value)
{
    size_t length = strlen(value);
    unsigned char big_endian[8];
    for (size_t i = 0; i < sizeof big_endian; i++)
        big_endian[i] = (unsigned char)((uint64_t)length >> (8 * (7 - i)));
    text_add_bytes(t, big_endian, sizeof big_endian);
    text_add_bytes(t, value, length);
}

bool reference_make(const unsigned char key[static DIGEST_SIZE], const char *schema,
                    const char *table, const char *const *values, size_t count,
                    char ret_hex[static DIGEST_HEX_SIZE], struct error *err)
{
    CLEANUP(text_free) struct text bytes = {0};
    unsigned char digest[DIGEST_SIZE];
    add_counted(&bytes, schema);
    add_counted(&bytes, table);
    for (size_t i = 0; i < count; i++)
        add_counted(&bytes, values[i]);
    if (!digest_hmac(key, DIGEST_SIZE, text_get(&bytes), bytes.length, digest, err))
        return false;
    digest_to_hex(digest, sizeof digest, ret_hex);
    return true;
}

bool reference_key_load(const char *path, unsigned char ret_key[static DIGEST_SIZE],
                        struct error *err)
{
    CLEANUP(text_free) struct text content = {0};
    struct stat status;
    static const char make[] = "umask 077; openssl rand -hex 32";
    if (stat(path, &status) != 0) {
        error_set_errno(err,
                        "cannot read evidence.reference_key %s (put it back from its copy; only "
                        "before the first run a new one is made: %s > %s)",
                        path, make, path);
        err->kind = ERR_USAGE;
        return false;
    }
    if ((status.st_mode & 077) != 0)
        return error_set(err, ERR_USAGE,
                         "evidence.reference_key %s can be read by others (mode %03o); mend it with"
                         " chmod 600 %s",
                         path, (unsigned)status.st_mode & 0777, path);
    if (!file_read(AT_FDCWD, path, 4096, &content, err)) {
        err->kind = ERR_USAGE;
        return error_context(err, "evidence.reference_key");
    }
    content.data[strcspn(text_get(&content), "\r\n")] = '\0';
    bool valid = digest_from_hex(text_get(&content), ret_key, DIGEST_SIZE);
    explicit_bzero(content.data, content.length);
    if (!valid)
        return error_set(err, ERR_USAGE,
                         "evidence.reference_key %s does not hold 64 hexadecimal digits; make one "
                         "with: %s",
                         path, make);
    return true;
}

bool reference_key_fingerprint(const unsigned char key[static DIGEST_SIZE],
                               char ret_hex[static DIGEST_HEX_SIZE], struct error *err)
{
    /* No reference is made over this text: those begin with a length. */
    static const char text[] = "waarborg reference key";
    unsigned char digest[DIGEST_SIZE];
    if (!digest_hmac(key, DIGEST_SIZE, text, sizeof text - 1, digest, err))
        return false;
    digest_to_hex(digest, sizeof digest, ret_hex);
    return true;
}

bool reference_key_check(const char *path, const unsigned char key[static DIGEST_SIZE],
                         const char *known, struct error *err)
{
    char fingerprint[DIGEST_HEX_SIZE];
    if (!reference_key_fingerprint(key, fingerprint, err))
        return false;
    return known[0] == '\0' || strcmp(known, fingerprint) == 0 ||
           error_set(err, ERR_INTEGRITY,
                     "the reference key %s is not the one that the journal began with (%.16s..., "
                     "this one is %.16s...): nobody could be found again by the references it "
                     "makes; put the old key back",
                     path, known, fingerprint);
}
