/* SignedData: what the writer writes and the reader accepts, what openssl says of it, and every looseness the reader
 * must refuse. */
#include "test.h"

#include <string.h>

#include "crypto/cms_priv.h"
#include "crypto/test_util.h"
#include "crypto/tsp.h"

static struct arena A;
static struct err E;
#define CONTENT SV("the bytes of a contract")

static const enum key_kind all_kinds[] = {KEY_RSA_2048, KEY_P256, KEY_P384, KEY_P521, KEY_SM2};

static struct cms_verdict check(struct sv cms, enum cms_profile profile, struct sv content, const struct certs *extra)
{
    struct cms c;
    struct cms_verdict v;
    cms_read(&A, cms, profile, &c);
    CLEANUP(cms_hash_cleanup) struct cms_hash *h = cms_hash_new(&c, extra);
    cms_hash_add(h, sv_sub(content, 0, 5));
    cms_hash_add(h, sv_skip(content, 5));
    cms_check(&A, &c, h, extra, &v);
    return v;
}

static const char *worst(const struct cms_verdict *v)
{
    for (size_t i = 0; i < v->problem_n; i++)
        if (v->problem[i].status == v->status)
            return v->problem[i].code;
    return "";
}

#define ASSERT_VERDICT(v, want_status, want_code)                                                                      \
    ck_assert_msg((v).status == (want_status) && strcmp(worst(&(v)), (want_code)) == 0, "got %s %s, want %s %s",       \
                  cms_status_name((v).status), worst(&(v)), cms_status_name(want_status), want_code)

static struct sv sign(const struct test_id *id, const struct cms_order *base)
{
    struct cms_order o = *base;
    struct sv der;
    o.signer = id->cert;
    enum digest_alg alg = o.digest != DIGEST_NONE ? o.digest : key_kind_digest(id->cert->key_kind);
    struct digest d = digest_of(alg, CONTENT);
    ASSERT_OK(o.no_attributes ? cms_sign_content(&A, &o, id->key, CONTENT, &der, &E)
                              : cms_sign(&A, &o, id->key, &d, &der, &E),
              E);
    return der;
}

TEST(every_algorithm_round_trips)
{
    arena_init(&A, 256 << 20);
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        struct test_ca ca;
        test_ca_make(&A, all_kinds[i], &ca);
        struct cms_order o = {0};
        certs_add(&A, &o.chain, ca.root.cert);
        struct sv der = sign(&ca.signer, &o);
        struct cms_verdict v = check(der, CMS_CADES, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_OK, "");
        ck_assert(cert_eq(v.signer, ca.signer.cert) && !v.weak && v.problem_n == 0);
        v = check(der, CMS_CADES, SV("the bytes of a Contract"), NULL);
        ASSERT_VERDICT(v, CMS_TAMPERED, "digest_differs");
        /* zero padding is fine, anything else is not */
        char padded[8192] = {0};
        memcpy(padded, der.p, der.n);
        v = check(sv_of(padded, sizeof(padded)), CMS_CADES, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_OK, "");
        padded[sizeof(padded) - 1] = 1;
        v = check(sv_of(padded, sizeof(padded)), CMS_CADES, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_BROKEN, "trailing_bytes");
        /* adbe.pkcs7.detached with a signing time, and without attributes */
        o.signing_time_at = TEST_NOW;
        struct cms c;
        der = sign(&ca.signer, &o);
        cms_read(&A, der, CMS_ADBE, &c);
        ck_assert(c.signing_time_at == TEST_NOW && c.certs.n == 2);
        v = check(der, CMS_ADBE, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_OK, "");
        v = check(der, CMS_CADES, CONTENT, NULL);
        ck_assert(v.status == CMS_OK && v.problem_n == 1 && strcmp(v.problem[0].code, "signing_time_in_cades") == 0);
        struct cms_order bare = {.no_attributes = true};
        der = sign(&ca.signer, &bare);
        v = check(der, CMS_ADBE, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_OK, "");
        v = check(der, CMS_CADES, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_BROKEN, "attributes_missing");
        v = check(der, CMS_ADBE, SV("the bytes of a Contract"), NULL);
        ASSERT_VERDICT(v, all_kinds[i] == KEY_RSA_2048 ? CMS_TAMPERED : CMS_BROKEN,
                       all_kinds[i] == KEY_RSA_2048 ? "digest_differs" : "signature_wrong");
        test_ca_done(&ca);
    }
    arena_done(&A);
}

TEST(digests_and_pss)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_RSA_2048, &ca);
    static const enum digest_alg algs[] = {DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};
    for (size_t i = 0; i < COUNT(algs); i++)
        for (int pss = 0; pss < 2; pss++) {
            struct cms_order o = {.digest = algs[i], .scheme = pss ? SIG_RSA_PSS : SIG_RSA_PKCS1};
            struct cms_verdict v = check(sign(&ca.signer, &o), CMS_CADES, CONTENT, NULL);
            ASSERT_VERDICT(v, CMS_OK, "");
            ASSERT_SV(v.algorithm, arena_printf(&A, "%s-%s", pss ? "rsa-pss" : "rsa-pkcs1", digest_name(algs[i])));
        }
    struct cms_order wrong = {.signer = ca.signer.cert, .scheme = SIG_ECDSA};
    struct digest d = digest_of(DIGEST_SHA256, CONTENT);
    struct cms_draft draft;
    ck_assert(!cms_draft(&A, &wrong, &d, &draft, &E) && strcmp(E.reason, "sign_algorithm") == 0);
    wrong = (struct cms_order){.signer = ca.root.cert};
    ck_assert(!cms_draft(&A, &wrong, &d, &draft, &E) && strcmp(E.reason, "sign_certificate") == 0);
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(gm_family)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_SM2, &ca);
    for (int bare = 0; bare < 2; bare++) {
        struct cms_order o = {.gm_oids = true, .no_attributes = bare};
        struct sv der = sign(&ca.signer, &o);
        struct cms c;
        cms_read(&A, der, CMS_ADBE, &c);
        ck_assert(c.gm_oids && c.status == CMS_OK && c.scheme == SIG_SM2);
        ASSERT_SV(c.content_type, SV(OID_GM_DATA));
        struct cms_verdict v = check(der, CMS_ADBE, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_OK, "");
        v = check(der, CMS_GM, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_OK, "");
        /* The SM3 digest of the bytes as eContent: fine for CMS_GM only, and only when it is that digest. */
        struct digest inside = digest_of(DIGEST_SM3, CONTENT);
        o.content = digest_sv(&inside);
        o.signer = ca.signer.cert;
        struct digest d = digest_of(DIGEST_SM3, o.content);
        ASSERT_OK(bare ? cms_sign_content(&A, &o, ca.signer.key, o.content, &der, &E)
                       : cms_sign(&A, &o, ca.signer.key, &d, &der, &E),
                  E);
        v = check(der, CMS_GM, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_OK, "");
        v = check(der, CMS_GM, SV("other bytes"), NULL);
        ASSERT_VERDICT(v, CMS_TAMPERED, "content_differs");
        v = check(der, CMS_ADBE, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_BROKEN, "content_inside");
    }
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(two_step_signing_checks_the_value)
{
    arena_init(&A, 64 << 20);
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        struct test_ca ca;
        test_ca_make(&A, all_kinds[i], &ca);
        struct cms_order o = {.signer = ca.signer.cert};
        struct digest d = digest_of(key_kind_digest(all_kinds[i]), CONTENT);
        struct cms_draft draft;
        struct sv sig, der;
        ASSERT_OK(cms_draft(&A, &o, &d, &draft, &E), E);
        ASSERT_OK(key_sign_digest(&A, ca.signer.key, draft.order.scheme, &draft.tbs_digest, &sig, &E), E);
        ASSERT_OK(cms_finish(&A, &draft, sig, &der, &E), E);
        struct cms_verdict v = check(der, CMS_CADES, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_OK, "");
        ASSERT_OK(key_sign_digest(&A, ca.tsa.key, draft.order.scheme, &draft.tbs_digest, &sig, &E), E);
        ck_assert(!cms_finish(&A, &draft, sig, &der, &E) && strcmp(E.reason, "sign_value") == 0);
        test_ca_done(&ca);
    }
    arena_done(&A);
}

TEST(openssl_program_verifies_our_output)
{
    arena_init(&A, 64 << 20);
    const char *dir = NULL;
    ASSERT_OK(dir_temp(&A, "cms", &dir, &E), E);
    static const enum key_kind kinds[] = {KEY_RSA_2048, KEY_P256, KEY_P384, KEY_P521};
    for (size_t i = 0; i < COUNT(kinds); i++)
        for (int pss = 0; pss < (kinds[i] == KEY_RSA_2048 ? 2 : 1); pss++) {
            struct test_ca ca;
            test_ca_make(&A, kinds[i], &ca);
            struct cms_order o = {.scheme = pss ? SIG_RSA_PSS : SIG_NONE};
            const char *root = path_join(&A, dir, "root.pem"), *cms = path_join(&A, dir, "cms.der"),
                       *doc = path_join(&A, dir, "doc");
            ASSERT_OK(file_write(root, cert_pem(&A, ca.root.cert), 0600, &E), E);
            ASSERT_OK(file_write(cms, sign(&ca.signer, &o), 0600, &E), E);
            ASSERT_OK(file_write(doc, CONTENT, 0600, &E), E);
            ck_assert_int_eq(
                    run_quiet(
                            &A,
                            "openssl cms -verify -cades -binary -inform DER -in %s -content %s -CAfile %s -attime %lld "
                            "-purpose any",
                            cms, doc, root, (long long)(TEST_NOW / 1000)),
                    0);
            ASSERT_OK(file_write(doc, SV("something else"), 0600, &E), E);
            ck_assert_int_ne(
                    run_quiet(&A, "openssl cms -verify -binary -inform DER -in %s -content %s -CAfile %s -attime %lld",
                              cms, doc, root, (long long)(TEST_NOW / 1000)),
                    0);
            test_ca_done(&ca);
        }
    ASSERT_OK(dir_remove(dir, &E), E);
    arena_done(&A);
}

/* ---- malformed SignedData, built by taking a good one apart ---- */

struct pieces {
    struct sv version, digest_algs, encap, certs;                                  /* SignedData */
    struct sv info_version, sid, info_digest, attrs, sig_alg, sig, unsigned_attrs; /* SignerInfo; attrs is the body */
    struct sv more_infos;
};

static struct pieces take_apart(struct sv der)
{
    struct pieces p = {.unsigned_attrs = SV(""), .more_infos = SV("")};
    struct der outer = der_open(der), info = der_enter(&outer, DER_SEQ);
    der_take(&info, DER_OID);
    struct der wrap = der_enter(&info, DER_CTX(0)), data = der_enter(&wrap, DER_SEQ);
    p.version = der_take_all(&data, DER_INTEGER);
    p.digest_algs = der_take_all(&data, DER_SET);
    p.encap = der_take_all(&data, DER_SEQ);
    p.certs = der_take_all(&data, DER_CTX(0));
    struct der signers = der_enter(&data, DER_SET), s = der_enter(&signers, DER_SEQ);
    p.info_version = der_take_all(&s, DER_INTEGER);
    p.sid = der_take_all(&s, DER_SEQ);
    p.info_digest = der_take_all(&s, DER_SEQ);
    p.attrs = der_take(&s, DER_CTX(0));
    p.sig_alg = der_take_all(&s, DER_SEQ);
    p.sig = der_take(&s, DER_OCTETS);
    ck_assert(der_done(&s));
    return p;
}

static struct sv put_together(const struct pieces *p)
{
    struct sv info = der_seq(&A, p->info_version, p->sid, p->info_digest, der_tlv(&A, DER_CTX(0), p->attrs), p->sig_alg,
                             der_tlv(&A, DER_OCTETS, p->sig), p->unsigned_attrs);
    struct sv data =
            der_seq(&A, p->version, p->digest_algs, p->encap, p->certs, der_make(&A, DER_SET, info, p->more_infos));
    return der_seq(&A, der_oid(&A, OID_SIGNED_DATA), der_tlv(&A, DER_CTX(0), data));
}

/* Signs attrs anew, so that only the looseness itself is wrong. */
static void resign(struct pieces *p, const struct test_id *id)
{
    ASSERT_OK(key_sign(&A, id->key, key_kind_scheme(id->cert->key_kind), key_kind_digest(id->cert->key_kind),
                       der_tlv(&A, DER_SET, p->attrs), &p->sig, &E),
              E);
}

static struct sv attribute(const char *oid, struct sv value)
{
    return der_seq(&A, der_oid(&A, oid), der_tlv(&A, DER_SET, value));
}

static struct sv sorted(struct sv *items, size_t n)
{
    struct sv set = der_set_of(&A, DER_SET, items, n);
    struct der d = der_open(set);
    return der_take(&d, DER_SET);
}

/* The attributes of p with one more, in DER order, or with one kind left out. */
static struct sv attrs_with(const struct pieces *p, struct sv more, const char *without)
{
    struct sv items[16];
    size_t n = 0;
    struct der d = der_open(p->attrs);
    struct der_item item;
    while (der_next(&d, &item)) {
        struct der at = der_open(item.body);
        if (!without || !sv_eq(der_take_all(&at, DER_OID), der_oid(&A, without)))
            items[n++] = item.all;
    }
    if (more.n)
        items[n++] = more;
    return sorted(items, n);
}

TEST(each_looseness_is_refused)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    struct cms_order o = {0};
    struct sv good = sign(&ca.signer, &o);
    const struct pieces g = take_apart(good);
    struct cms_verdict v;
    ASSERT_SV(put_together(&g), good);

    struct pieces p = g; /* eContent beside detached content */
    p.encap = der_seq(&A, der_oid(&A, OID_DATA), der_tlv(&A, DER_CTX(0), der_tlv(&A, DER_OCTETS, CONTENT)));
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "content_inside");

    p = g; /* several SignerInfos, none */
    p.more_infos = der_seq(&A, g.info_version, g.sid, g.info_digest, der_tlv(&A, DER_CTX(0), g.attrs), g.sig_alg,
                           der_tlv(&A, DER_OCTETS, g.sig));
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "several_signers");
    struct sv none = der_seq(&A, g.version, g.digest_algs, g.encap, g.certs, der_tlv(&A, DER_SET, SV("")));
    v = check(der_seq(&A, der_oid(&A, OID_SIGNED_DATA), der_tlv(&A, DER_CTX(0), none)), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "no_signer");

    p = g; /* a signature OID as digestAlgorithm */
    p.info_digest = der_seq(&A, der_oid(&A, "1.2.840.10045.4.3.2"));
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "digest_is_signature_oid");

    p = g; /* a signature OID that names another digest */
    p.sig_alg = der_seq(&A, der_oid(&A, "1.2.840.10045.4.3.3"));
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "digests_differ");

    p = g; /* the digest is not in the list */
    p.digest_algs = der_tlv(&A, DER_SET, der_seq(&A, der_oid(&A, digest_oid(DIGEST_SHA512))));
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "digest_not_listed");

    p = g; /* attributes not in DER order, signed as they stand */
    struct der d = der_open(g.attrs);
    struct der_item first;
    ck_assert(der_next(&d, &first));
    p.attrs = arena_concat(&A, d.rest, first.all);
    resign(&p, &ca.signer);
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "attributes_order");

    p = g; /* a signed attribute twice */
    p.attrs = attrs_with(&g, attribute(OID_CONTENT_TYPE, der_oid(&A, OID_DATA)), NULL);
    resign(&p, &ca.signer);
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "attribute_twice");

    static const struct {
        const char *oid, *code;
    } missing[] = {
            {OID_CONTENT_TYPE,    "content_type_missing"       },
            {OID_MESSAGE_DIGEST,  "message_digest_missing"     },
            {OID_SIGNING_CERT_V2, "signing_certificate_missing"}
    };
    for (size_t i = 0; i < COUNT(missing); i++) {
        p = g;
        p.attrs = attrs_with(&g, SV(""), missing[i].oid);
        resign(&p, &ca.signer);
        v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
        ASSERT_VERDICT(v, CMS_BROKEN, missing[i].code);
    }

    p = g; /* contentType of something else */
    p.attrs = attrs_with(&g, attribute(OID_CONTENT_TYPE, der_oid(&A, OID_TST_INFO)), OID_CONTENT_TYPE);
    resign(&p, &ca.signer);
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "content_type_differs");

    p = g; /* signingCertificateV2 of another certificate */
    struct sv hash = digest_sv(&ca.tsa.cert->sha256);
    p.attrs = attrs_with(
            &g, attribute(OID_SIGNING_CERT_V2, der_seq(&A, der_seq(&A, der_seq(&A, der_tlv(&A, DER_OCTETS, hash))))),
            OID_SIGNING_CERT_V2);
    resign(&p, &ca.signer);
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "signing_certificate_differs");
    v = check(put_together(&p), CMS_ADBE, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "signing_certificate_differs");

    p = g; /* cmsAlgorithmProtect of other algorithms */
    p.attrs =
            attrs_with(&g,
                       attribute(OID_ALG_PROTECT, der_seq(&A, der_seq(&A, der_oid(&A, digest_oid(DIGEST_SHA256))),
                                                          der_tlv(&A, DER_CTX(1), der_oid(&A, "1.2.840.10045.4.3.3")))),
                       OID_ALG_PROTECT);
    resign(&p, &ca.signer);
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "algorithm_protection");

    p = g; /* EdDSA, and an unknown digest: not implemented, not broken */
    p.sig_alg = der_seq(&A, der_oid(&A, "1.3.101.112"));
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_UNSUPPORTED, "signature_algorithm_unknown");
    p = g;
    p.info_digest = der_seq(&A, der_oid(&A, "1.3.36.3.2.2"));
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_UNSUPPORTED, "digest_unknown");

    p = g; /* an RSA identifier over an EC key */
    p.sig_alg = der_seq(&A, der_oid(&A, "1.2.840.113549.1.1.11"), der_null());
    p.attrs = attrs_with(&g, SV(""), OID_ALG_PROTECT);
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "key_does_not_fit");

    p = g; /* the certificate is elsewhere, or nowhere */
    p.certs = SV("");
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "signer_certificate_missing");
    struct certs extra = {0};
    certs_add(&A, &extra, ca.signer.cert);
    v = check(put_together(&p), CMS_CADES, CONTENT, &extra);
    ASSERT_VERDICT(v, CMS_OK, "");

    p = g; /* another signature value */
    ASSERT_OK(key_sign(&A, ca.tsa.key, SIG_ECDSA, DIGEST_SHA256, der_tlv(&A, DER_SET, g.attrs), &p.sig, &E), E);
    v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "signature_wrong");
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(pss_with_unequal_hashes_is_refused)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_RSA_2048, &ca);
    struct cms_order o = {.scheme = SIG_RSA_PSS};
    struct pieces p = take_apart(sign(&ca.signer, &o));
    struct sv h256 = der_seq(&A, der_oid(&A, digest_oid(DIGEST_SHA256))),
              h384 = der_seq(&A, der_oid(&A, digest_oid(DIGEST_SHA384)));
    struct sv mgf = der_seq(&A, der_oid(&A, "1.2.840.113549.1.1.8"), h384);
    struct sv params = der_seq(&A, der_tlv(&A, DER_CTX(0), h256), der_tlv(&A, DER_CTX(1), mgf),
                               der_tlv(&A, DER_CTX(2), der_int(&A, 32)));
    p.sig_alg = der_seq(&A, der_oid(&A, "1.2.840.113549.1.1.10"), params);
    struct cms_verdict v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "pss_hashes_differ");
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(sm2_with_an_empty_id_is_broken)
{
    /* openssl cms would accept this and reject ours: it signs with the empty identifier when none is set. */
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_SM2, &ca);
    const char *dir = NULL;
    ASSERT_OK(dir_temp(&A, "sm2", &dir, &E), E);
    struct cms_order o = {0};
    struct pieces p = take_apart(sign(&ca.signer, &o));
    CLEANUP(secret_cleanup) struct secret *pem = key_to_pem(ca.signer.key, SV(""));
    const char *key = path_join(&A, dir, "key.pem"), *tbs = path_join(&A, dir, "tbs"), *out = path_join(&A, dir, "sig");
    ASSERT_OK(file_write(key, secret_view(pem), 0600, &E), E);
    ASSERT_OK(file_write(tbs, der_tlv(&A, DER_SET, p.attrs), 0600, &E), E);
    static const char *const ids[] = {"", "-pkeyopt distid:other", "-pkeyopt distid:1234567812345678"};
    for (size_t i = 0; i < COUNT(ids); i++) {
        ck_assert_int_eq(run_quiet(&A, "openssl pkeyutl -sign -inkey %s -rawin -digest sm3 %s -in %s -out %s", key,
                                   ids[i], tbs, out),
                         0);
        ASSERT_OK(file_read(&A, out, 1 << 16, &p.sig, &E), E);
        struct cms_verdict v = check(put_together(&p), CMS_CADES, CONTENT, NULL);
        ASSERT_VERDICT(v, i == 2 ? CMS_OK : CMS_BROKEN, i == 2 ? "" : "signature_wrong");
    }
    ASSERT_OK(dir_remove(dir, &E), E);
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(openssl_output_is_read)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    const char *dir = NULL;
    ASSERT_OK(dir_temp(&A, "cms", &dir, &E), E);
    CLEANUP(secret_cleanup) struct secret *pem = key_to_pem(ca.signer.key, SV(""));
    const char *key = path_join(&A, dir, "key.pem"), *cert = path_join(&A, dir, "cert.pem"),
               *doc = path_join(&A, dir, "doc"), *out = path_join(&A, dir, "out");
    ASSERT_OK(file_write(key, secret_view(pem), 0600, &E), E);
    ASSERT_OK(file_write(cert, cert_pem(&A, ca.signer.cert), 0600, &E), E);
    ASSERT_OK(file_write(doc, CONTENT, 0600, &E), E);
    static const struct {
        const char *options;
        enum cms_profile profile;
        enum cms_status status;
        size_t notes;
    } cases[] = {
            {"-cades",                   CMS_CADES, CMS_OK,     1 /* signingTime */},
            {"-cades -stream -nodetach", CMS_ADBE,  CMS_BROKEN, 0                  },
            {"-keyid",                   CMS_ADBE,  CMS_OK,     0                  },
            {"-noattr",                  CMS_ADBE,  CMS_OK,     0                  },
            {"",                         CMS_CADES, CMS_BROKEN, 0                  },
            {"-cades -nodetach",         CMS_CADES, CMS_BROKEN, 0                  },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_int_eq(
                run_quiet(&A,
                          "openssl cms -sign -binary -md sha256 -in %s -inkey %s -signer %s -outform DER -out %s %s",
                          doc, key, cert, out, cases[i].options),
                0);
        struct sv der;
        ASSERT_OK(file_read(&A, out, 1 << 20, &der, &E), E);
        struct cms_verdict v = check(der, cases[i].profile, CONTENT, NULL);
        ck_assert_msg(v.status == cases[i].status && (v.status != CMS_OK || v.problem_n == cases[i].notes), "%s: %s %s",
                      cases[i].options, cms_status_name(v.status), worst(&v));
    }
    ASSERT_OK(dir_remove(dir, &E), E);
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(indefinite_lengths_are_tolerated_and_noted)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    struct cms_order o = {0};
    struct sv good = sign(&ca.signer, &o);
    struct der outer = der_open(good);
    struct sv body = der_take(&outer, DER_SEQ), ends = sv_of("\0\0\0\0\0\0", 6);
    struct sv ber = arena_concat(&A, arena_concat(&A, SV("\x30\x80"), body), ends); /* and four bytes of padding */
    struct cms_verdict v = check(ber, CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_OK, "indefinite_length");
    struct cms c;
    cms_read(&A, ber, CMS_CADES, &c);
    ASSERT_SV(c.der, good);
    v = check(sv_sub(ber, 0, ber.n - 5), CMS_CADES, CONTENT, NULL);
    ASSERT_VERDICT(v, CMS_BROKEN, "structure");
    test_ca_done(&ca);
    arena_done(&A);
}

/* A flipped bit is refused, or changes nothing of what is said: same signer, same signature. */
TEST(flipped_bits_never_change_the_meaning)
{
    struct arena keep;
    arena_init(&keep, 64 << 20);
    arena_init(&A, 256 << 20);
    static const enum key_kind kinds[] = {KEY_P256, KEY_SM2};
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct test_ca ca;
        test_ca_make(&keep, kinds[k], &ca);
        struct cms_order o = {0};
        struct sv good = arena_sv(&keep, sign(&ca.signer, &o));
        struct cms c;
        cms_read(&keep, good, CMS_CADES, &c);
        size_t accepted = 0;
        for (size_t i = 0; i < good.n; i++) {
            arena_done(&A);
            arena_init(&A, 64 << 20);
            struct sv bad = arena_sv(&A, good);
            ((char *)bad.p)[i] ^= (char)(1 << (i * 7 + 3) % 8);
            struct cms_verdict v = check(bad, CMS_CADES, CONTENT, NULL);
            if (v.status != CMS_OK)
                continue;
            struct cms other;
            cms_read(&A, bad, CMS_CADES, &other);
            accepted++;
            ck_assert_msg(cert_eq(v.signer, ca.signer.cert) && sv_eq(other.signature, c.signature) &&
                                  sv_eq(other.attributes, c.attributes),
                          "byte %zu", i);
        }
        ck_assert_uint_le(accepted, 4); /* the version numbers */
        test_ca_done(&ca);
    }
    arena_done(&A);
    arena_done(&keep);
}
