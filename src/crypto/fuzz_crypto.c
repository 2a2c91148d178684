/* Entries for fuzzers and for replaying what they found: each reads hostile bytes to the end and must come back. */
#include "crypto/fuzz_crypto.h"

#include "crypto/cms.h"
#include "crypto/revocation.h"
#include "crypto/tsp.h"

#define ROOM ((size_t)128 << 20)

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
        arena_done(&a);
    }
    return 0;
}

int crypto_fuzz_token(const uint8_t *p, size_t n)
{
    struct arena a;
    struct err e;
    arena_init(&a, ROOM);
    struct tsp_token *t = arena_new(&a, struct tsp_token);
    struct tsp_verdict v;
    struct digest d = digest_of(DIGEST_SHA256, SV("content"));
    struct tsp_request r = {.imprint = d}, parsed;
    struct sv token, der;
    tsp_token_read(&a, sv_of(p, n), t);
    tsp_token_check(&a, t, &d, NULL, &v);
    (void)!tsp_response_check(&a, &r, sv_of(p, n), &token, &e);
    (void)!tsp_request_parse(&a, sv_of(p, n), &parsed, &e);
    (void)!cms_signature_value(&a, sv_of(p, n), &token, &e);
    (void)!cms_add_timestamp(&a, sv_of(p, n), SV("\x30\x00"), &der, &e);
    arena_done(&a);
    return 0;
}

int crypto_fuzz_x509(const uint8_t *p, size_t n)
{
    struct arena a;
    struct err e;
    arena_init(&a, ROOM);
    struct certs list, inside;
    struct csr csr;
    struct crl_info crl;
    struct ocsp_request request;
    int64_t produced;
    struct sv bytes = sv_of(p, n);
    if (certs_parse(&a, bytes, &list, &e)) {
        struct chain_query q = {.leaf = list.v[0], .pool = list, .anchors = list, .now_at = 1};
        struct chain_result result;
        der_list_add(&a, &q.crls, bytes);
        der_list_add(&a, &q.ocsps, bytes);
        chain_check(&a, &q, &result);
    }
    (void)!csr_parse(&a, bytes, &csr, &e);
    (void)!crl_parse(&a, bytes, &crl, &e);
    (void)!ocsp_request_parse(&a, bytes, &request, &e);
    (void)!ocsp_response_parse(&a, bytes, &produced, &inside, &e);
    arena_done(&a);
    return 0;
}
