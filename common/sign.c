#include "common/sign.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <time.h>

#include "common/memory.h"
#include "common/private_key.h"
#include "common/seal_parts.h"

struct signer {
    EVP_PKEY *key;
    X509 *certificate;
    STACK_OF(X509) * chain;
};

void signer_free(struct signer **s)
{
    if (*s == NULL)
        return;
    private_key_free(&(*s)->key);
    X509_free((*s)->certificate);
    sk_X509_pop_free((*s)->chain, X509_free);
    free(*s);
    *s = NULL;
}

static bool load_certificates(struct signer *s, const char *path, struct error *err)
{
    CLEANUP(seal_stream_close) FILE *file = fopen(path, "re");
    X509 *next;
    if (file == NULL)
        return error_set_errno(err, "key %s cannot be read", path);
    s->chain = sk_X509_new_null();
    while ((next = PEM_read_X509(file, NULL, NULL, NULL)) != NULL)
        if (s->certificate == NULL)
            s->certificate = next;
        else
            sk_X509_push(s->chain, next);
    ERR_clear_error(); /* the end of the file */
    return s->certificate != NULL ||
           error_set(err, ERR_USAGE,
                     "%s holds a private key and no certificate: put the PEM block \"BEGIN "
                     "CERTIFICATE\" of its owner behind it",
                     path);
}

static bool check_certificate(const struct signer *s, const char *path, int64_t now,
                              struct error *err)
{
    time_t at = (time_t)now;
    bool fits = X509_check_private_key(s->certificate, s->key) == 1;
    ERR_clear_error();
    if (!fits)
        return error_set(err, ERR_USAGE, "%s: its first certificate belongs to another private key",
                         path);
    if (X509_cmp_time(X509_get0_notBefore(s->certificate), &at) >= 0)
        return error_set(err, ERR_USAGE, "%s: the certificate is not valid yet", path);
    if (X509_cmp_time(X509_get0_notAfter(s->certificate), &at) <= 0)
        return error_set(err, ERR_USAGE, "%s: the certificate has expired", path);
    return true;
}

bool signer_load(const char *path, int64_t now, struct signer **ret, struct error *err)
{
    CLEANUP(signer_free) struct signer *s = memory_alloc(sizeof *s);
    if (!private_key_load(path, &s->key, err) || !load_certificates(s, path, err) ||
        !check_certificate(s, path, now, err))
        return false;
    *ret = s;
    s = NULL;
    return true;
}

static void take_memory(BIO *bio, struct text *ret)
{
    char *bytes;
    long length = BIO_get_mem_data(bio, &bytes);
    text_add_bytes(ret, bytes, length > 0 ? (size_t)length : 0);
}

bool signer_sign(const struct signer *s, const void *bytes, size_t length, struct text *ret_der,
                 struct error *err)
{
    CLEANUP(seal_bio_free) BIO *content = BIO_new_mem_buf(bytes, (int)length);
    CLEANUP(seal_bio_free) BIO *out = BIO_new(BIO_s_mem());
    CLEANUP(seal_cms_free) CMS_ContentInfo *cms = NULL;
    ERR_clear_error();
    if (content != NULL && out != NULL)
        cms = CMS_sign(s->certificate, s->key, s->chain, content,
                       CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP);
    if (cms == NULL || i2d_CMS_bio(out, cms) != 1)
        return seal_refused(err, ERR_USAGE, "the private key cannot sign: take an RSA or EC key");
    take_memory(out, ret_der);
    return true;
}

bool signer_certificates(const struct signer *s, struct text *ret_pem, struct error *err)
{
    CLEANUP(seal_bio_free) BIO *out = BIO_new(BIO_s_mem());
    bool written = out != NULL && PEM_write_bio_X509(out, s->certificate) == 1;
    for (int i = 0; written && i < sk_X509_num(s->chain); i++)
        written = PEM_write_bio_X509(out, sk_X509_value(s->chain, i)) == 1;
    if (!written)
        return seal_refused(err, ERR_IO, "the certificate cannot be written");
    take_memory(out, ret_pem);
    return true;
}
