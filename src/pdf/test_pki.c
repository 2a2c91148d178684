/* See test_pki.h. */
#include "pdf/test_pki.h"

#include <stdlib.h>

#include "test.h"

static struct test_pki pki;
static enum key_kind made;
static struct arena pki_arena = {.limit = 1 << 24};

static void pki_free(void)
{
    key_free(pki.root_key);
    key_free(pki.key);
    key_free(pki.tsa_key);
    arena_done(&pki_arena);
}

static const struct cert *issue(enum cert_profile profile, struct sv name, const struct key *k,
                                const struct cert *issuer, const struct key *issuer_key)
{
    struct err e = ERR_INIT;
    const struct cert *c;
    struct cert_order order = {
            .profile = profile,
            .subject = {.common_name = name, .country = SV("CN")},
            .public_der = key_public_der(&pki_arena, k),
            .not_before_at = TEST_AT - TEST_DAY,
            .not_after_at = TEST_AT + 365 * TEST_DAY
    };
    ASSERT_OK(cert_issue(&pki_arena, &order, issuer, issuer_key, &c, &e), e);
    return c;
}

const struct test_pki *test_pki(enum key_kind kind)
{
    struct err e = ERR_INIT;
    if (made == kind)
        return &pki;
    ck_assert_msg(made == KEY_NONE, "one kind of key a test");
    made = kind;
    atexit(pki_free);
    ASSERT_OK(key_generate(kind, &pki.root_key, &e), e);
    ASSERT_OK(key_generate(kind, &pki.key, &e), e);
    ASSERT_OK(key_generate(kind, &pki.tsa_key, &e), e);
    pki.root = issue(CERT_ROOT, SV("TEST root"), pki.root_key, NULL, pki.root_key);
    pki.cert = issue(CERT_SIGNER, SV("TEST signer"), pki.key, pki.root, pki.root_key);
    pki.tsa = issue(CERT_TSA, SV("TEST TSA"), pki.tsa_key, pki.root, pki.root_key);
    pki.root_pem = cert_pem(&pki_arena, pki.root);
    return &pki;
}

struct sv test_token(struct arena *a, const struct test_pki *p, const struct digest *imprint)
{
    struct err e = ERR_INIT;
    struct tsp_request request;
    struct sv reply, token;
    struct tsp_authority tsa = {.cert = p->tsa, .key = p->tsa_key, .policy = SV("1.2.3.4")};
    certs_add(a, &tsa.chain, p->root);
    ASSERT_OK(tsp_request_make(a, imprint, (struct sv){0}, &request, &e), e);
    ASSERT_OK(tsp_response_make(a, &request, &tsa, SV("\x01\x02\x03"), TEST_AT, &reply, &e), e);
    ASSERT_OK(tsp_response_check(a, &request, reply, &token, &e), e);
    return token;
}

struct sv test_cms(struct arena *a, const struct test_pki *p, const struct digest *content, bool stamped)
{
    struct err e = ERR_INIT;
    struct sv cms, value;
    struct cms_order order = {.signer = p->cert};
    certs_add(a, &order.chain, p->root);
    ASSERT_OK(cms_sign(a, &order, p->key, content, &cms, &e), e);
    if (stamped) {
        ASSERT_OK(cms_signature_value(a, cms, &value, &e), e);
        struct digest imprint = digest_of(content->alg, value);
        ASSERT_OK(cms_add_timestamp(a, cms, test_token(a, p, &imprint), &cms, &e), e);
    }
    return cms;
}

struct sv test_sign(struct arena *a, const struct test_pki *p, struct sv in, const struct pdf_sign_options *o,
                    bool stamped)
{
    struct err e = ERR_INIT;
    struct pdf_prepared prepared;
    ASSERT_OK(pdf_sign_prepare(a, in, o, &prepared, &e), e);
    struct digest d = pdf_prepared_digest(&prepared, key_kind_digest(key_kind(p->key)));
    ASSERT_OK(pdf_sign_finish(&prepared, test_cms(a, p, &d, stamped), &e), e);
    return pdf_prepared_bytes(a, &prepared);
}

struct sv test_stamp(struct arena *a, const struct test_pki *p, struct sv in, struct sv field)
{
    struct err e = ERR_INIT;
    struct pdf_prepared prepared;
    const struct pdf_sign_options o = {.subfilter = PDF_SUBFILTER_TIMESTAMP, .field = field};
    ASSERT_OK(pdf_sign_prepare(a, in, &o, &prepared, &e), e);
    struct digest d = pdf_prepared_digest(&prepared, DIGEST_SHA256);
    ASSERT_OK(pdf_sign_finish(&prepared, test_token(a, p, &d), &e), e);
    return pdf_prepared_bytes(a, &prepared);
}

struct pdf_report test_verify(struct arena *a, const struct test_pki *p, struct sv bytes)
{
    struct err e = ERR_INIT;
    struct pdf_report r;
    const struct pdf_verify_options o = {
            .trust_pem = p ? &p->root_pem : NULL, .trust_n = p ? 1 : 0, .at = TEST_AT + TEST_DAY};
    ASSERT_OK(pdf_verify(a, bytes, &o, &r, &e), e);
    return r;
}

static void add_reasons(struct buf *b, const struct pdf_reasons *list)
{
    for (size_t i = 0; i < list->n; i++)
        buf_printf(b, "\n    %s %s (%u): %.*s", list->items[i].bad ? "bad" : "note", list->items[i].code,
                   list->items[i].object, SV_ARG(list->items[i].detail));
}

struct sv test_report(struct arena *a, const struct pdf_report *r)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_printf(&b, "%s %s %s", pdf_integrity_name(r->integrity), pdf_trust_name(r->trust),
               pdf_verdict_name(r->verdict));
    add_reasons(&b, &r->reasons);
    for (size_t i = 0; i < r->signatures_n; i++) {
        const struct pdf_signature *s = &r->signatures[i];
        buf_printf(&b, "\n  %.*s %s %s %s %s", SV_ARG(s->field), pdf_sig_kind_name(s->kind),
                   pdf_integrity_name(s->integrity), pdf_trust_name(s->trust), pdf_coverage_name(s->coverage));
        add_reasons(&b, &s->reasons);
    }
    return buf_to_arena(&b, a);
}
