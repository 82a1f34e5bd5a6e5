/* seal_key_files: keys and certificates for tests, made anew for each run, in a directory. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/memory.h"

#define NOW INT64_C(1790000000) /* 2026-09-21 14:13:20 UTC */
#define DAY INT64_C(86400)
static char keys_dir[64];

static const struct key_spec {
    const char *name; /* <name>.key and <name>.crt */
    const char *type;
    int64_t from, until; /* days around NOW */
    bool named_by_key;   /* the certificate has a subject key identifier */
} key_specs[] = {
    {"rsa", "RSA", -1, 1, true},         {"rsa-other", "RSA", -1, 1, true},
    {"rsa-plain", "RSA", -1, 1, false},  {"ec", "P-256", -1, 1, true},
    {"ec-other", "P-256", -1, 1, true},  {"ec-plain", "P-384", -1, 1, false},
    {"expired", "P-256", -2, -1, true},  {"early", "P-256", 1, 2, true},
    {"signing", "ED25519", -1, 1, true}, {"short", "RSA 1024", -1, 1, true},
    {"pss", "RSA-PSS", -1, 1, true},
};

static inline EVP_PKEY *make_key(const char *type)
{
    if (strcmp(type, "RSA") == 0)
        return EVP_RSA_gen(2048);
    if (strcmp(type, "RSA 1024") == 0)
        return EVP_RSA_gen(1024);
    if (strncmp(type, "P-", 2) == 0)
        return EVP_EC_gen(type);
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    assert_non_null(context);
    assert_true(EVP_PKEY_keygen_init(context) > 0);
    assert_true(EVP_PKEY_generate(context, &key) > 0);
    EVP_PKEY_CTX_free(context);
    return key;
}

static inline X509 *make_certificate(const struct key_spec *spec, EVP_PKEY *key)
{
    X509 *cert = X509_new();
    X509V3_CTX context;
    assert_true(cert != NULL && X509_set_version(cert, X509_VERSION_3));
    assert_true(ASN1_INTEGER_set(X509_get_serialNumber(cert), 4711));
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(NOW + spec->from * DAY)));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(NOW + spec->until * DAY)));
    X509_NAME *name = X509_get_subject_name(cert);
    assert_true(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                           (const unsigned char *)spec->name, -1, -1, 0));
    assert_true(X509_set_issuer_name(cert, name));
    assert_true(X509_set_pubkey(cert, key));
    if (spec->named_by_key) {
        X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
        X509_EXTENSION *id =
            X509V3_EXT_conf_nid(NULL, &context, NID_subject_key_identifier, "hash");
        assert_true(X509_add_ext(cert, id, -1));
        X509_EXTENSION_free(id);
    }
    assert_true(X509_sign(cert, key, strcmp(spec->type, "ED25519") == 0 ? NULL : EVP_sha256()) > 0);
    return cert;
}

static inline char *key_path(const char *name, const char *suffix)
{
    return memory_format("%s/%s%s", keys_dir, name, suffix);
}

static inline FILE *create(const char *name, const char *suffix)
{
    CLEANUP(memory_release) char *path = key_path(name, suffix);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    return file;
}

static inline int make_keys(void **state)
{
    (void)state;
    snprintf(keys_dir, sizeof keys_dir, "/tmp/waarborg-seal-XXXXXX");
    assert_non_null(mkdtemp(keys_dir));
    for (size_t i = 0; i < COUNT_OF(key_specs); i++) {
        EVP_PKEY *key = make_key(key_specs[i].type);
        assert_non_null(key);
        X509 *cert = make_certificate(&key_specs[i], key);
        FILE *file = create(key_specs[i].name, ".key");
        assert_true(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
        fclose(file);
        file = create(key_specs[i].name, ".crt");
        assert_true(PEM_write_X509(file, cert));
        fclose(file);
        X509_free(cert);
        EVP_PKEY_free(key);
    }
    return 0;
}

static inline int remove_keys(void **state)
{
    (void)state;
    CLEANUP(memory_release) char *command = memory_format("rm -r '%s'", keys_dir);
    return system(command); // NOLINT(cert-env33-c)
}
