/* Checking SignedData: cryptography and consistency (RFC 5652 5.4, 5.6); see cms.h. */
#include "crypto/cms.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/alg_priv.h"
#include "crypto/cms_priv.h"
#include "crypto/ossl_priv.h"
#include "crypto/tsp.h"

/* What the signed bytes are run through: plain, the content digest; z, SM3 with Z in front, for SM2 without attributes;
 * inside, what eContent must hold when it stands for the bytes. */
struct cms_hash {
    struct digest_stream *plain, *z, *inside;
};

static const struct cert *signer_of(const struct cms *c, const struct certs *extra)
{
    if (c->signer)
        return c->signer;
    for (size_t i = 0; extra && i < extra->n; i++)
        if (cms_sid_matches(c, extra->v[i]))
            return extra->v[i];
    return NULL;
}

static bool content_stands_for_bytes(const struct cms *c)
{
    return c->has_content && (c->profile == CMS_ADBE_SHA1 || c->profile == CMS_GM);
}

/* adbe.pkcs7.sha1 holds the SHA-1 of the bytes; GM programs put their SM3 there, under that name, too. */
static enum digest_alg digest_inside(const struct cms *c)
{
    bool sm3 = c->profile == CMS_GM || (c->digest == DIGEST_SM3 && c->content.n == digest_size(DIGEST_SM3));
    return sm3 ? DIGEST_SM3 : DIGEST_SHA1;
}

static struct digest_stream *z_stream(const struct cert *signer)
{
    struct digest z;
    if (!signer || !sm2_z(signer->public_der, &z))
        return NULL;
    struct digest_stream *s = digest_stream_new(DIGEST_SM3);
    digest_stream_add(s, digest_sv(&z));
    return s;
}

struct cms_hash *cms_hash_new(const struct cms *c, const struct certs *extra)
{
    struct cms_hash *h = OPENSSL_zalloc(sizeof(*h));
    must(h != NULL);
    if (c->digest != DIGEST_NONE)
        h->plain = digest_stream_new(c->digest);
    if (c->scheme == SIG_SM2 && !c->has_attributes)
        h->z = z_stream(signer_of(c, extra));
    if (content_stands_for_bytes(c))
        h->inside = digest_stream_new(digest_inside(c));
    return h;
}

void cms_hash_add(struct cms_hash *h, struct sv bytes)
{
    if (h->plain)
        digest_stream_add(h->plain, bytes);
    if (h->z)
        digest_stream_add(h->z, bytes);
    if (h->inside)
        digest_stream_add(h->inside, bytes);
}

void cms_hash_free(struct cms_hash *h)
{
    if (!h)
        return;
    digest_stream_free(h->plain);
    digest_stream_free(h->z);
    digest_stream_free(h->inside);
    OPENSSL_free(h);
}

static void problem(struct cms_verdict *v, enum cms_status status, const char *code, struct sv text)
{
    if (v->problem_n < COUNT(v->problem))
        v->problem[v->problem_n++] = (struct cms_problem){status, code, text};
    if (status > v->status)
        v->status = status;
}

/* The digests that the signature is about: of the bytes, or of the eContent that stands for them. */
static void content_digests(const struct cms *c, struct cms_hash *h, const struct cert *signer, struct digest *plain,
                            struct digest *z, struct cms_verdict *v)
{
    *plain = h->plain ? digest_stream_finish(h->plain) : (struct digest){0};
    *z = h->z ? digest_stream_finish(h->z) : (struct digest){0};
    if (!h->inside)
        return;
    struct digest inside = digest_stream_finish(h->inside);
    if (!bytes_equal(digest_sv(&inside), c->content))
        problem(v, CMS_TAMPERED, "content_differs", SV("the signed bytes do not have the digest that was signed"));
    *plain = digest_of(c->digest, c->content);
    CLEANUP(digest_stream_cleanup) struct digest_stream *s = h->z ? z_stream(signer) : NULL;
    if (s) {
        digest_stream_add(s, c->content);
        *z = digest_stream_finish(s);
    }
}

/* Without attributes a wrong PKCS#1 value still shows which digest was signed: tells changed bytes from a broken value.
 */
static bool recovers(const struct cert *signer, struct sv signature, enum digest_alg alg)
{
    CLEANUP(public_done) struct public_key k;
    CLEANUP(pkey_ctx_cleanup)
    EVP_PKEY_CTX *ctx = public_open(signer->public_der, &k) ? EVP_PKEY_CTX_new(k.pkey, NULL) : NULL;
    unsigned char out[2048];
    size_t n = sizeof(out);
    bool right = ctx && EVP_PKEY_get_size(k.pkey) <= (int)sizeof(out) && EVP_PKEY_verify_recover_init(ctx) == 1 &&
                 EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
                 EVP_PKEY_CTX_set_signature_md(ctx, digest_md(alg)) == 1 &&
                 EVP_PKEY_verify_recover(ctx, out, &n, (const unsigned char *)signature.p, signature.n) == 1;
    ossl_forget();
    return right;
}

static bool signs_another_digest(const struct cert *signer, const struct cms *c)
{
    return c->scheme == SIG_RSA_PKCS1 && recovers(signer, c->signature, c->digest);
}

static void check_with_attributes(const struct cms *c, const struct cert *signer, const struct digest *plain,
                                  struct cms_verdict *v)
{
    struct sv values;
    must(cms_attribute_get(c, OID_MESSAGE_DIGEST, &values));
    struct der d = der_open(values);
    if (!bytes_equal(der_take(&d, DER_OCTETS), digest_sv(plain)))
        problem(v, CMS_TAMPERED, "digest_differs", SV("the signed bytes do not have the signed digest"));
    if (!signature_verify_salt(signer->public_der, c->scheme, c->digest, c->pss_salt, c->attributes, c->signature))
        problem(v, CMS_BROKEN, "signature_wrong", SV("the signature value does not fit the signer's key"));
}

static void check_without_attributes(const struct cms *c, const struct cert *signer, const struct digest *plain,
                                     const struct digest *z, struct cms_verdict *v)
{
    const struct digest *d = c->scheme == SIG_SM2 ? z : plain;
    if (d->n && signature_verify_digest(signer->public_der, c->scheme, c->pss_salt, d, c->signature))
        return;
    if (signs_another_digest(signer, c))
        problem(v, CMS_TAMPERED, "digest_differs", SV("the signed bytes do not have the signed digest"));
    else
        problem(v, CMS_BROKEN, "signature_wrong",
                SV("the signature value does not fit the signer's key and the bytes"));
}

static void check_signer(struct arena *a, const struct cms *c, const struct cert *signer, struct cms_verdict *v)
{
    bool present = false;
    const char *code = "";
    enum cms_status st = cms_signing_cert_check(a, c, signer, &present, &code);
    if (st != CMS_OK)
        problem(v, st, code, SV("signingCertificate does not name the signer's certificate"));
    if (!present && (c->profile == CMS_CADES || c->profile == CMS_TOKEN))
        problem(v, CMS_BROKEN, "signing_certificate_missing", SV("no signingCertificate among the signed attributes"));
    if (signer->key_kind == KEY_OTHER)
        problem(v, CMS_UNSUPPORTED, "key_kind", SV("the signer's key is of a kind that is not supported"));
    else if (key_kind_scheme(signer->key_kind) != (c->scheme == SIG_RSA_PSS ? SIG_RSA_PKCS1 : c->scheme))
        problem(v, CMS_BROKEN, "key_does_not_fit", SV("the signature algorithm does not go with the signer's key"));
    v->weak = digest_is_weak(c->digest) || cert_is_weak(signer) ||
              (content_stands_for_bytes(c) && digest_is_weak(digest_inside(c)));
}

static void check_token(struct arena *a, const struct cms *c, const struct certs *all, struct sv der,
                        struct tsp_token *t, struct tsp_verdict *tv, struct cms_verdict *v)
{
    tsp_token_read(a, der, t);
    struct digest covered = {0};
    if (t->imprint_alg != DIGEST_NONE)
        covered = digest_of(t->imprint_alg, c->signature);
    tsp_token_check(a, t, &covered, all, tv);
    if (tv->status != CMS_OK)
        problem(v, tv->status, tv->code, arena_printf(a, "signature timestamp: %.*s", SV_ARG(tv->text)));
    else if (v->earliest_at == 0 || t->gen_at < v->earliest_at)
        v->earliest_at = t->gen_at;
}

static void check_tokens(struct arena *a, const struct cms *c, const struct certs *extra, struct cms_verdict *v)
{
    if (c->tokens.n == 0)
        return;
    struct certs all = {0};
    for (size_t i = 0; i < c->certs.n; i++)
        certs_add(a, &all, c->certs.v[i]);
    for (size_t i = 0; extra && i < extra->n && all.n < CERTS_MAX; i++)
        certs_add(a, &all, extra->v[i]);
    v->token_n = c->tokens.n;
    v->token = arena_array(a, struct tsp_token, v->token_n);
    v->token_verdict = arena_array(a, struct tsp_verdict, v->token_n);
    for (size_t i = 0; i < v->token_n; i++)
        check_token(a, c, &all, c->tokens.v[i], &v->token[i], &v->token_verdict[i], v);
}

struct sv cms_algorithm(struct arena *a, const struct cms *c)
{
    return sigalg_text(a, c->scheme, c->digest);
}

void cms_check(struct arena *a, const struct cms *c, struct cms_hash *h, const struct certs *extra,
               struct cms_verdict *ret)
{
    struct digest plain, z;
    *ret = (struct cms_verdict){0};
    for (size_t i = 0; i < c->note_n; i++)
        problem(ret, CMS_OK, c->note[i].code, c->note[i].text);
    if (c->scheme != SIG_NONE)
        ret->algorithm = cms_algorithm(a, c);
    ret->weak = c->scheme == SIG_SM2 && c->digest != DIGEST_SM3;
    ret->signer = signer_of(c, extra);
    if (c->status != CMS_OK) {
        problem(ret, c->status, c->problem.code, c->problem.text);
        return;
    }
    if (!ret->signer) {
        problem(ret, CMS_BROKEN, "signer_certificate_missing", SV("the signer's certificate is not among those given"));
        return;
    }
    check_signer(a, c, ret->signer, ret);
    if (ret->signer->key_kind == KEY_OTHER)
        return; /* nothing can be said of the value */
    content_digests(c, h, ret->signer, &plain, &z, ret);
    if (c->has_attributes)
        check_with_attributes(c, ret->signer, &plain, ret);
    else
        check_without_attributes(c, ret->signer, &plain, &z, ret);
    check_tokens(a, c, extra, ret);
}

void cms_check_x509_rsa_sha1(struct arena *a, struct sv contents, const struct cert *signer, const struct digest *sha1,
                             struct cms_verdict *ret)
{
    *ret = (struct cms_verdict){
            .signer = signer, .weak = true, .algorithm = sigalg_text(a, SIG_RSA_PKCS1, DIGEST_SHA1)};
    size_t n = der_size(contents);
    struct der d = der_open(sv_sub(contents, 0, n));
    struct sv sig = der_take(&d, DER_OCTETS), rest = sv_skip(contents, n);
    bool zeros = true;
    for (size_t i = 0; i < rest.n; i++)
        zeros = zeros && rest.p[i] == 0;
    if (n == 0 || d.bad || !zeros) {
        problem(ret, CMS_BROKEN, "structure", SV("not an OCTET STRING with a signature value"));
        return;
    }
    struct cms c = {.scheme = SIG_RSA_PKCS1, .digest = DIGEST_SHA1, .signature = sig};
    if (signature_verify_digest(signer->public_der, SIG_RSA_PKCS1, -1, sha1, sig))
        return;
    if (signs_another_digest(signer, &c))
        problem(ret, CMS_TAMPERED, "digest_differs", SV("the signed bytes do not have the signed digest"));
    else if (recovers(signer, sig, DIGEST_SHA256) || recovers(signer, sig, DIGEST_SHA384) ||
             recovers(signer, sig, DIGEST_SHA512) || recovers(signer, sig, DIGEST_RIPEMD160))
        problem(ret, CMS_UNSUPPORTED, "digest_unknown", SV("a raw signature with another digest than SHA-1"));
    else
        problem(ret, CMS_BROKEN, "signature_wrong", SV("the signature value does not fit the signer's key"));
}
