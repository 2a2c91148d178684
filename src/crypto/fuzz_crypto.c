/* See fuzz_crypto.h. What must hold of every input stands here, too. */
#include "crypto/fuzz_crypto.h"

#include "crypto/cms.h"
#include "crypto/der_priv.h"
#include "crypto/revocation_priv.h"
#include "crypto/ses.h"
#include "crypto/tsp.h"

#define ROOM ((size_t)128 << 20)
#define AT   1772323200000 /* 2026-03-01 */

int crypto_fuzz_cms(const uint8_t *p, size_t n)
{
    static const enum cms_profile profiles[] = {CMS_CADES, CMS_ADBE, CMS_ADBE_SHA1, CMS_GM, CMS_TOKEN};
    for (size_t i = 0; i < COUNT(profiles); i++) {
        struct arena a;
        arena_init(&a, ROOM);
        struct cms *c = arena_new(&a, struct cms);
        struct cms_verdict *v = arena_new(&a, struct cms_verdict);
        cms_read(&a, sv_of(p, n), profiles[i], c);
        struct cms_hash *h = cms_hash_new(c, NULL);
        cms_hash_add(h, SV("content"));
        cms_check(&a, c, h, NULL, v);
        cms_hash_free(h);
        must(v->status == CMS_OK || v->problem_n > 0);
        must(c->status == CMS_OK || v->status >= c->status);
        must(v->status != CMS_OK || v->signer);
        arena_done(&a);
    }
    return 0;
}

int crypto_fuzz_token(const uint8_t *p, size_t n)
{
    struct arena a;
    struct err e = ERR_INIT;
    arena_init(&a, ROOM);
    struct tsp_token *t = arena_new(&a, struct tsp_token);
    struct tsp_verdict v;
    struct digest d = digest_of(DIGEST_SHA256, SV("content"));
    struct tsp_request r = {.imprint = d}, parsed;
    struct sv token, der;
    tsp_token_read(&a, sv_of(p, n), t);
    tsp_token_check(&a, t, &d, NULL, &v);
    must(v.status != CMS_OK || (v.tsa && digest_eq(&t->imprint, &d)));
    (void)!tsp_response_check(&a, &r, sv_of(p, n), &token, &e);
    (void)!tsp_request_parse(&a, sv_of(p, n), &parsed, &e);
    (void)!cms_signature_value(&a, sv_of(p, n), &token, &e);
    (void)!cms_add_timestamp(&a, sv_of(p, n), SV("\x30\x00"), &der, &e);
    arena_done(&a);
    return 0;
}

/* Several certificates in DER, one behind the other, or PEM. */
static struct certs some_certs(struct arena *a, struct sv bytes)
{
    struct certs list = {0};
    struct err e = ERR_INIT;
    if (certs_parse(a, bytes, &list, &e))
        return list;
    struct der d = der_open(bytes);
    struct der_item item;
    const struct cert *c;
    while (list.n < 20 && der_next(&d, &item))
        if (cert_parse(a, item.all, &c, &e))
            certs_add(a, &list, c);
    return list;
}

int crypto_fuzz_cert(const uint8_t *p, size_t n)
{
    struct arena a;
    struct err e = ERR_INIT;
    arena_init(&a, ROOM);
    struct csr csr;
    struct sv bytes = sv_of(p, n);
    struct certs list = some_certs(&a, bytes);
    for (size_t i = 0; i < list.n; i++) {
        struct chain_result r;
        struct chain_query q = {.leaf = list.v[i], .pool = list, .now_at = AT, .purpose = (enum chain_purpose)(i % 3)};
        certs_add(&a, &q.anchors, list.v[list.n - 1]);
        chain_check(&a, &q, &r);
        must(r.verdict == TRUST_PASSED || r.code[0]);
        must(names_alike(list.v[i]->subject_der, list.v[i]->subject_der));
        (void)cert_pem(&a, list.v[i]);
        (void)cert_is_weak(list.v[i]);
    }
    (void)!csr_parse(&a, bytes, &csr, &e);
    arena_done(&a);
    return 0;
}

/* Bytes for the list or the response, then the certificates it is about: leaf, issuer, others. */
int crypto_fuzz_revocation(const uint8_t *p, size_t n)
{
    struct arena a;
    struct err e = ERR_INIT;
    arena_init(&a, ROOM);
    struct certs inside;
    struct crl_info crl;
    struct ocsp_request request;
    int64_t produced;
    struct sv bytes = sv_of(p, n);
    size_t first = der_size(bytes);
    struct sv data = first ? sv_sub(bytes, 0, first) : bytes;
    struct certs list = some_certs(&a, sv_skip(bytes, first));
    (void)!crl_parse(&a, data, &crl, &e);
    (void)!ocsp_request_parse(&a, data, &request, &e);
    (void)!ocsp_response_parse(&a, data, &produced, &inside, &e);
    if (list.n > 1) {
        struct chain_result r;
        struct chain_query q = {.leaf = list.v[0], .pool = list, .now_at = AT};
        certs_add(&a, &q.anchors, list.v[1]);
        der_list_add(&a, &q.crls, data);
        der_list_add(&a, &q.ocsps, data);
        chain_check(&a, &q, &r);
        /* The signature may not fit, and the rest is to be read all the same. */
        struct crl whole;
        struct revoked found;
        if (crl_read(data, &whole))
            (void)crl_find(&a, &whole, list.v[0]->serial_hex, &found);
    }
    arena_done(&a);
    return 0;
}

int crypto_fuzz_ses(const uint8_t *p, size_t n)
{
    struct arena a;
    arena_init(&a, ROOM);
    struct ses s;
    struct cms_verdict v;
    ses_read(&a, sv_of(p, n), &s);
    struct digest d = s.data_hash.n ? s.data_hash : digest_of(DIGEST_SM3, SV(""));
    ses_check(&a, &s, &d, &v);
    must(v.status != CMS_OK && v.problem_n > 0);
    arena_done(&a);
    return 0;
}

int crypto_fuzz_ber(const uint8_t *p, size_t n)
{
    struct arena a;
    arena_init(&a, ROOM);
    struct sv once, twice;
    size_t used, again;
    if (ber_to_der(&a, sv_of(p, n), &once, &used)) {
        must(used <= n && once.n <= n + 16);
        must(der_size(once) == once.n);
        /* Nothing is left to be done. */
        must(ber_to_der(&a, once, &twice, &again) && again == once.n && sv_eq(once, twice));
    }
    arena_done(&a);
    return 0;
}
