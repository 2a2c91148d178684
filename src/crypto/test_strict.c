/* SignedData as others write it, and as nobody may: each sentence of RFC 5652, RFC 5035, ISO 32000-2 12.8.3.3 and GB/T
 * 35275 that the reader is held to, on bytes made here piece by piece, signed with the library's plain functions. */
#include "test.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/alg_priv.h"
#include "crypto/cms_priv.h"
#include "crypto/issue_priv.h"
#include "crypto/ossl_priv.h"
#include "crypto/revocation.h"
#include "crypto/test_order.h"
#include "crypto/tsp.h"

static struct err E;

static struct cms_verdict check(struct sv cms, enum cms_profile profile, struct sv bytes)
{
    struct cms c;
    struct cms_verdict v;
    cms_read(&A, cms, profile, &c);
    CLEANUP(cms_hash_cleanup) struct cms_hash *h = cms_hash_new(&c, NULL);
    cms_hash_add(h, bytes);
    cms_check(&A, &c, h, NULL, &v);
    return v;
}

static bool says(const struct cms_verdict *v, const char *code)
{
    for (size_t i = 0; i < v->problem_n; i++)
        if (strcmp(v->problem[i].code, code) == 0)
            return true;
    return false;
}

/* The verdict; code "" means that nothing is noted at all. */
static void expect_bytes(int line, struct sv cms, enum cms_profile profile, struct sv bytes, enum cms_status want,
                         const char *code, bool weak)
{
    struct cms_verdict v = check(cms, profile, bytes);
    ck_assert_msg(v.status == want && v.weak == weak && (code[0] ? says(&v, code) : v.problem_n == 0),
                  "line %d: %s%s, %s; want %s, %s", line, cms_status_name(v.status), v.weak ? " weak" : "",
                  v.problem_n ? v.problem[0].code : "nothing", cms_status_name(want), code);
}

#define EXPECT(order, want, code)      expect_bytes(__LINE__, built(order), (order)->profile, CONTENT, want, code, false)
#define EXPECT_WEAK(order, want, code) expect_bytes(__LINE__, built(order), (order)->profile, CONTENT, want, code, true)

/* ---- algorithms ---- */

TEST(old_digests_are_weak_and_verified)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_RSA_2048, &ca);
    static const struct {
        const char *md, *md_oid, *sig_oid;
        bool weak;
    } cases[] = {
            {"MD5", "1.2.840.113549.2.5", "1.2.840.113549.1.1.4", true},
            {"SHA1", "1.3.14.3.2.26", "1.2.840.113549.1.1.5", true},
            {"SHA1", "1.3.14.3.2.26", "1.3.14.3.2.29", true},
            {"MD5", "1.2.840.113549.2.5", "1.2.840.113549.1.1.1", true},
            {"SHA1", "1.3.14.3.2.26", "1.2.840.113549.1.1.1", true},
            {"RIPEMD160", "1.3.36.3.2.1", "1.3.36.3.3.1.2", false},
            {"SHA224", "2.16.840.1.101.3.4.2.4", "1.2.840.113549.1.1.14", false},
            {"SHA256", "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.1", false},
            {"SHA512", "2.16.840.1.101.3.4.2.3", "1.2.840.113549.1.1.13", false},
            {"SHA3-256", "2.16.840.1.101.3.4.2.8", "2.16.840.1.101.3.4.3.14", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int form = 0; form < 8; form++) {
            struct order o = rsa_order(&ca.signer);
            o.profile = CMS_ADBE;
            o.md = cases[i].md;
            o.md_oid = cases[i].md_oid;
            o.sig_oid = cases[i].sig_oid;
            o.null_digest = form & 1; /* all four ways of writing the parameters are met in files */
            o.null_sig = form & 2;
            o.bare = form & 4;
            if (cases[i].weak)
                EXPECT_WEAK(&o, CMS_OK, "");
            else
                EXPECT(&o, CMS_OK, "");
        }
    struct order o = rsa_order(&ca.signer);
    o.sig_oid = "1.2.840.113549.1.1.5"; /* names SHA-1 beside SHA-256 */
    EXPECT(&o, CMS_BROKEN, "digests_differ");
    o = rsa_order(&ca.signer);
    o.md_oid = "1.2.840.113549.1.1.11";
    EXPECT(&o, CMS_BROKEN, "digest_is_signature_oid");
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(short_keys_are_weak)
{
    arena_init(&A, 64 << 20);
    struct test_id id = odd_id(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024), "1.2.840.113549.1.1.11");
    struct order o = rsa_order(&id);
    EXPECT_WEAK(&o, CMS_OK, "");
    key_free(id.key);
    arena_done(&A);
}

/* Curves beyond the table of the specification hold as well as those in it; made-up ones are no keys at all. */
TEST(other_curves_and_kinds_of_keys)
{
    arena_init(&A, 64 << 20);
    static const char *const curves[] = {"secp256k1", "brainpoolP256r1", "brainpoolP384r1"};
    for (size_t i = 0; i < COUNT(curves); i++) {
        struct test_id id = odd_id(EVP_PKEY_Q_keygen(NULL, NULL, "EC", curves[i]), "1.2.840.10045.4.3.2");
        ck_assert_int_eq(id.cert->key_kind, KEY_EC_OTHER);
        struct order o = ec_order(&id);
        EXPECT(&o, CMS_OK, "");
        key_free(id.key);
    }
    struct test_id small = odd_id(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "prime192v1"), "1.2.840.10045.4.3.2");
    struct order o = ec_order(&small);
    EXPECT_WEAK(&o, CMS_OK, "");
    key_free(small.key);

    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "prime256v1");
    ck_assert(EVP_PKEY_set_utf8_string_param(pkey, "encoding", "explicit") == 1);
    struct test_id made_up = odd_id(pkey, "1.2.840.10045.4.3.2");
    ck_assert_int_eq(made_up.cert->key_kind, KEY_OTHER);
    o = ec_order(&made_up);
    EXPECT(&o, CMS_UNSUPPORTED, "key_kind");
    key_free(made_up.key);

    struct test_id ed = odd_id(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "1.3.101.112");
    ck_assert_int_eq(ed.cert->key_kind, KEY_OTHER);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    o = ec_order(
            &ca.signer); /* signed by whomever: the key in the certificate decides, before any value is looked at */
    o.sig_oid = "1.3.101.112";
    o.certs = ed.cert->der;
    EXPECT(&o, CMS_UNSUPPORTED, "signature_algorithm_unknown");
    o.sig_oid = "2.16.840.1.101.3.4.3.2"; /* DSA */
    EXPECT(&o, CMS_UNSUPPORTED, "signature_algorithm_unknown");
    key_free(ed.key);
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(sm2_is_sm2_with_sm3_and_the_agreed_identifier)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_SM2, &ca);
    static const char *const ids[] = {NULL, "", "1234567812345679", "somebody@example.test"};
    static const char *const oids[] = {"1.2.156.10197.1.501", "1.2.156.10197.1.301.1", "1.2.156.10197.1.301",
                                       "1.2.840.10045.2.1"};
    for (int bare = 0; bare < 2; bare++)
        for (int gm = 0; gm < 2; gm++) {
            for (size_t i = 0; i < COUNT(oids); i++) {
                struct order o = sm2_order(&ca.signer);
                o.profile = CMS_ADBE;
                o.bare = bare;
                o.sig_oid = oids[i];
                o.outer_oid = gm ? OID_GM_SIGNED_DATA : NULL;
                o.content_oid = gm ? OID_GM_DATA : NULL;
                EXPECT(&o, CMS_OK, "");
                o.null_sig = o.null_digest = true;
                EXPECT(&o, CMS_OK, "");
            }
            for (size_t i = 1; i < COUNT(ids); i++) {
                struct order o = sm2_order(&ca.signer);
                o.profile = CMS_ADBE;
                o.bare = bare;
                o.sm2_id = ids[i];
                EXPECT(&o, CMS_BROKEN, "signature_wrong");
            }
        }
    struct order o = sm2_order(&ca.signer);
    o.md_oid = "1.2.156.10197.1.401.1"; /* the other name of SM3 */
    EXPECT(&o, CMS_OK, "");
    o = sm2_order(&ca.signer);
    o.md_oid = "2.16.840.1.101.3.4.2.1"; /* SHA-256 beside an identifier that says SM3: a contradiction */
    EXPECT_WEAK(&o, CMS_BROKEN, "digests_differ");
    o.sig_oid = "1.2.156.10197.1.301.1"; /* SM2 with SHA-256: an algorithm that we do not have, and weak */
    EXPECT_WEAK(&o, CMS_UNSUPPORTED, "signature_algorithm_unknown");
    o.sig_oid = "1.2.156.10197.1.503";
    expect_bytes(__LINE__, built(&o), CMS_ADBE, CONTENT, CMS_UNSUPPORTED, "signature_algorithm_unknown", false);
    test_ca_done(&ca);
    arena_done(&A);
}

/* ---- which certificate ---- */

TEST(the_signer_is_found_by_either_name)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    struct order o = ec_order(&ca.signer);
    o.by_key_id = true;
    EXPECT(&o, CMS_OK, "");
    o.version = 1; /* as PKCS#7 has it */
    o.profile = CMS_ADBE;
    EXPECT(&o, CMS_OK, "");
    o = ec_order(&ca.signer);
    o.by_key_id = true;
    o.sid = der_tlv(&A, DER_CTXP(0), SV("another key id 20 by"));
    EXPECT(&o, CMS_BROKEN, "signer_certificate_missing");
    o = ec_order(&ca.signer);
    o.sid = der_seq(&A, ca.signer.cert->issuer_der, der_int(&A, 5));
    EXPECT(&o, CMS_BROKEN, "signer_certificate_missing");
    o.sid = der_seq(&A, ca.signer.cert->subject_der, serial_der(ca.signer.cert));
    EXPECT(&o, CMS_BROKEN, "signer_certificate_missing");
    /* The issuer's name taken apart and put together with another string type: C=CN is a PrintableString. */
    struct sv other = arena_sv(&A, ca.signer.cert->issuer_der);
    size_t at = sv_find(other, SV("\x13\x02"
                                  "CN"));
    ck_assert(at != SIZE_MAX);
    ((char *)other.p)[at] = DER_UTF8;
    o.sid = der_seq(&A, other, serial_der(ca.signer.cert));
    EXPECT(&o, CMS_OK, "");
    ((char *)other.p)[at + 3] = 'n';
    o.sid = der_seq(&A, other, serial_der(ca.signer.cert));
    EXPECT(&o, CMS_BROKEN, "signer_certificate_missing");
    /* Order and company do not matter: root and a stranger in front, an attribute certificate behind. */
    o = ec_order(&ca.signer);
    struct sv strangers = arena_concat(&A, ca.root.cert->der, ca.tsa.cert->der);
    o.certs = arena_concat(&A, strangers, ca.signer.cert->der);
    EXPECT(&o, CMS_OK, "");
    o.certs = arena_concat(&A, o.certs, der_tlv(&A, DER_CTX(2), der_int(&A, 1)));
    o.version = 4;
    EXPECT(&o, CMS_OK, "certificate_unreadable");
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(version_numbers)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    static const struct {
        int version, info_version;
        enum cms_status want;
    } cases[] = {
            {1, 1, CMS_OK},     {3, 1, CMS_UNSUPPORTED}, {4, 1, CMS_UNSUPPORTED},
            {9, 1, CMS_BROKEN}, {1, 3, CMS_UNSUPPORTED}, {1, 2, CMS_UNSUPPORTED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct order o = ec_order(&ca.signer);
        o.version = cases[i].version;
        o.info_version = cases[i].info_version;
        EXPECT(&o, cases[i].want, cases[i].want == CMS_OK ? "" : "version");
    }
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(signing_certificate_attributes)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    const struct cert *c = ca.signer.cert;
    struct sv mine = issuer_serial(c->issuer_der, c), sha1 = raw_digest("SHA1", c->der),
              sha512 = raw_digest("SHA512", c->der), sha256 = raw_digest("SHA256", c->der);
    struct sv utf8_name = arena_sv(&A, c->issuer_der);
    ((char *)utf8_name.p)[sv_find(utf8_name, SV("\x13\x02"
                                                "CN"))] = DER_UTF8;
    const struct {
        struct sv attribute;
        enum cms_status want;
        const char *code;
    } cases[] = {
            {ess(OID_SIGNING_CERT_V2, NONE, sha256, mine), CMS_OK, ""},
            {ess(OID_SIGNING_CERT_V2, alg("2.16.840.1.101.3.4.2.1", true), sha256, NONE), CMS_OK,
             ""}, /* default, said */
            {ess(OID_SIGNING_CERT_V2, alg("2.16.840.1.101.3.4.2.3", false), sha512, mine), CMS_OK, ""},
            {ess(OID_SIGNING_CERT_V2, alg("1.3.14.3.2.26", false), sha1, mine), CMS_OK, ""},
            {ess(OID_SIGNING_CERT_V2, NONE, sha256, issuer_serial(utf8_name, c)), CMS_OK, ""},
            {ess(OID_SIGNING_CERT, NONE, sha1, NONE), CMS_OK, ""},
            {ess(OID_SIGNING_CERT, NONE, sha1, mine), CMS_OK, ""},
            {ess(OID_SIGNING_CERT_V2, NONE, sha256, issuer_serial(c->subject_der, c)), CMS_BROKEN,
             "signing_certificate_differs"},
            {ess(OID_SIGNING_CERT_V2, NONE, sha256, issuer_serial(c->issuer_der, ca.tsa.cert)), CMS_BROKEN,
             "signing_certificate_differs"},
            {ess(OID_SIGNING_CERT_V2, NONE, sha512, NONE), CMS_BROKEN, "signing_certificate_differs"},
            {ess(OID_SIGNING_CERT_V2, alg("1.3.36.3.2.3", false), sha1, NONE), CMS_UNSUPPORTED, "digest_unknown"},
            {ess(OID_SIGNING_CERT, NONE, raw_digest("SHA1", ca.tsa.cert->der), NONE), CMS_BROKEN,
             "signing_certificate_differs"},
            {attribute(OID_SIGNING_CERT_V2, der_int(&A, 1)), CMS_BROKEN, "signing_certificate_malformed"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct order o = ec_order(&ca.signer);
        o.no_cert_attr = true;
        o.attrs[0] = cases[i].attribute;
        struct cms_verdict v = check(built(&o), CMS_CADES, CONTENT);
        ck_assert_msg(v.status == cases[i].want && (cases[i].code[0] ? says(&v, cases[i].code) : v.problem_n == 0),
                      "case %zu: %s %s", i, cms_status_name(v.status), v.problem_n ? v.problem[0].code : "");
        v = check(built(&o), CMS_ADBE, CONTENT); /* where it may be missing, it must still be right */
        ck_assert_int_eq(v.status, cases[i].want);
    }
    /* Both forms: each must fit. */
    struct order o = ec_order(&ca.signer);
    o.attrs[0] = ess(OID_SIGNING_CERT, NONE, raw_digest("SHA1", ca.tsa.cert->der), NONE);
    EXPECT(&o, CMS_BROKEN, "signing_certificate_differs");
    /* None: a PAdES signature must name its certificate, the older ones need not. */
    o = ec_order(&ca.signer);
    o.no_cert_attr = true;
    EXPECT(&o, CMS_BROKEN, "signing_certificate_missing");
    o.profile = CMS_ADBE;
    EXPECT(&o, CMS_OK, "");
    test_ca_done(&ca);
    arena_done(&A);
}

/* ---- content ---- */

TEST(digests_as_content)
{
    arena_init(&A, 64 << 20);
    struct test_ca rsa, gm;
    test_ca_make(&A, KEY_RSA_2048, &rsa);
    test_ca_make(&A, KEY_SM2, &gm);
    struct sv sha1 = raw_digest("SHA1", CONTENT), sm3 = raw_digest("SM3", CONTENT);
    for (int bare = 0; bare < 2; bare++) {
        /* adbe.pkcs7.sha1: SHA-1 inside, whatever the signature's own digest is */
        static const char *const mds[][3] = {{"SHA1", "1.3.14.3.2.26", "1.2.840.113549.1.1.5"},
                                             {"SHA256", "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11"}};
        for (size_t i = 0; i < COUNT(mds); i++) {
            struct order o = {.id = &rsa.signer, .md = mds[i][0], .md_oid = mds[i][1], .sig_oid = mds[i][2]};
            o.content = sha1;
            o.bare = bare;
            o.profile = CMS_ADBE_SHA1;
            EXPECT_WEAK(&o, CMS_OK, "");
            expect_bytes(__LINE__, built(&o), CMS_ADBE_SHA1, SV("other bytes"), CMS_TAMPERED, "content_differs", true);
            o.profile = CMS_ADBE;
            struct cms_verdict v = check(built(&o), CMS_ADBE, CONTENT);
            ck_assert(v.status == CMS_BROKEN && says(&v, "content_inside"));
        }
        /* GB/T 35275: SM3 inside; never in a detached signature */
        struct order o = sm2_order(&gm.signer);
        o.content = sm3;
        o.bare = bare;
        o.outer_oid = OID_GM_SIGNED_DATA;
        o.content_oid = OID_GM_DATA;
        o.profile = CMS_ADBE_SHA1;
        EXPECT(&o, CMS_OK, "");
        expect_bytes(__LINE__, built(&o), CMS_ADBE_SHA1, SV("other bytes"), CMS_TAMPERED, "content_differs", false);
        o.profile = CMS_GM;
        EXPECT(&o, CMS_OK, "");
        o.profile = CMS_ADBE;
        EXPECT(&o, CMS_BROKEN, "content_inside");
        o.content = sha1; /* not the digest that this family uses */
        o.profile = CMS_GM;
        EXPECT(&o, CMS_TAMPERED, "content_differs");
    }
    struct order o = rsa_order(&rsa.signer);
    o.profile = CMS_ADBE_SHA1;
    struct cms_verdict v = check(built(&o), CMS_ADBE_SHA1, CONTENT);
    ck_assert(v.status == CMS_BROKEN && says(&v, "content_missing"));
    test_ca_done(&rsa);
    test_ca_done(&gm);
    arena_done(&A);
}

TEST(raw_rsa_signatures)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_RSA_2048, &ca);
    const struct order o = {.id = &ca.signer, .md = "SHA1"}, newer = {.id = &ca.signer, .md = "SHA256"};
    struct digest right = digest_of(DIGEST_SHA1, CONTENT), wrong = digest_of(DIGEST_SHA1, SV("other bytes"));
    struct sv sig = raw_sign(&o, CONTENT), zeros = sv_of("\0\0\0\0", 4), octets = der_tlv(&A, DER_OCTETS, sig),
              half = sv_sub(octets, 0, 40), junk = arena_concat(&A, octets, SV("x"));
    struct sv damaged = arena_sv(&A, octets);
    ((char *)damaged.p)[damaged.n - 1] ^= 1;
    const struct {
        struct sv contents;
        const struct digest *digest;
        enum cms_status want;
        const char *code;
    } cases[] = {
            {octets, &right, CMS_OK, ""},
            {arena_concat(&A, octets, zeros), &right, CMS_OK, ""},
            {octets, &wrong, CMS_TAMPERED, "digest_differs"},
            {damaged, &right, CMS_BROKEN, "signature_wrong"},
            {half, &right, CMS_BROKEN, "structure"},
            {junk, &right, CMS_BROKEN, "structure"},
            {sig, &right, CMS_BROKEN, "structure"},
            {NONE, &right, CMS_BROKEN, "structure"},
            {der_tlv(&A, DER_OCTETS, raw_sign(&newer, CONTENT)), &right, CMS_UNSUPPORTED, "digest_unknown"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cms_verdict v;
        cms_check_x509_rsa_sha1(&A, cases[i].contents, ca.signer.cert, cases[i].digest, &v);
        ck_assert_msg(v.status == cases[i].want && v.weak &&
                              (cases[i].code[0] ? says(&v, cases[i].code) : v.problem_n == 0),
                      "case %zu: %s %s", i, cms_status_name(v.status), v.problem_n ? v.problem[0].code : "");
    }
    test_ca_done(&ca);
    arena_done(&A);
}

/* ---- attributes and encoding ---- */

TEST(attributes_as_others_write_them)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    struct order o = ec_order(&ca.signer);
    o.attrs[0] = attribute(OID_SIGNING_TIME, der_time_general(&A, TEST_NOW, false));
    o.attrs[1] = attribute("1.2.840.113549.1.9.15", der_seq(&A, der_seq(&A, der_oid(&A, "2.16.840.1.101.3.4.1.42"))));
    EXPECT(&o, CMS_OK, "signing_time_in_cades");
    o.profile = CMS_ADBE;
    EXPECT(&o, CMS_OK, "");
    o.attrs[0] = attribute(OID_SIGNING_TIME, der_tlv(&A, DER_UTC_TIME, SV("yesterday")));
    EXPECT(&o, CMS_OK, "signing_time_unreadable");
    o.attrs[0] = attribute(OID_SIGNING_TIME, der_tlv(&A, DER_UTC_TIME, SV("260301080000+0800")));
    EXPECT(&o, CMS_OK, "");
    /* messageDigest of another length, or two values in one attribute: contradictions, not changed bytes */
    o = ec_order(&ca.signer);
    struct sv twice[] = {der_tlv(&A, DER_OCTETS, raw_digest("SHA256", CONTENT)),
                         der_tlv(&A, DER_OCTETS, raw_digest("SHA256", SV("x")))};
    o.attrs[0] = der_seq(&A, der_oid(&A, OID_MESSAGE_DIGEST), der_set_of(&A, DER_SET, twice, 2));
    EXPECT(&o, CMS_BROKEN, "attribute_twice");
    o = ec_order(&ca.signer);
    o.md_oid = "2.16.840.1.101.3.4.2.3"; /* says SHA-512 over a SHA-256 */
    o.sig_oid = "1.2.840.10045.2.1";
    EXPECT(&o, CMS_BROKEN, "message_digest_length");
    /* revocation data of another kind beside the certificates, and a list */
    o = ec_order(&ca.signer);
    struct sv crl;
    ASSERT_OK(crl_make(&A, ca.root.cert, ca.root.key, NULL, 0, TEST_NOW, TEST_NOW + TEST_DAY, 1, &crl, &E), E);
    o.crls = arena_concat(&A, crl,
                          der_make(&A, DER_CTX(1), der_oid(&A, "1.3.6.1.5.5.7.16.2"), der_seq(&A, der_int(&A, 1))));
    o.version = 5;
    EXPECT(&o, CMS_OK, "");
    struct cms c;
    cms_read(&A, built(&o), CMS_CADES, &c);
    ck_assert(c.crls.n == 1 && c.ocsps.n == 1 && sv_eq(c.crls.v[0], crl));
    /* unsigned attributes are told, an empty timestamp is broken */
    o = ec_order(&ca.signer);
    o.unsigned_attrs = attribute("1.2.3.4", der_int(&A, 1));
    EXPECT(&o, CMS_OK, "unsigned_attribute");
    o.unsigned_attrs = der_seq(&A, der_oid(&A, OID_TIMESTAMP_TOKEN), der_tlv(&A, DER_SET, NONE));
    EXPECT(&o, CMS_BROKEN, "structure");
    o.unsigned_attrs = attribute(OID_TIMESTAMP_TOKEN, der_int(&A, 1));
    EXPECT(&o, CMS_TST_BAD, "structure");
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(loose_encodings_are_read)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_RSA_2048, &ca);
    struct order o = rsa_order(&ca.signer);
    o.long_lengths = true; /* hashed as they stand, RFC 5652 5.4 */
    EXPECT(&o, CMS_OK, "long_lengths");
    /* a timestamp with indefinite lengths inside a signature without; PKCS#1 values repeat */
    struct tsp_authority tsa = {.cert = ca.tsa.cert, .key = ca.tsa.key, .policy = SV("1.2.3")};
    struct tsp_request r;
    struct sv value, response, token;
    o = rsa_order(&ca.signer);
    ASSERT_OK(cms_signature_value(&A, built(&o), &value, &E), E);
    struct digest d = digest_of(DIGEST_SHA256, value);
    ASSERT_OK(tsp_request_make(&A, &d, NONE, &r, &E), E);
    ASSERT_OK(tsp_response_make(&A, &r, &tsa, SV("\x01"), TEST_NOW, &response, &E), E);
    ASSERT_OK(tsp_response_check(&A, &r, response, &token, &E), E);
    struct der outer = der_open(token);
    struct sv loose = arena_concat(&A, arena_concat(&A, SV("\x30\x80"), der_take(&outer, DER_SEQ)), sv_of("\0\0", 2));
    struct sv tokens[] = {token, loose};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        o.unsigned_attrs = attribute(OID_TIMESTAMP_TOKEN, tokens[i]);
        struct cms_verdict v = check(built(&o), CMS_CADES, CONTENT);
        ck_assert_msg(v.status == CMS_OK && v.earliest_at == TEST_NOW && says(&v, "indefinite_length") == (i == 1),
                      "%s", v.problem_n ? v.problem[0].code : "");
    }
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(ber_is_made_definite_and_nothing_else_is_touched)
{
    arena_init(&A, 64 << 20);
    static const struct {
        const char *in, *out; /* out NULL: refused */
    } cases[] = {
            {"3003020105", "3003020105"},
            {"3003020105ffff", "3003020105"}, /* what follows is not ours */
            {"30800201050000", "3003020105"},
            {"30800000", "3000"},
            {"30803080020105000000", NULL},
            {"3080308002010500000000", "30053003020105"},
            {"300730800201050000", "30053003020105"},
            {"30093080020105000002010a", "30083003020105020101"}, /* length one short: refused below */
            {"30840000000530800000", NULL},
            {"3084000000043080"
             "0000",
             "30023000"},
            {"24800402aabb0401cc0000", "0403aabbcc"},
            {"2480248004010100000402020300"
             "00",
             "0403010203"},
            {"30082406040101040102", "300404020102"},
            {"248002010500"
             "00",
             NULL},
            {"04800000", NULL}, /* primitive and indefinite */
            {"3080", NULL},
            {"308002", NULL},
            {"30060500"
             "30800000",
             "300405003000"},
            {"a080308400000003020105"
             "0000",
             "a009308400000003020105"}, /* its long length stays */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sv in, out, want = NONE;
        size_t used;
        ck_assert(hex_decode(&A, sv_from(cases[i].in), &in));
        bool ok = ber_to_der(&A, in, &out, &used);
        if (i == 7 || !cases[i].out) {
            ck_assert_msg(!ok, "case %zu: %.*s", i, SV_ARG(hex_upper(&A, ok ? out : NONE)));
            continue;
        }
        ck_assert(hex_decode(&A, sv_from(cases[i].out), &want));
        ck_assert_msg(ok && sv_eq(out, want), "case %zu: %.*s", i, SV_ARG(hex_upper(&A, ok ? out : NONE)));
    }
    /* deep nesting is refused, not followed */
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 5000; i++)
        buf_add(&b, SV("\x30\x80"));
    struct sv out;
    size_t used;
    ck_assert(!ber_to_der(&A, buf_sv(&b), &out, &used));
    buf_done(&b);
    arena_done(&A);
}

TEST(size_is_bounded)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    struct order o = ec_order(&ca.signer);
    struct sv good = built(&o);
    char *p = arena_alloc(&A, CMS_MAX_BYTES + 1);
    memcpy(p, good.p, good.n);
    expect_bytes(__LINE__, (struct sv){p, CMS_MAX_BYTES}, CMS_CADES, CONTENT, CMS_OK, "", false);
    expect_bytes(__LINE__, (struct sv){p, CMS_MAX_BYTES + 1}, CMS_CADES, CONTENT, CMS_BROKEN, "too_large", false);
    test_ca_done(&ca);
    arena_done(&A);
}
