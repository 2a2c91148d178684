/* Keys: kinds, generation, export; see key.h. Loading is in key_load.c, signing in sign.c. */
#include "crypto/key.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <string.h>

#include "crypto/ossl_priv.h"

static const struct {
    const char *name, *group; /* OpenSSL's group, for elliptic curves */
    enum sig_scheme scheme;
    enum digest_alg digest;
    int bits; /* for RSA */
} kinds[] = {
        [KEY_NONE] = {"none",    NULL,         SIG_NONE,      DIGEST_NONE,   0   },
        [KEY_RSA_2048] = {"rsa2048", NULL,         SIG_RSA_PKCS1, DIGEST_SHA256, 2048},
        [KEY_RSA_3072] = {"rsa3072", NULL,         SIG_RSA_PKCS1, DIGEST_SHA256, 3072},
        [KEY_RSA_4096] = {"rsa4096", NULL,         SIG_RSA_PKCS1, DIGEST_SHA256, 4096},
        [KEY_P256] = {"p256",    "prime256v1", SIG_ECDSA,     DIGEST_SHA256, 0   },
        [KEY_P384] = {"p384",    "secp384r1",  SIG_ECDSA,     DIGEST_SHA384, 0   },
        [KEY_P521] = {"p521",    "secp521r1",  SIG_ECDSA,     DIGEST_SHA512, 0   },
        [KEY_SM2] = {"sm2",     "SM2",        SIG_SM2,       DIGEST_SM3,    0   },
        [KEY_RSA_OTHER] = {"rsa",     NULL,         SIG_RSA_PKCS1, DIGEST_SHA256, 0   },
        [KEY_EC_OTHER] = {"ec",      NULL,         SIG_ECDSA,     DIGEST_SHA256, 0   },
        [KEY_OTHER] = {"other",   NULL,         SIG_NONE,      DIGEST_NONE,   0   },
};

const char *key_kind_name(enum key_kind kind)
{
    return kinds[kind].name;
}

bool key_kind_by_name(struct sv name, enum key_kind *ret)
{
    for (size_t i = KEY_RSA_2048; i <= KEY_SM2; i++)
        if (sv_eq_ci(name, sv_from(kinds[i].name))) {
            *ret = (enum key_kind)i;
            return true;
        }
    return false;
}

const char *sig_scheme_name(enum sig_scheme scheme)
{
    static const char *const names[] = {"none", "rsa-pkcs1", "rsa-pss", "ecdsa", "sm2"};
    return names[scheme];
}

enum sig_scheme key_kind_scheme(enum key_kind kind)
{
    return kinds[kind].scheme;
}

enum digest_alg key_kind_digest(enum key_kind kind)
{
    return kinds[kind].digest;
}

bool rsa_exponent_is_usual(EVP_PKEY *pkey)
{
    BIGNUM *e = NULL;
    bool usual = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_num_bits(e) <= 64;
    BN_free(e);
    return usual;
}

enum key_kind pkey_kind(EVP_PKEY *pkey)
{
    if (EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_is_a(pkey, "RSA-PSS")) {
        if (!rsa_exponent_is_usual(pkey))
            return KEY_OTHER;
        for (int i = KEY_RSA_2048; i <= KEY_RSA_4096; i++)
            if (EVP_PKEY_get_bits(pkey) == kinds[i].bits)
                return (enum key_kind)i;
        return KEY_RSA_OTHER;
    }
    /* SM2 has no NID of its own here: ask by name only. */
    if (EVP_PKEY_is_a(pkey, "SM2"))
        return KEY_SM2;
    if (!EVP_PKEY_is_a(pkey, "EC"))
        return KEY_OTHER;
    /* A curve given by its parameters is one that somebody made up, even where it resembles a known one: RFC 5480 2.1.1
     * wants the name, and so do we. */
    int explicit_curve = 0;
    if (EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_curve) != 1)
        ossl_forget();
    if (explicit_curve != 0)
        return KEY_OTHER;
    char group[64] = "";
    if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1)
        ossl_forget();
    for (int i = KEY_P256; i <= KEY_P521; i++)
        if (strcmp(group, kinds[i].group) == 0)
            return (enum key_kind)i;
    return KEY_EC_OTHER;
}

struct key *key_wrap(EVP_PKEY *pkey)
{
    struct key *k = OPENSSL_zalloc(sizeof(*k));
    must(k != NULL);
    *k = (struct key){.pkey = pkey, .kind = pkey_kind(pkey), .pss_only = EVP_PKEY_is_a(pkey, "RSA-PSS")};
    int n = i2d_PUBKEY(pkey, &k->public_der);
    if (n > 0)
        k->public_n = (size_t)n;
    else
        ossl_forget();
    return k;
}

void key_free(struct key *k)
{
    if (!k)
        return;
    EVP_PKEY_free(k->pkey);
    OPENSSL_free(k->public_der);
    OPENSSL_free(k);
}

bool key_generate(enum key_kind kind, struct key **ret, struct err *e)
{
    *ret = NULL;
    must(kind >= KEY_RSA_2048 && kind <= KEY_SM2);
    EVP_PKEY *pkey = kind == KEY_SM2         ? EVP_PKEY_Q_keygen(NULL, NULL, "SM2")
                     : kinds[kind].bits != 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)kinds[kind].bits)
                                             : EVP_PKEY_Q_keygen(NULL, NULL, "EC", kinds[kind].group);
    if (!pkey)
        return ossl_fail(e, ERR_INTERNAL, "generate key");
    *ret = key_wrap(pkey);
    must((*ret)->kind == kind);
    return true;
}

enum key_kind key_kind(const struct key *k)
{
    return k->kind;
}

int key_bits(const struct key *k)
{
    return EVP_PKEY_get_bits(k->pkey);
}

struct sv key_public_der(struct arena *a, const struct key *k)
{
    must(k->public_n > 0);
    return arena_sv(a, sv_of(k->public_der, k->public_n));
}

bool key_matches(const struct key *k, struct sv public_der)
{
    if (k->public_n && sv_eq(public_der, sv_of(k->public_der, k->public_n)))
        return true;
    /* the same key may be spelled in another way */
    CLEANUP(public_done) struct public_key other;
    bool same = public_open(public_der, &other) && EVP_PKEY_eq(k->pkey, other.pkey) == 1;
    ossl_forget();
    return same;
}

struct secret *key_to_pkcs8(const struct key *k)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(k->pkey);
    must(info != NULL);
    unsigned char *p = NULL;
    int n = i2d_PKCS8_PRIV_KEY_INFO(info, &p);
    must(n > 0);
    struct secret *s = secret_new(sv_of(p, (size_t)n));
    OPENSSL_clear_free(p, (size_t)n);
    PKCS8_PRIV_KEY_INFO_free(info);
    return s;
}

struct secret *key_to_pem(const struct key *k, struct sv password)
{
    must(password.n <= 1024);
    CLEANUP(bio_cleanup) BIO *b = BIO_new(BIO_s_secmem());
    const EVP_CIPHER *cipher = password.n ? EVP_aes_256_cbc() : NULL;
    must(b && PEM_write_bio_PKCS8PrivateKey(b, k->pkey, cipher, password.p, (int)password.n, NULL, NULL) == 1);
    char *p = NULL;
    long n = BIO_get_mem_data(b, &p);
    return secret_new(sv_of(p, (size_t)n));
}
