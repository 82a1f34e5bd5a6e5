#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <stdlib.h>

#include "common/memory.h"
#include "common/private_key.h"
#include "common/seal.h"
#include "common/seal_parts.h"

enum {
    GCM_TAG_SIZE = 16,
    DEEPEST_ELEMENT = 16, /* of what is skipped over; ours are 4 deep */
    PIECE_SIZE = 1 << 20, /* BIO_read takes an int */
};

struct seal_key {
    EVP_PKEY *key;
    unsigned char id[SHA_DIGEST_LENGTH];
};

/* ---- the key ---- */

bool seal_key_load(const char *path, struct seal_key **ret, struct error *err)
{
    CLEANUP(seal_key_free) struct seal_key *k = memory_alloc(sizeof *k);
    if (!private_key_load(path, &k->key, err))
        return false;
    if (!seal_key_id(k->key, k->id))
        return seal_refused(err, ERR_USAGE, "the private key has no usable public half");
    ERR_clear_error();
    *ret = k;
    k = NULL;
    return true;
}

void seal_key_free(struct seal_key **k)
{
    if (*k == NULL)
        return;
    private_key_free(&(*k)->key);
    free(*k);
    *k = NULL;
}

/* ---- who it is for ---- */

enum match {
    MATCH_NONE,
    MATCH_NAMED, /* the recipient is named by this key's identifier, but its content key is damaged
                  */
    MATCH_UNLOCKED, /* the content key is unlocked */
};

static enum match try_transport(CMS_ContentInfo *cms, CMS_RecipientInfo *info,
                                const struct seal_key *k)
{
    ASN1_OCTET_STRING *id = NULL;
    if (EVP_PKEY_get_base_id(k->key) != EVP_PKEY_RSA)
        return MATCH_NONE;
    EVP_PKEY_up_ref(k->key); /* set0 takes one over */
    bool unlocked =
        CMS_RecipientInfo_set0_pkey(info, k->key) == 1 && CMS_RecipientInfo_decrypt(cms, info) == 1;
    CMS_RecipientInfo_set0_pkey(info, NULL);
    if (unlocked)
        return MATCH_UNLOCKED;
    (void)CMS_RecipientInfo_ktri_get0_signer_id(info, &id, NULL, NULL);
    return seal_is_key_id(id, k->id) ? MATCH_NAMED : MATCH_NONE;
}

/* The key wrap of RFC 3394 only.  With the padded one (RFC 5649), which a file may name as well,
 * libcrypto 3.0 writes zeros past its buffer when the key does not fit (CRYPTO_128_unwrap_pad). */
static bool has_plain_wrap(CMS_RecipientInfo *info)
{
    X509_ALGOR *agreement = NULL;
    const ASN1_OBJECT *name = NULL;
    const void *parameter = NULL;
    int type = V_ASN1_UNDEF;
    if (CMS_RecipientInfo_kari_get0_alg(info, &agreement, NULL) != 1)
        return false;
    X509_ALGOR_get0(NULL, &type, &parameter, agreement);
    if (type != V_ASN1_SEQUENCE)
        return false;
    const unsigned char *p = ASN1_STRING_get0_data(parameter);
    X509_ALGOR *wrap = d2i_X509_ALGOR(NULL, &p, ASN1_STRING_length(parameter));
    if (wrap == NULL)
        return false;
    X509_ALGOR_get0(&name, NULL, NULL, wrap);
    int nid = OBJ_obj2nid(name);
    X509_ALGOR_free(wrap);
    return nid == NID_id_aes128_wrap || nid == NID_id_aes192_wrap || nid == NID_id_aes256_wrap;
}

static enum match try_agreement(CMS_ContentInfo *cms, CMS_RecipientInfo *info,
                                const struct seal_key *k)
{
    enum match best = MATCH_NONE;
    if (EVP_PKEY_get_base_id(k->key) != EVP_PKEY_EC)
        return MATCH_NONE;
    STACK_OF(CMS_RecipientEncryptedKey) *keys = CMS_RecipientInfo_kari_get0_reks(info);
    for (int i = 0; i < sk_CMS_RecipientEncryptedKey_num(keys); i++) {
        CMS_RecipientEncryptedKey *one = sk_CMS_RecipientEncryptedKey_value(keys, i);
        bool unlocked = has_plain_wrap(info) &&
                        CMS_RecipientInfo_kari_set0_pkey(info, k->key) == 1 &&
                        CMS_RecipientInfo_kari_decrypt(cms, info, one) == 1;
        CMS_RecipientInfo_kari_set0_pkey(info, NULL);
        if (unlocked)
            return MATCH_UNLOCKED;
        ASN1_OCTET_STRING *id = NULL;
        (void)CMS_RecipientEncryptedKey_get0_id(one, &id, NULL, NULL, NULL, NULL);
        if (seal_is_key_id(id, k->id))
            best = MATCH_NAMED;
    }
    return best;
}

/* Not CMS_decrypt with the key: it answers a wrong RSA key with a random content key (against the
 * million message attack, which needs an oracle that answers strangers; here one person opens her
 * own file), and then a wrong key could not be told from a damaged file. */
static bool unlock(CMS_ContentInfo *cms, const struct seal_key *k, struct error *err)
{
    enum match best = MATCH_NONE;
    /* With nothing given this only makes libcrypto check the length of what a key unlocks, so that
     * chance does not pass a wrong key where another tool used the PKCS #1 v1.5 padding. */
    (void)CMS_decrypt(cms, NULL, NULL, NULL, NULL, CMS_BINARY);
    STACK_OF(CMS_RecipientInfo) *infos = CMS_get0_RecipientInfos(cms);
    for (int i = 0; i < sk_CMS_RecipientInfo_num(infos); i++) {
        CMS_RecipientInfo *info = sk_CMS_RecipientInfo_value(infos, i);
        int type = CMS_RecipientInfo_type(info);
        enum match found = MATCH_NONE;
        if (type == CMS_RECIPINFO_TRANS)
            found = try_transport(cms, info, k);
        else if (type == CMS_RECIPINFO_AGREE)
            found = try_agreement(cms, info, k);
        if (found == MATCH_UNLOCKED)
            return true;
        best = found > best ? found : best;
    }
    ERR_clear_error();
    if (best == MATCH_NAMED)
        return error_set(err, ERR_INTEGRITY,
                         "the sealed data is for this key, but its header is damaged");
    return error_set(err, ERR_USAGE,
                     "this key opens none of the %d recipients of the sealed data: use the private "
                     "key that belongs to one of the certificates it was sealed to",
                     sk_CMS_RecipientInfo_num(infos));
}

/* ---- the structure ---- */

static bool skip_element(const unsigned char **p, const unsigned char *end, int depth)
{
    long length = 0;
    int tag = 0;
    int class = 0;
    if (depth > DEEPEST_ELEMENT)
        return false;
    int form = ASN1_get_object(p, &length, &tag, &class, end - *p);
    if ((form & 0x80) != 0)
        return false;
    if ((form & 1) == 0) { /* definite length */
        *p += length;
        return true;
    }
    while (end - *p >= 2 && ((*p)[0] != 0 || (*p)[1] != 0))
        if (!skip_element(p, end, depth + 1))
            return false;
    if (end - *p < 2)
        return false;
    *p += 2;
    return true;
}

static bool enter_element(const unsigned char **p, const unsigned char *end)
{
    long length = 0;
    int tag = 0;
    int class = 0;
    int form = ASN1_get_object(p, &length, &tag, &class, end - *p);
    return (form & 0x80) == 0 && (form & V_ASN1_CONSTRUCTED) != 0;
}

/* libcrypto takes a GCM tag of any length the file gives, and a tag of one byte is guessed in 256
 * tries (NIST SP 800-38D, appendix C).  The tag is the only OCTET STRING directly within
 * AuthEnvelopedData (RFC 5083). */
static bool has_full_tag(const unsigned char *sealed, size_t length)
{
    const unsigned char *p = sealed;
    const unsigned char *end = sealed + length;
    if (!enter_element(&p, end) || !skip_element(&p, end, 0) || /* ContentInfo, its type */
        !enter_element(&p, end) || !enter_element(&p, end))     /* [0], AuthEnvelopedData */
        return false;
    while (p < end) {
        const unsigned char *element = p;
        long size = 0;
        int tag = 0;
        int class = 0;
        int form = ASN1_get_object(&p, &size, &tag, &class, end - p);
        if ((form & 0x80) != 0)
            return false;
        if (class == V_ASN1_UNIVERSAL && tag == V_ASN1_OCTET_STRING)
            return form == 0 && size == GCM_TAG_SIZE;
        p = element;
        if (!skip_element(&p, end, 0))
            return false;
    }
    return false;
}

static bool parse(const void *sealed, size_t length, CMS_ContentInfo **ret, struct error *err)
{
    const unsigned char *p = sealed;
    if (length > LONG_MAX)
        return error_set(err, ERR_INTEGRITY, "the sealed data is too large");
    CLEANUP(seal_cms_free) CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)length);
    if (cms == NULL)
        return seal_refused(err, ERR_INTEGRITY, "the sealed data is damaged or is not CMS");
    /* EnvelopedData, the older kind, would decrypt as well: without any proof of what comes out. */
    if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_id_smime_ct_authEnvelopedData)
        return error_set(err, ERR_INTEGRITY,
                         "the sealed data is CMS, but not AuthEnvelopedData as it was written");
    if (p != (const unsigned char *)sealed + length)
        return error_set(err, ERR_INTEGRITY, "%zu bytes follow the end of the sealed data",
                         length - (size_t)(p - (const unsigned char *)sealed));
    if (!has_full_tag(sealed, length))
        return error_set(err, ERR_INTEGRITY, "the sealed data has no full authentication tag");
    *ret = cms;
    cms = NULL;
    return true;
}

/* ---- the content ---- */

struct plain {
    unsigned char *bytes;
    size_t size;
    size_t length;
};

static void plain_wipe(struct plain *p)
{
    if (p->bytes != NULL)
        OPENSSL_cleanse(p->bytes, p->length);
    free(p->bytes);
    *p = (struct plain){0};
}

static void bio_free_all(BIO **bio)
{
    BIO_free_all(*bio);
    *bio = NULL;
}

static bool decrypt(CMS_ContentInfo *cms, struct plain *plain)
{
    CLEANUP(bio_free_all) BIO *in = CMS_dataInit(cms, NULL);
    EVP_CIPHER_CTX *cipher = NULL;
    /* libcrypto takes any cipher the file names, and with one that has no tag (CBC) whatever comes
     * out would pass: the tag that stands in the file is then never looked at. */
    if (in == NULL || BIO_method_type(in) != BIO_TYPE_CIPHER ||
        BIO_get_cipher_ctx(in, &cipher) <= 0 ||
        EVP_CIPHER_CTX_get_mode(cipher) != EVP_CIPH_GCM_MODE)
        return false;
    int n;
    do {
        size_t room = plain->size - plain->length;
        n = BIO_read(in, plain->bytes + plain->length, room > PIECE_SIZE ? PIECE_SIZE : (int)room);
        if (n > 0)
            plain->length += (size_t)n;
    } while (n > 0);
    return n == 0 && BIO_get_cipher_status(in) > 0; /* the tag is compared at the end */
}

bool seal_open(const struct seal_key *k, const void *sealed, size_t length, struct text *ret_plain,
               struct error *err)
{
    CLEANUP(seal_cms_free) CMS_ContentInfo *cms = NULL;
    ERR_clear_error();
    if (!parse(sealed, length, &cms, err) || !unlock(cms, k, err))
        return false;
    /* As large as the sealed data: never reallocated, so no copy of the plaintext stays behind. */
    CLEANUP(plain_wipe)
    struct plain plain = {.bytes = memory_alloc(length + 1), .size = length};
    if (!decrypt(cms, &plain)) {
        ERR_clear_error();
        return error_set(err, ERR_INTEGRITY,
                         "the sealed data was changed: its authentication tag does not hold");
    }
    ERR_clear_error();
    text_free(ret_plain);
    *ret_plain =
        (struct text){.data = (char *)plain.bytes, .length = plain.length, .capacity = length + 1};
    plain = (struct plain){0}; /* given away; the last byte is the NUL of memory_alloc */
    return true;
}
