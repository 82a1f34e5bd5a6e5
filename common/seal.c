#include "common/seal.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/digest.h"
#include "common/memory.h"
#include "common/seal_parts.h"

enum {
    SINK_BUFFER_SIZE = 64 * 1024, /* libcrypto writes 4 KiB and its 4-byte header separately */
    PIECE_SIZE = 1024 * 1024,     /* BIO_write takes an int */
    WEAKEST_KEY_BITS = 112,       /* NIST SP 800-57: RSA 2048, P-224 */
};

struct recipient {
    X509 *certificate;
    char fingerprint[DIGEST_HEX_SIZE];
};

struct seal_recipients {
    struct recipient *items;
    size_t count;
};

struct seal_writer {
    seal_sink *sink;
    void *context;
    struct error failure; /* kind != ERR_NONE: bytes are missing, so nothing more is taken */
    CMS_ContentInfo *cms;
    BIO_METHOD *method;
    BIO *out;   /* ours, over the sink; the end of the chain */
    BIO *chain; /* plaintext goes in here; NULL before the first byte and at the end */
    bool finished;
    size_t used;
    unsigned char buffer[SINK_BUFFER_SIZE];
};

void seal_bio_free(BIO **bio)
{
    BIO_free(*bio);
    *bio = NULL;
}

void seal_cms_free(CMS_ContentInfo **cms)
{
    CMS_ContentInfo_free(*cms);
    *cms = NULL;
}

static void x509_free(X509 **certificate)
{
    X509_free(*certificate);
    *certificate = NULL;
}

void seal_stream_close(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
    *file = NULL;
}

bool seal_refused(struct error *err, enum error_kind kind, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    if (reason == NULL)
        return error_set(err, kind, "%s", what);
    return error_set(err, kind, "%s (libcrypto: %s)", what, reason);
}

/* ---- recipients ---- */

bool seal_key_id(EVP_PKEY *key, unsigned char ret[static SHA_DIGEST_LENGTH])
{
    X509_PUBKEY *public = NULL;
    const unsigned char *bytes = NULL;
    int length = 0;
    bool done = X509_PUBKEY_set(&public, key) == 1 &&
                X509_PUBKEY_get0_param(NULL, &bytes, &length, NULL, public) == 1 &&
                EVP_Digest(bytes, (size_t)length, ret, NULL, EVP_sha1(), NULL) == 1;
    X509_PUBKEY_free(public);
    return done;
}

bool seal_is_key_id(const ASN1_OCTET_STRING *id, const unsigned char *wanted)
{
    return id != NULL && ASN1_STRING_length(id) == SHA_DIGEST_LENGTH &&
           memcmp(ASN1_STRING_get0_data(id), wanted, SHA_DIGEST_LENGTH) == 0;
}

/* A recipient named by key identifier is recognised by whoever holds the key alone.  Only so can
 * seal_open tell a damaged file from a wrong key. */
static unsigned int recipient_flags(X509 *certificate)
{
    unsigned char id[SHA_DIGEST_LENGTH];
    bool named_by_key = seal_key_id(X509_get0_pubkey(certificate), id) &&
                        seal_is_key_id(X509_get0_subject_key_id(certificate), id);
    return CMS_BINARY | CMS_KEY_PARAM | (named_by_key ? CMS_USE_KEYID : 0U);
}

/* OAEP for RSA: with the PKCS #1 v1.5 padding a wrong key looks like a right one (libcrypto then
 * hands out a random key, against Bleichenbacher's attack).  SHA-256 instead of the default SHA-1
 * in both kinds. */
static bool add_recipient(CMS_ContentInfo *cms, X509 *certificate)
{
    CMS_RecipientInfo *info =
        CMS_add1_recipient_cert(cms, certificate, recipient_flags(certificate));
    EVP_PKEY_CTX *parameters = info == NULL ? NULL : CMS_RecipientInfo_get0_pkey_ctx(info);
    if (parameters == NULL)
        return false;
    if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_AGREE)
        return EVP_PKEY_CTX_set_ecdh_kdf_md(parameters, EVP_sha256()) > 0;
    return EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_OAEP_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(parameters, EVP_sha256()) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha256()) > 0;
}

static void day_text(const ASN1_TIME *at, char dst[static 32])
{
    struct tm tm = {0};
    if (ASN1_TIME_to_tm(at, &tm) != 1 || strftime(dst, 32, "%Y-%m-%d %H:%M UTC", &tm) == 0)
        snprintf(dst, 32, "unknown date");
}

static bool check_certificate(X509 *certificate, const char *path, int64_t now, struct error *err)
{
    time_t at = (time_t)now;
    char day[32];
    const ASN1_TIME *from = X509_get0_notBefore(certificate);
    const ASN1_TIME *until = X509_get0_notAfter(certificate);
    /* X509_cmp_time: -1 means not later than `at`, 1 later, 0 that the date makes no sense. */
    if (X509_cmp_time(from, &at) != -1) {
        day_text(from, day);
        return error_set(err, ERR_USAGE, "certificate %s is not valid before %s: use another one",
                         path, day);
    }
    if (X509_cmp_time(until, &at) != 1) {
        day_text(until, day);
        return error_set(err, ERR_USAGE,
                         "certificate %s expired on %s: replace it with a new certificate", path,
                         day);
    }
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    int type = key == NULL ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key);
    if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC)
        return error_set(err, ERR_USAGE,
                         "certificate %s has a key of type %s that CMS cannot encrypt to: use an "
                         "RSA or EC key",
                         path, key == NULL ? "unknown" : OBJ_nid2sn(type));
    if (EVP_PKEY_get_security_bits(key) < WEAKEST_KEY_BITS)
        return error_set(err, ERR_USAGE,
                         "certificate %s has a key that is too short (%d bits): use RSA of at "
                         "least 2048 bits, or P-256",
                         path, EVP_PKEY_get_bits(key));
    return true;
}

/* Whether libcrypto really can encrypt to it is cheapest to learn by trying, before the night. */
static bool try_certificate(X509 *certificate, const char *path, struct error *err)
{
    CLEANUP(seal_bio_free) BIO *empty = BIO_new_mem_buf("", 0);
    CLEANUP(seal_cms_free)
    CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, EVP_aes_256_gcm(), CMS_PARTIAL | CMS_BINARY);
    if (empty != NULL && cms != NULL && add_recipient(cms, certificate) &&
        CMS_final(cms, empty, NULL, CMS_BINARY) == 1)
        return true;
    CLEANUP(memory_release)
    char *what = memory_format("certificate %s cannot be encrypted to", path);
    return seal_refused(err, ERR_USAGE, what);
}

static bool load_certificate(const char *path, int64_t now, struct recipient *ret,
                             struct error *err)
{
    CLEANUP(seal_stream_close) FILE *file = fopen(path, "re");
    if (file == NULL) {
        (void)error_set_errno(err, "certificate %s cannot be read", path);
        err->kind = ERR_USAGE;
        return false;
    }
    CLEANUP(x509_free) X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    ERR_clear_error();
    if (certificate == NULL)
        return error_set(err, ERR_USAGE,
                         "%s is not a certificate: it must hold a PEM block \"BEGIN CERTIFICATE\"",
                         path);
    if (!check_certificate(certificate, path, now, err) || !try_certificate(certificate, path, err))
        return false;
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (X509_digest(certificate, EVP_sha256(), digest, NULL) != 1)
        return seal_refused(err, ERR_IO, "the fingerprint of a certificate cannot be computed");
    digest_to_hex(digest, DIGEST_SIZE, ret->fingerprint);
    ret->certificate = certificate;
    certificate = NULL;
    return true;
}

bool seal_recipients_load(char *const *paths, size_t count, int64_t now,
                          struct seal_recipients **ret, struct error *err)
{
    if (count == 0)
        return error_set(err, ERR_USAGE, "there is no certificate to seal to: name at least one");
    CLEANUP(seal_recipients_free) struct seal_recipients *r = memory_alloc(sizeof *r);
    r->items = memory_alloc(count * sizeof *r->items);
    ERR_clear_error();
    for (size_t i = 0; i < count; i++, r->count++)
        if (!load_certificate(paths[i], now, &r->items[i], err))
            return false;
    *ret = r;
    r = NULL;
    return true;
}

size_t seal_recipients_count(const struct seal_recipients *r)
{
    return r->count;
}

const char *seal_recipients_fingerprint(const struct seal_recipients *r, size_t index)
{
    return r->items[index].fingerprint;
}

void seal_recipients_free(struct seal_recipients **r)
{
    if (*r == NULL)
        return;
    for (size_t i = 0; i < (*r)->count; i++)
        X509_free((*r)->items[i].certificate);
    free((*r)->items);
    free(*r);
    *r = NULL;
}

/* ---- writing ---- */

static bool drain(struct seal_writer *w)
{
    size_t length = w->used;
    w->used = 0;
    if (w->failure.kind != ERR_NONE)
        return false;
    return length == 0 || w->sink(w->context, w->buffer, length, &w->failure);
}

static int out_write(BIO *bio, const char *bytes, size_t length, size_t *ret_written)
{
    struct seal_writer *w = BIO_get_data(bio);
    *ret_written = 0;
    while (*ret_written < length) {
        size_t room = SINK_BUFFER_SIZE - w->used;
        size_t left = length - *ret_written;
        size_t piece = left < room ? left : room;
        memcpy(w->buffer + w->used, bytes + *ret_written, piece);
        w->used += piece;
        *ret_written += piece;
        if (w->used == SINK_BUFFER_SIZE && !drain(w)) {
            *ret_written = 0;
            return 0;
        }
    }
    return 1;
}

static long out_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    /* Nothing to do for a flush, but "not supported" would fail the whole chain. */
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static bool make_out(struct seal_writer *w)
{
    /* Not BIO_get_new_index: it has no more than 127 numbers to give in the life of a process. */
    w->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "seal sink");
    if (w->method == NULL || BIO_meth_set_write_ex(w->method, out_write) != 1 ||
        BIO_meth_set_ctrl(w->method, out_ctrl) != 1)
        return false;
    w->out = BIO_new(w->method);
    if (w->out == NULL)
        return false;
    BIO_set_data(w->out, w);
    BIO_set_init(w->out, 1);
    return true;
}

/* BIO_free_all would free `out` with the links that libcrypto put before it. */
static void free_chain(struct seal_writer *w)
{
    while (w->chain != NULL && w->chain != w->out) {
        BIO *next = BIO_pop(w->chain);
        BIO_free(w->chain);
        w->chain = next;
    }
    w->chain = NULL;
}

/* The sink's own error wins: libcrypto knows only that a write failed.  Sticky, because what
 * follows a gap can never be opened. */
static bool writer_failed(struct seal_writer *w, const char *what, struct error *err)
{
    if (w->failure.kind == ERR_NONE)
        (void)seal_refused(&w->failure, ERR_IO, what);
    ERR_clear_error();
    *err = w->failure;
    return false;
}

bool seal_writer_open(const struct seal_recipients *r, seal_sink *sink, void *context,
                      struct seal_writer **ret, struct error *err)
{
    CLEANUP(seal_writer_free) struct seal_writer *w = memory_alloc(sizeof *w);
    w->sink = sink;
    w->context = context;
    ERR_clear_error();
    w->cms = CMS_encrypt(NULL, NULL, EVP_aes_256_gcm(), CMS_STREAM | CMS_PARTIAL | CMS_BINARY);
    bool ready = w->cms != NULL && make_out(w);
    for (size_t i = 0; ready && i < r->count; i++)
        ready = add_recipient(w->cms, r->items[i].certificate);
    if (!ready)
        return writer_failed(w, "sealing cannot start", err);
    *ret = w;
    w = NULL;
    return true;
}

static bool writer_usable(struct seal_writer *w, struct error *err)
{
    if (w->finished)
        return error_set(err, ERR_IO, "the sealed stream is already finished");
    return w->failure.kind == ERR_NONE || writer_failed(w, "", err);
}

bool seal_writer_add(struct seal_writer *w, const void *bytes, size_t length, struct error *err)
{
    const unsigned char *next = bytes;
    if (!writer_usable(w, err))
        return false;
    if (w->chain == NULL && length > 0)
        w->chain = BIO_new_CMS(w->out, w->cms);
    while (length > 0) {
        int piece = length > PIECE_SIZE ? PIECE_SIZE : (int)length;
        if (w->chain == NULL || BIO_write(w->chain, next, piece) != piece ||
            w->failure.kind != ERR_NONE)
            return writer_failed(w, "sealing failed", err);
        next += piece;
        length -= (size_t)piece;
    }
    return true;
}

/* libcrypto's stream fails when it is ended without a byte in it; whole, "nothing" can be sealed.
 */
static bool seal_nothing(struct seal_writer *w)
{
    CLEANUP(seal_bio_free) BIO *empty = BIO_new_mem_buf("", 0);
    return empty != NULL && CMS_final(w->cms, empty, NULL, CMS_BINARY) == 1 &&
           i2d_CMS_bio(w->out, w->cms) == 1;
}

bool seal_writer_finish(struct seal_writer *w, struct error *err)
{
    if (!writer_usable(w, err))
        return false;
    bool ended = w->chain == NULL ? seal_nothing(w) : BIO_flush(w->chain) > 0;
    if (!ended || !drain(w))
        return writer_failed(w, "sealing cannot be finished", err);
    free_chain(w);
    w->finished = true;
    return true;
}

void seal_writer_free(struct seal_writer **w)
{
    if (*w == NULL)
        return;
    free_chain(*w);
    CMS_ContentInfo_free((*w)->cms); /* wipes the content key */
    BIO_free((*w)->out);
    BIO_meth_free((*w)->method);
    free(*w);
    *w = NULL;
    ERR_clear_error();
}
