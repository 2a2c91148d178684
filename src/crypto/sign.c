/* Signature values: making and checking; see key.h. SM2: the identifier must be set before the first byte is hashed. */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/alg_priv.h"
#include "crypto/ossl_priv.h"

/* Do scheme, digest and key go together? */
static bool fits(enum key_kind kind, bool pss_only, enum sig_scheme scheme, enum digest_alg alg)
{
    bool sm = alg == DIGEST_SM3;
    if (alg == DIGEST_NONE || scheme == SIG_NONE)
        return false;
    if (scheme == SIG_RSA_PSS)
        return key_kind_scheme(kind) == SIG_RSA_PKCS1 && !sm;
    return key_kind_scheme(kind) == scheme && !pss_only && sm == (scheme == SIG_SM2);
}

static bool set_padding(EVP_PKEY_CTX *pctx, enum sig_scheme scheme, enum digest_alg alg, int pss_salt)
{
    if (scheme == SIG_RSA_PKCS1)
        return EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PADDING) == 1;
    if (scheme == SIG_RSA_PSS)
        return EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_mgf1_md(pctx, digest_md(alg)) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, pss_salt >= 0 ? pss_salt : RSA_PSS_SALTLEN_DIGEST) == 1;
    return true;
}

static bool set_message(EVP_PKEY_CTX *pctx, enum sig_scheme scheme, enum digest_alg alg, int pss_salt)
{
    if (scheme == SIG_SM2)
        return EVP_PKEY_CTX_set1_id(pctx, SM2_ID, SM2_ID_N) == 1;
    return set_padding(pctx, scheme, alg, pss_salt);
}

static bool refuse(struct err *e, enum sig_scheme scheme, enum digest_alg alg)
{
    return err_user(e, ERR_REFUSED, "sign_algorithm", NULL, "%s with %s does not go with this key",
                    sig_scheme_name(scheme), digest_name(alg));
}

bool key_sign(struct arena *a, const struct key *k, enum sig_scheme scheme, enum digest_alg alg, struct sv message,
              struct sv *ret, struct err *e)
{
    if (!fits(k->kind, k->pss_only, scheme, alg) || !digest_may_sign(alg))
        return refuse(e, scheme, alg);
    EVP_PKEY_CTX *pctx = NULL; /* belongs to ctx */
    CLEANUP(md_ctx_cleanup) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(ctx != NULL);
    unsigned char sig[2048];
    size_t n = sizeof(sig);
    if (EVP_DigestSignInit(ctx, &pctx, digest_md(alg), NULL, k->pkey) != 1 || !set_message(pctx, scheme, alg, -1) ||
        EVP_DigestSign(ctx, sig, &n, (const unsigned char *)(message.n ? message.p : ""), message.n) != 1)
        return ossl_fail(e, ERR_INTERNAL, "sign");
    *ret = arena_sv(a, sv_of(sig, n));
    return true;
}

bool key_sign_digest(struct arena *a, const struct key *k, enum sig_scheme scheme, const struct digest *d,
                     struct sv *ret, struct err *e)
{
    if (!fits(k->kind, k->pss_only, scheme, d->alg) || !digest_may_sign(d->alg))
        return refuse(e, scheme, d->alg);
    CLEANUP(pkey_ctx_cleanup) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
    unsigned char sig[2048];
    size_t n = sizeof(sig);
    if (!ctx || EVP_PKEY_sign_init(ctx) != 1 || !set_padding(ctx, scheme, d->alg, -1) ||
        (scheme != SIG_SM2 && EVP_PKEY_CTX_set_signature_md(ctx, digest_md(d->alg)) != 1) ||
        EVP_PKEY_sign(ctx, sig, &n, d->bytes, d->n) != 1)
        return ossl_fail(e, ERR_INTERNAL, "sign digest");
    *ret = arena_sv(a, sv_of(sig, n));
    return true;
}

bool signature_verify_salt(struct sv public_der, enum sig_scheme scheme, enum digest_alg alg, int pss_salt,
                           struct sv message, struct sv sig)
{
    CLEANUP(public_done) struct public_key k;
    if (!public_open(public_der, &k) || !fits(k.kind, k.pss_only, scheme, alg))
        return false;
    EVP_PKEY_CTX *pctx = NULL;
    CLEANUP(md_ctx_cleanup) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(ctx != NULL);
    bool right = EVP_DigestVerifyInit(ctx, &pctx, digest_md(alg), NULL, k.pkey) == 1 &&
                 set_message(pctx, scheme, alg, pss_salt) &&
                 EVP_DigestVerify(ctx, (const unsigned char *)sig.p, sig.n,
                                  (const unsigned char *)(message.n ? message.p : ""), message.n) == 1;
    ossl_forget();
    return right;
}

bool signature_verify(struct sv public_der, enum sig_scheme scheme, enum digest_alg alg, struct sv message,
                      struct sv sig)
{
    return signature_verify_salt(public_der, scheme, alg, -1, message, sig);
}

bool signature_verify_digest(struct sv public_der, enum sig_scheme scheme, int pss_salt, const struct digest *d,
                             struct sv sig)
{
    CLEANUP(public_done) struct public_key k;
    if (!public_open(public_der, &k) || !fits(k.kind, k.pss_only, scheme, d->alg))
        return false;
    CLEANUP(pkey_ctx_cleanup) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k.pkey, NULL);
    bool right = ctx && EVP_PKEY_verify_init(ctx) == 1 && set_padding(ctx, scheme, d->alg, pss_salt) &&
                 (scheme == SIG_SM2 || EVP_PKEY_CTX_set_signature_md(ctx, digest_md(d->alg)) == 1) &&
                 EVP_PKEY_verify(ctx, (const unsigned char *)sig.p, sig.n, d->bytes, d->n) == 1;
    ossl_forget();
    return right;
}

/* a, b, xG, yG of the curve (GB/T 32918.5). */
static const uint8_t sm2_curve[128] = {
        0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc,
        0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7,
        0xf3, 0x97, 0x89, 0xf5, 0x15, 0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93,
        0x32, 0xc4, 0xae, 0x2c, 0x1f, 0x19, 0x81, 0x19, 0x5f, 0x99, 0x04, 0x46, 0x6a, 0x39, 0xc9, 0x94,
        0x8f, 0xe3, 0x0b, 0xbf, 0xf2, 0x66, 0x0b, 0xe1, 0x71, 0x5a, 0x45, 0x89, 0x33, 0x4c, 0x74, 0xc7,
        0xbc, 0x37, 0x36, 0xa2, 0xf4, 0xf6, 0x77, 0x9c, 0x59, 0xbd, 0xce, 0xe3, 0x6b, 0x69, 0x21, 0x53,
        0xd0, 0xa9, 0x87, 0x7c, 0xc6, 0x2a, 0x47, 0x40, 0x02, 0xdf, 0x32, 0xe5, 0x21, 0x39, 0xf0, 0xa0,
};

static bool coordinate(EVP_PKEY *pkey, const char *name, uint8_t out[32])
{
    BIGNUM *v = NULL;
    bool ok = EVP_PKEY_get_bn_param(pkey, name, &v) == 1 && BN_bn2binpad(v, out, 32) == 32;
    BN_free(v);
    return ok;
}

/* SubjectPublicKeyInfo of an uncompressed point on the curve, up to its coordinates. */
static const uint8_t sm2_spki[27] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                     0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00, 0x04};

/* Coordinates of a public key that is spelled in another way. */
static bool coordinates(struct sv public_der, uint8_t out[64])
{
    CLEANUP(public_done) struct public_key k;
    bool ok = public_open(public_der, &k) && k.kind == KEY_SM2 && coordinate(k.pkey, OSSL_PKEY_PARAM_EC_PUB_X, out) &&
              coordinate(k.pkey, OSSL_PKEY_PARAM_EC_PUB_Y, out + 32);
    ossl_forget();
    return ok;
}

bool sm2_z(struct sv public_der, struct digest *ret)
{
    uint8_t in[2 + SM2_ID_N + 128 + 64] = {0, SM2_ID_N * 8};
    memcpy(in + 2, SM2_ID, SM2_ID_N);
    memcpy(in + 2 + SM2_ID_N, sm2_curve, sizeof(sm2_curve));
    uint8_t *x = in + 2 + SM2_ID_N + 128;
    if (public_der.n == sizeof(sm2_spki) + 64 && sv_starts(public_der, sv_of(sm2_spki, sizeof(sm2_spki))))
        memcpy(x, public_der.p + sizeof(sm2_spki), 64);
    else if (!coordinates(public_der, x))
        return false;
    *ret = digest_of(DIGEST_SM3, sv_of(in, sizeof(in)));
    return true;
}

bool sm2_digest(struct sv public_der, struct sv message, struct digest *ret, struct err *e)
{
    struct digest z;
    if (!sm2_z(public_der, &z))
        return err_set(e, ERR_BAD_INPUT, "not an SM2 public key");
    CLEANUP(digest_stream_cleanup) struct digest_stream *s = digest_stream_new(DIGEST_SM3);
    digest_stream_add(s, digest_sv(&z));
    digest_stream_add(s, message);
    *ret = digest_stream_finish(s);
    return true;
}
