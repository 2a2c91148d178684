/* Public keys from SubjectPublicKeyInfo. OpenSSL 3.0's decoder looks for a fitting provider each time, which takes
 * longer than verifying a signature does; the spellings that practically all certificates have are therefore taken
 * apart here, and handed over as parameters. Everything else goes the long way. */
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <string.h>

#include "crypto/der_priv.h"
#include "crypto/ossl_priv.h"

#define EC_PUBLIC_KEY 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01

/* Named curve, uncompressed point (RFC 5480 2): everything up to the 04 in front of the coordinates. */
static const struct spelling {
    enum key_kind kind;
    const char *type, *group;
    size_t head_n, size;
    uint8_t head[28];
} spellings[] = {
        {KEY_P256,
         "EC",  "prime256v1",
         27, 91,
         {0x30, 0x59, 0x30, 0x13, EC_PUBLIC_KEY, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42,
          0x00, 0x04}                                                                                             },
        {KEY_P384,
         "EC",  "secp384r1",
         24, 120,
         {0x30, 0x76, 0x30, 0x10, EC_PUBLIC_KEY, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04}},
        {KEY_P521,
         "EC",  "secp521r1",
         26, 158,
         {0x30, 0x81, 0x9b, 0x30, 0x10, EC_PUBLIC_KEY, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00,
          0x04}                                                                                                   },
        {KEY_SM2,
         "SM2", "SM2",
         27, 91,
         {0x30, 0x59, 0x30, 0x13, EC_PUBLIC_KEY, 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42,
          0x00, 0x04}                                                                                             },
};

/* rsaEncryption with NULL (RFC 3279 2.3.1). */
static const uint8_t rsa_alg[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                  0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

DEFINE_CLEANUP(OSSL_PARAM_BLD *, bld_cleanup, OSSL_PARAM_BLD_free)
DEFINE_CLEANUP(OSSL_PARAM *, params_cleanup, OSSL_PARAM_free)
DEFINE_CLEANUP(BIGNUM *, bn_cleanup, BN_free)

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY *k = NULL;
    CLEANUP(pkey_ctx_cleanup) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &k, EVP_PKEY_PUBLIC_KEY, params) != 1)
        return NULL;
    return k;
}

static EVP_PKEY *open_point(const struct spelling *s, struct sv spki)
{
    struct sv point = sv_skip(spki, s->head_n - 1);
    char group[16];
    unsigned char bytes[140];
    must(point.n <= sizeof(bytes));
    memcpy(bytes, point.p, point.n);
    snprintf(group, sizeof(group), "%s", s->group);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes, point.n),
                           OSSL_PARAM_construct_end()};
    return from_params(s->type, params);
}

/* Positive, shortest form. */
static BIGNUM *positive(struct sv body)
{
    bool fine = body.n && !((uint8_t)body.p[0] & 0x80) &&
                (body.n == 1 || body.p[0] != 0 || ((uint8_t)body.p[1] & 0x80)) && body.n <= 4096;
    return fine ? BN_bin2bn((const unsigned char *)body.p, (int)body.n, NULL) : NULL;
}

static EVP_PKEY *open_rsa(struct sv spki)
{
    struct sv key;
    struct der outer = der_open(spki), d = der_enter(&outer, DER_SEQ);
    struct sv alg = der_take_all(&d, DER_SEQ);
    if (!sv_eq(alg, sv_of(rsa_alg, sizeof(rsa_alg))) || !der_bits_whole(der_take(&d, DER_BITS), &key) ||
        !der_done(&d) || !der_done(&outer))
        return NULL;
    struct der wrap = der_open(key), pair = der_enter(&wrap, DER_SEQ);
    CLEANUP(bn_cleanup) BIGNUM *n = positive(der_take(&pair, DER_INTEGER));
    CLEANUP(bn_cleanup) BIGNUM *e = positive(der_take(&pair, DER_INTEGER));
    if (!n || !e || !der_done(&pair) || !der_done(&wrap))
        return NULL;
    CLEANUP(bld_cleanup) OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    if (!bld || OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
        OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) != 1)
        return NULL;
    CLEANUP(params_cleanup) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
    return params ? from_params("RSA", params) : NULL;
}

static EVP_PKEY *open_any(struct sv spki)
{
    const unsigned char *p = (const unsigned char *)spki.p;
    EVP_PKEY *k = d2i_PUBKEY(NULL, &p, (long)spki.n);
    if (k && p != (const unsigned char *)spki.p + spki.n) {
        EVP_PKEY_free(k);
        k = NULL;
    }
    return k;
}

static const struct spelling *spelling_of(struct sv spki)
{
    for (size_t i = 0; i < COUNT(spellings); i++) {
        const struct spelling *s = &spellings[i];
        if (spki.n == s->size && memcmp(spki.p, s->head, s->head_n) == 0)
            return s;
    }
    return NULL;
}

bool public_open(struct sv spki, struct public_key *ret)
{
    *ret = (struct public_key){0};
    if (spki.n == 0 || spki.n > 16384)
        return false;
    const struct spelling *s = spelling_of(spki);
    if (s) {
        ret->pkey = open_point(s, spki);
        ret->kind = s->kind;
    } else {
        ret->pkey = open_rsa(spki);
        if (!ret->pkey)
            ret->pkey = open_any(spki);
        ret->kind = ret->pkey ? pkey_kind(ret->pkey) : KEY_NONE;
        ret->pss_only = ret->pkey && EVP_PKEY_is_a(ret->pkey, "RSA-PSS");
    }
    ossl_forget();
    return ret->pkey != NULL;
}

void public_done(struct public_key *k)
{
    EVP_PKEY_free(k->pkey);
}
