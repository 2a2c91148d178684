/* Loading private keys and PKCS#12 files; see key.h. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <string.h>

#include "crypto/cert.h"
#include "crypto/ossl_priv.h"

#define FILE_MAX ((size_t)4 << 20)

struct asked {
    struct sv password;
    bool was_asked;
};

static int give_password(char *buf, int size, int for_writing UNUSED, void *arg)
{
    struct asked *asked = arg;
    asked->was_asked = true;
    if (asked->password.n == 0 || asked->password.n > (size_t)size)
        return -1;
    memcpy(buf, asked->password.p, asked->password.n);
    return (int)asked->password.n;
}

static bool finish_load(EVP_PKEY *pkey, const struct asked *asked, struct key **ret, struct err *e)
{
    if (!pkey) {
        ossl_forget();
        return asked->was_asked
                       ? err_user(e, ERR_BAD_INPUT, "key_password_wrong", NULL, "the password does not open the key")
                       : err_user(e, ERR_BAD_INPUT, "key_unreadable", NULL, "no private key in PEM or PKCS#8 form");
    }
    CLEANUP(key_cleanup) struct key *k = key_wrap(pkey);
    ossl_forget();
    if (k->kind == KEY_OTHER)
        return err_user(e, ERR_UNSUPPORTED, "key_kind", NULL, "keys of this kind cannot sign here");
    *ret = steal(&k);
    return true;
}

bool key_load(struct sv bytes, struct sv password, struct key **ret, struct err *e)
{
    *ret = NULL;
    struct asked asked = {.password = password};
    if (bytes.n == 0 || bytes.n > FILE_MAX)
        return finish_load(NULL, &asked, ret, e);
    CLEANUP(bio_cleanup) BIO *b = BIO_new_mem_buf(bytes.p, (int)bytes.n);
    must(b != NULL);
    if (sv_find(bytes, SV("-----BEGIN ")) != SIZE_MAX)
        return finish_load(PEM_read_bio_PrivateKey(b, NULL, give_password, &asked), &asked, ret, e);
    EVP_PKEY *pkey = d2i_PrivateKey_bio(b, NULL);
    if (!pkey) {
        BIO_reset(b);
        pkey = d2i_PKCS8PrivateKey_bio(b, NULL, give_password, &asked);
    }
    return finish_load(pkey, &asked, ret, e);
}

/* RC2 and friends of old PKCS#12 files live in the legacy provider: loaded into a library context of its own, so that
 * nothing else can reach them. */
struct legacy {
    OSSL_LIB_CTX *ctx;
    OSSL_PROVIDER *standard, *legacy;
};

static void legacy_done(struct legacy *l)
{
    if (l->legacy)
        OSSL_PROVIDER_unload(l->legacy);
    if (l->standard)
        OSSL_PROVIDER_unload(l->standard);
    OSSL_LIB_CTX_free(l->ctx);
}

static bool legacy_init(struct legacy *l)
{
    l->ctx = OSSL_LIB_CTX_new();
    if (!l->ctx)
        return false;
    l->standard = OSSL_PROVIDER_load(l->ctx, "default");
    l->legacy = OSSL_PROVIDER_load(l->ctx, "legacy"); /* may be missing: then only the modern forms open */
    return l->standard != NULL;
}

struct p12_parts {
    PKCS12 *p12;
    EVP_PKEY *pkey;
    X509 *cert;
    STACK_OF(X509) * chain;
};

static void p12_done(struct p12_parts *p)
{
    PKCS12_free(p->p12);
    EVP_PKEY_free(p->pkey);
    X509_free(p->cert);
    sk_X509_pop_free(p->chain, X509_free);
}

static bool take_cert(struct arena *a, X509 *x, const struct cert **ret, struct err *e)
{
    unsigned char *p = NULL;
    int n = i2d_X509(x, &p);
    if (n <= 0)
        return ossl_fail(e, ERR_BAD_INPUT, "certificate");
    struct sv der = arena_sv(a, sv_of(p, (size_t)n));
    OPENSSL_free(p);
    return cert_parse(a, der, ret, e);
}

static bool take_key(EVP_PKEY *pkey, struct key **ret, struct err *e)
{
    struct key foreign = {.pkey = pkey}; /* bound to the other library context: carry it over */
    CLEANUP(secret_cleanup) struct secret *der = key_to_pkcs8(&foreign);
    return key_load(secret_view(der), SV(""), ret, e);
}

static bool p12_open(const struct legacy *l, struct sv bytes, struct sv password, struct p12_parts *p, struct err *e)
{
    char pass[1025];
    CLEANUP(bio_cleanup) BIO *b = BIO_new_mem_buf(bytes.p, (int)bytes.n);
    p->p12 = PKCS12_init_ex(NID_pkcs7_data, l->ctx, NULL);
    must(b && p->p12);
    if (password.n >= sizeof(pass) || !d2i_PKCS12_bio(b, &p->p12)) {
        ossl_forget();
        return err_user(e, ERR_BAD_INPUT, "key_unreadable", NULL, "not a PKCS#12 file");
    }
    if (!PKCS12_mac_present(p->p12))
        return err_user(e, ERR_BAD_INPUT, "key_unreadable", NULL,
                        "the PKCS#12 file has nothing to check its password by (no MAC)");
    if (password.n)
        memcpy(pass, password.p, password.n);
    pass[password.n] = 0;
    bool right = PKCS12_verify_mac(p->p12, pass, (int)password.n) == 1;
    bool parsed = right && PKCS12_parse(p->p12, pass, &p->pkey, &p->cert, &p->chain) == 1;
    bytes_wipe(pass, sizeof(pass));
    if (!right) {
        ossl_forget();
        return err_user(e, ERR_BAD_INPUT, "key_password_wrong", NULL, "the password does not open the PKCS#12 file");
    }
    if (!parsed || !p->pkey || !p->cert) {
        ossl_forget();
        return err_user(e, ERR_BAD_INPUT, "key_unreadable", NULL, "the PKCS#12 file holds no key with its certificate");
    }
    return true;
}

bool pkcs12_load(struct arena *a, struct sv bytes, struct sv password, struct key **ret_key,
                 const struct cert **ret_cert, struct certs *ret_chain, struct err *e)
{
    *ret_key = NULL;
    *ret_cert = NULL;
    *ret_chain = (struct certs){0};
    if (bytes.n == 0 || bytes.n > FILE_MAX)
        return err_user(e, ERR_BAD_INPUT, "key_unreadable", NULL, "not a PKCS#12 file");
    CLEANUP(legacy_done) struct legacy l = {0};
    if (!legacy_init(&l))
        return ossl_fail(e, ERR_INTERNAL, "providers");
    CLEANUP(p12_done) struct p12_parts p = {0};
    if (!p12_open(&l, bytes, password, &p, e) || !take_cert(a, p.cert, ret_cert, e))
        return false;
    int n = p.chain ? sk_X509_num(p.chain) : 0;
    for (int i = 0; i < n && i < CERTS_MAX; i++) {
        const struct cert *c;
        if (!take_cert(a, sk_X509_value(p.chain, i), &c, e))
            return false;
        certs_add(a, ret_chain, c);
    }
    return take_key(p.pkey, ret_key, e);
}

/* NULL: the library refuses what our own reader took. */
static X509 *open_cert(const struct cert *c)
{
    const unsigned char *p = (const unsigned char *)c->der.p;
    return d2i_X509(NULL, &p, (long)c->der.n);
}

static bool open_chain(const struct certs *chain, STACK_OF(X509) * ret)
{
    for (size_t i = 0; chain && i < chain->n; i++) {
        X509 *x = open_cert(chain->v[i]);
        if (!x)
            return false;
        must(sk_X509_push(ret, x) > 0);
    }
    return true;
}

bool pkcs12_make(const struct key *k, const struct cert *cert, const struct certs *chain, struct sv password,
                 struct secret **ret, struct err *e)
{
    *ret = NULL;
    char pass[1025];
    if (password.n >= sizeof(pass) || (password.n && memchr(password.p, 0, password.n)))
        return err_user(e, ERR_BAD_INPUT, "password_too_long", NULL, "PKCS#12 password");
    if (password.n)
        memcpy(pass, password.p, password.n);
    pass[password.n] = 0;
    CLEANUP(p12_done) struct p12_parts p = {.cert = open_cert(cert), .chain = sk_X509_new_null()};
    must(p.chain != NULL);
    if (!p.cert || !open_chain(chain, p.chain)) {
        bytes_wipe(pass, sizeof(pass));
        return ossl_fail(e, ERR_BAD_INPUT, "certificate for PKCS#12");
    }
    p.p12 = PKCS12_create(pass, NULL, k->pkey, p.cert, p.chain, 0, 0, 0, 0, 0);
    bytes_wipe(pass, sizeof(pass));
    unsigned char *der = NULL;
    int n = p.p12 ? i2d_PKCS12(p.p12, &der) : 0;
    if (n <= 0)
        return ossl_fail(e, ERR_INTERNAL, "PKCS#12");
    *ret = secret_new(sv_of(der, (size_t)n));
    OPENSSL_clear_free(der, (size_t)n);
    return true;
}
