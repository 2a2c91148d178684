/* Timestamp tokens, each rule of RFC 3161 2.4.2 and RFC 5816, on tokens made piece by piece. */
#include "test.h"

#include <string.h>

#include "crypto/issue_priv.h"
#include "crypto/ossl_priv.h"
#include "crypto/test_order.h"
#include "crypto/tsp.h"

/* A TSTInfo; empty means: the usual. */
struct info {
    int version;
    struct sv imprint, time, accuracy, ordering, nonce, tsa, extensions;
};

static struct sv imprint(const char *oid, struct sv hash)
{
    return der_seq(&A, alg(oid, true), der_tlv(&A, DER_OCTETS, hash));
}

static struct sv info_der(const struct info *i)
{
    struct sv usual = imprint("2.16.840.1.101.3.4.2.1", raw_digest("SHA256", CONTENT));
    struct sv time = i->time.n ? i->time : der_time_general(&A, TEST_NOW, false);
    return der_seq(&A, der_int(&A, i->version ? i->version : 1), der_oid(&A, "1.2.3.4"),
                   i->imprint.n ? i->imprint : usual, der_int(&A, 4711), time, i->accuracy, i->ordering, i->nonce,
                   i->tsa, i->extensions);
}

static struct order token_order(const struct test_id *tsa, struct sv info)
{
    struct order o = ec_order(tsa);
    o.profile = CMS_TOKEN;
    o.content_oid = OID_TST_INFO;
    o.content = info;
    o.version = 3;
    return o;
}

static void expect(int line, const struct order *o, enum cms_status want, const char *code)
{
    struct tsp_token t;
    struct tsp_verdict v;
    tsp_token_read(&A, built(o), &t);
    struct digest covered = {0};
    if (t.imprint_alg != DIGEST_NONE)
        covered = digest_of(t.imprint_alg, CONTENT);
    tsp_token_check(&A, &t, &covered, NULL, &v);
    ck_assert_msg(v.status == want && strcmp(v.code, code) == 0, "line %d: %s %s, want %s", line,
                  cms_status_name(v.status), v.code, code);
}
#define EXPECT(o, want, code) expect(__LINE__, o, want, code)
/* A function, so that each case does not take room on the stack of the test. */
static void expect_info(int line, const struct test_id *tsa, const struct info *i, enum cms_status want,
                        const char *code)
{
    struct order o = token_order(tsa, info_der(i));
    expect(line, &o, want, code);
}
#define INFO(want, code, ...) expect_info(__LINE__, &ca.tsa, &(const struct info){__VA_ARGS__}, want, code)

static void expect_weak(const struct test_id *tsa)
{
    struct tsp_token t;
    struct tsp_verdict v;
    struct order old = token_order(
            tsa, info_der(&(struct info){.imprint = imprint("1.3.14.3.2.26", raw_digest("SHA1", CONTENT))}));
    struct digest sha1 = digest_of(DIGEST_SHA1, CONTENT);
    tsp_token_read(&A, built(&old), &t);
    tsp_token_check(&A, &t, &sha1, NULL, &v);
    ck_assert(v.status == CMS_OK && v.weak);
}

TEST(what_a_token_says)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    struct sv hash = raw_digest("SHA256", CONTENT), yes = arena_sv(&A, SV("\xff")), micros = sv_of("\x01\xf4", 2);
    INFO(CMS_OK, "", .version = 0);
    INFO(CMS_TST_BAD, "tst_info", .version = 2);
    INFO(CMS_OK, "",
         .accuracy = der_seq(&A, der_int(&A, 1), der_tlv(&A, DER_CTXP(0), micros), der_tlv(&A, DER_CTXP(1), micros)));
    INFO(CMS_OK, "", .accuracy = der_seq(&A, der_tlv(&A, DER_CTXP(1), micros)));
    INFO(CMS_TST_BAD, "tst_info", .accuracy = der_seq(&A, der_int(&A, -1)));
    INFO(CMS_TST_BAD, "tst_info",
         .accuracy = der_seq(&A, der_tlv(&A, DER_CTXP(0), sv_of("\x03\xe8", 2)))); /* 1000 ms */
    INFO(CMS_OK, "", .ordering = der_tlv(&A, DER_BOOLEAN, yes), .nonce = der_int(&A, 5));
    INFO(CMS_OK, "", .tsa = der_tlv(&A, DER_CTX(0), der_tlv(&A, DER_CTX(4), ca.root.cert->subject_der)));
    INFO(CMS_OK, "", .time = der_tlv(&A, DER_GENERAL_TIME, SV("20260301000000.5Z")));
    INFO(CMS_TST_BAD, "tst_info", .time = der_time_x509(&A, TEST_NOW)); /* a UTCTime */
    INFO(CMS_TST_BAD, "tst_info", .time = der_tlv(&A, DER_GENERAL_TIME, SV("20260331250000Z")));
    INFO(CMS_TST_BAD, "tsa_validity", .time = der_time_general(&A, TEST_NOW - 2 * TEST_DAY, false));
    INFO(CMS_TST_BAD, "tsa_validity", .time = der_time_general(&A, TEST_NOW + 400 * TEST_DAY, false));
    INFO(CMS_OK, "", .time = der_time_general(&A, ca.tsa.cert->not_after_at + 900, true)); /* within the last second */
    INFO(CMS_TST_BAD, "imprint_mismatch", .imprint = imprint("2.16.840.1.101.3.4.2.1", raw_digest("SHA256", SV("x"))));
    INFO(CMS_TST_BAD, "tst_info", .imprint = imprint("2.16.840.1.101.3.4.2.3", hash)); /* not of that length */
    INFO(CMS_UNSUPPORTED, "imprint_algorithm_unknown", .imprint = imprint("1.3.36.3.2.2", hash));
    INFO(CMS_OK, "", .imprint = imprint("1.2.156.10197.1.401", raw_digest("SM3", CONTENT)));
    INFO(CMS_OK, "", .extensions = der_tlv(&A, DER_CTX(1), extension_der(&A, "1.3.6.1.5.5.7.1.3", false, der_null())));
    INFO(CMS_UNSUPPORTED, "tst_extension",
         .extensions = der_tlv(&A, DER_CTX(1), extension_der(&A, "1.2.3.4", true, der_null())));
    expect_weak(&ca.tsa);
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(how_a_token_is_signed)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    struct sv info = info_der(&(struct info){0}), right = raw_digest("SHA1", ca.tsa.cert->der),
              wrong = raw_digest("SHA1", ca.root.cert->der);
    struct order o = token_order(&ca.tsa, info);
    o.no_cert_attr = true;
    EXPECT(&o, CMS_TST_BAD, "signing_certificate_missing");
    o.attrs[0] = ess(OID_SIGNING_CERT, NONE, right, issuer_serial(ca.tsa.cert->issuer_der, ca.tsa.cert));
    EXPECT(&o, CMS_OK, "");
    o.attrs[0] = ess(OID_SIGNING_CERT, NONE, wrong, NONE);
    EXPECT(&o, CMS_TST_BAD, "signing_certificate_differs");
    o.attrs[0] = ess(OID_SIGNING_CERT_V2, alg("2.16.840.1.101.3.4.2.3", false), raw_digest("SHA512", ca.tsa.cert->der),
                     NONE);
    EXPECT(&o, CMS_OK, "");
    o.attrs[0] = ess(OID_SIGNING_CERT_V2, NONE, digest_sv(&ca.root.cert->sha256), NONE);
    EXPECT(&o, CMS_TST_BAD, "signing_certificate_differs");
    o = token_order(&ca.tsa, info);
    o.bare = true;
    EXPECT(&o, CMS_TST_BAD, "attributes_missing");
    o = token_order(&ca.tsa, info);
    o.content_oid = OID_DATA;
    o.version = 1;
    EXPECT(&o, CMS_TST_BAD, "content_type_unexpected");
    o = token_order(&ca.tsa, info);
    o.version = 1; /* RFC 3161 tokens are version 3; a damaged number is not passed over */
    EXPECT(&o, CMS_UNSUPPORTED, "version");
    o = token_order(&ca.signer, info);
    EXPECT(&o, CMS_TST_BAD, "tsa_usage");
    /* a token on the token: nothing protects it, it is told and not followed */
    o = token_order(&ca.tsa, info);
    o.unsigned_attrs = attribute(OID_TIMESTAMP_TOKEN, built(&o));
    EXPECT(&o, CMS_OK, "");
    struct cms c;
    cms_read(&A, built(&o), CMS_TOKEN, &c);
    ck_assert(c.tokens.n == 0 && c.note_n == 1 && strcmp(c.note[0].code, "unsigned_attribute") == 0);
    test_ca_done(&ca);
    arena_done(&A);
}

/* Extended key usage: critical, and timeStamping alone (RFC 3161 2.3). */
TEST(whose_key_may_stamp)
{
    arena_init(&A, 64 << 20);
    static const struct {
        const char *first, *second;
        bool critical, good;
    } cases[] = {
            {"1.3.6.1.5.5.7.3.8", NULL, true, true},
            {"1.3.6.1.5.5.7.3.8", NULL, false, false},
            {"1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.4", true, false},
            {"1.3.6.1.5.5.7.3.4", NULL, true, false},
            {"2.5.29.37.0", NULL, true, false},
            {NULL, NULL, false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct test_id id = odd_id(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "prime256v1"), "1.2.840.10045.4.3.2");
        struct cert *c = arena_new(&A, struct cert);
        *c = *id.cert;
        /* The same certificate, as if it said this. */
        c->has_eku = cases[i].first != NULL;
        c->eku_critical = cases[i].critical;
        c->eku = (cases[i].first && strstr(cases[i].first, "3.8") ? EKU_TIMESTAMP : 0u) |
                 (cases[i].second ? EKU_EMAIL : 0u) |
                 (cases[i].first && !strstr(cases[i].first, "3.8") ? EKU_OTHER : 0u);
        struct tsp_token t;
        struct tsp_verdict v;
        struct order o = token_order(&id, info_der(&(struct info){0}));
        tsp_token_read(&A, built(&o), &t);
        t.cms.signer = c;
        struct digest covered = digest_of(DIGEST_SHA256, CONTENT);
        tsp_token_check(&A, &t, &covered, NULL, &v);
        ck_assert_msg(v.status == (cases[i].good ? CMS_OK : CMS_TST_BAD) &&
                              strcmp(v.code, cases[i].good ? "" : "tsa_usage") == 0,
                      "case %zu: %s", i, v.code);
        key_free(id.key);
    }
    arena_done(&A);
}

/* Several tokens on one signature: each must hold; the earliest that does proves the time. */
TEST(several_tokens)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_RSA_2048, &ca);
    struct order o = rsa_order(&ca.signer), stamp = rsa_order(&ca.tsa);
    struct sv value, tokens[3];
    struct err e = ERR_INIT;
    ASSERT_OK(cms_signature_value(&A, built(&o), &value, &e), e); /* PKCS#1 values repeat */
    for (int i = 0; i < 3; i++) {
        struct sv about = i < 2 ? value : SV("something else");
        stamp.content =
                info_der(&(struct info){.imprint = imprint("2.16.840.1.101.3.4.2.1", raw_digest("SHA256", about)),
                                        .time = der_time_general(&A, TEST_NOW + (i == 0 ? 5000 : 1000 * i), false)});
        stamp.content_oid = OID_TST_INFO;
        stamp.version = 3;
        tokens[i] = built(&stamp);
    }
    for (int bad = 0; bad < 2; bad++)
        for (int split = 0; split < 2; split++) {
            struct sv all = arena_concat(&A, tokens[0], tokens[1]);
            if (bad)
                all = arena_concat(&A, all, tokens[2]);
            o.unsigned_attrs = attribute(OID_TIMESTAMP_TOKEN, all);
            if (split) /* in attributes of their own */
                o.unsigned_attrs = arena_concat(
                        &A, attribute(OID_TIMESTAMP_TOKEN, tokens[0]),
                        attribute(OID_TIMESTAMP_TOKEN, arena_concat(&A, tokens[1], bad ? tokens[2] : NONE)));
            struct cms c;
            struct cms_verdict v;
            cms_read(&A, built(&o), CMS_CADES, &c);
            CLEANUP(cms_hash_cleanup) struct cms_hash *h = cms_hash_new(&c, NULL);
            cms_hash_add(h, CONTENT);
            cms_check(&A, &c, h, NULL, &v);
            ck_assert(v.token_n == (bad ? 3u : 2u) && v.earliest_at == TEST_NOW + 1000);
            ck_assert_msg(v.status == (bad ? CMS_TST_BAD : CMS_OK), "%s", v.problem_n ? v.problem[0].code : "");
        }
    test_ca_done(&ca);
    arena_done(&A);
}
