/* Long-term levels: what a document lacks, the DSS, document timestamps, renewal, and time going by. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/revocation.h"
#include "pdf/ltv.h"
#include "pdf/test_make.h"
#include "pdf/test_pki.h"

#define YEAR (365 * TEST_DAY)

static struct arena A;

static void world_free(void)
{
    arena_done(&A);
}

struct party {
    struct key *key;
    const struct cert *cert;
};
/* root - ca - signer (one year), tsa (two years); root2 - tsa2 (ten years, from the second year on). */
static struct party root, ca, signer, tsa, root2, tsa2;
static struct sv roots_pem[2];

static void issue(struct party *p, enum key_kind kind, enum cert_profile profile, const char *name,
                  const struct party *by, int64_t from, int64_t to)
{
    struct err e = ERR_INIT;
    ASSERT_OK(key_generate(kind, &p->key, &e), e);
    const struct cert_order order = {
            .profile = profile,
            .subject = {.common_name = sv_from(name), .country = SV("CN")},
            .public_der = key_public_der(&A, p->key),
            .not_before_at = from,
            .not_after_at = to
    };
    ASSERT_OK(cert_issue(&A, &order, by ? by->cert : NULL, by ? by->key : p->key, &p->cert, &e), e);
}

static void keys_free(void)
{
    struct party *const all[] = {&root, &ca, &signer, &tsa, &root2, &tsa2};
    for (size_t i = 0; i < COUNT(all); i++)
        key_free(all[i]->key);
    world_free();
}

static void world(enum key_kind kind)
{
    arena_init(&A, (size_t)1 << 30);
    atexit(keys_free);
    const int64_t from = TEST_AT - TEST_DAY;
    issue(&root, kind, CERT_ROOT, "TEST root", NULL, from, TEST_AT + 20 * YEAR);
    issue(&ca, kind, CERT_SUB_CA, "TEST CA", &root, from, TEST_AT + 15 * YEAR);
    issue(&signer, kind, CERT_SIGNER, "TEST signer", &ca, from, TEST_AT + YEAR);
    issue(&tsa, kind, CERT_TSA, "TEST TSA", &ca, from, TEST_AT + 2 * YEAR);
    issue(&root2, kind, CERT_ROOT, "TEST root 2", NULL, from, TEST_AT + 20 * YEAR);
    issue(&tsa2, kind, CERT_TSA, "TEST TSA 2", &root2, TEST_AT + YEAR, TEST_AT + 11 * YEAR);
    roots_pem[0] = cert_pem(&A, root.cert);
    roots_pem[1] = cert_pem(&A, root2.cert);
}

static struct sv token(const struct party *t, const struct digest *imprint, int64_t at)
{
    struct err e = ERR_INIT;
    struct tsp_request request;
    struct sv reply, der;
    const struct tsp_authority authority = {.cert = t->cert, .key = t->key, .policy = SV("1.2.3.4")};
    ASSERT_OK(tsp_request_make(&A, imprint, (struct sv){0}, &request, &e), e);
    ASSERT_OK(tsp_response_make(&A, &request, &authority, SV("\x01\x02\x03"), at, &reply, &e), e);
    ASSERT_OK(tsp_response_check(&A, &request, reply, &der, &e), e);
    return der;
}

static struct sv finish(struct pdf_prepared *p, struct sv cms)
{
    struct err e = ERR_INIT;
    ASSERT_OK(pdf_sign_finish(p, cms, &e), e);
    return pdf_prepared_bytes(&A, p);
}

/* Certificates in the CMS: the signer's alone, so that the chain must come from the DSS. */
static struct sv sign(struct sv in, struct pdf_sign_options o, const struct party *stamped_by)
{
    struct err e = ERR_INIT;
    struct pdf_prepared p;
    struct sv cms, value;
    const struct cms_order order = {.signer = signer.cert};
    o.signing_at = TEST_AT;
    ASSERT_OK(pdf_sign_prepare(&A, in, &o, &p, &e), e);
    struct digest d = pdf_prepared_digest(&p, key_kind_digest(key_kind(signer.key)));
    ASSERT_OK(cms_sign(&A, &order, signer.key, &d, &cms, &e), e);
    if (stamped_by) {
        ASSERT_OK(cms_signature_value(&A, cms, &value, &e), e);
        struct digest imprint = digest_of(d.alg, value);
        ASSERT_OK(cms_add_timestamp(&A, cms, token(stamped_by, &imprint, TEST_AT), &cms, &e), e);
    }
    return finish(&p, cms);
}

static struct sv stamp(struct sv in, const struct party *by, int64_t at)
{
    struct err e = ERR_INIT;
    struct pdf_prepared p;
    const struct pdf_sign_options o = {.subfilter = PDF_SUBFILTER_TIMESTAMP};
    ASSERT_OK(pdf_sign_prepare(&A, in, &o, &p, &e), e);
    struct digest d = pdf_prepared_digest(&p, key_kind(by->key) == KEY_SM2 ? DIGEST_SM3 : DIGEST_SHA256);
    return finish(&p, token(by, &d, at));
}

static struct sv crl(const struct party *by, const struct revoked *gone, size_t n, int64_t at)
{
    struct err e = ERR_INIT;
    struct sv der;
    ASSERT_OK(crl_make(&A, by->cert, by->key, gone, n, at, at + 7 * TEST_DAY, (uint64_t)at, &der, &e), e);
    return der;
}

static struct sv ocsp(const struct party *about, const struct party *by, int64_t at)
{
    struct err e = ERR_INIT;
    struct sv request, der;
    struct ocsp_request q;
    ASSERT_OK(ocsp_request_make(&A, about->cert, by->cert, &request, &e), e);
    ASSERT_OK(ocsp_request_parse(&A, request, &q, &e), e);
    ASSERT_OK(ocsp_response_make(&A, &q, OCSP_GOOD, NULL, by->cert, by->key, at, at + TEST_DAY, &der, &e), e);
    return der;
}

/* Everything somebody could want at this time. */
static struct pdf_ltv_data help_at(int64_t at)
{
    struct pdf_ltv_data help = {0};
    const struct cert *const certs[] = {root.cert, ca.cert, root2.cert};
    for (size_t i = 0; i < COUNT(certs); i++)
        certs_add(&A, &help.certs, certs[i]);
    der_list_add(&A, &help.crls, crl(&root, NULL, 0, at));
    der_list_add(&A, &help.crls, crl(&ca, NULL, 0, at));
    der_list_add(&A, &help.crls, crl(&root2, NULL, 0, at));
    der_list_add(&A, &help.ocsps, ocsp(&signer, &ca, at + 1000));
    return help;
}

static struct pdf_ltv_state assess(struct sv pdf, struct pdf_ltv_data help, int64_t at)
{
    struct err e = ERR_INIT;
    struct pdf_ltv_state st;
    struct pdf_ltv_options o = {.help = help, .at = at};
    certs_add(&A, &o.anchors, root.cert);
    certs_add(&A, &o.anchors, root2.cert);
    ASSERT_OK(pdf_ltv_assess(&A, pdf, &o, &st, &e), e);
    return st;
}

static struct sv append(struct sv pdf, const struct pdf_ltv_data *add)
{
    struct err e = ERR_INIT;
    struct sv update;
    ASSERT_OK(pdf_ltv_append(&A, pdf, SV(""), add, &update, &e), e);
    return arena_concat(&A, pdf, update);
}

static struct sv with_data(struct sv pdf, int64_t at)
{
    struct pdf_ltv_state st = assess(pdf, help_at(at), at + 2000);
    ck_assert_uint_eq(st.gaps_n, 0);
    struct sv out = append(pdf, &st.add);
    ck_assert(sv_starts(out, pdf) && out.n > pdf.n);
    return out;
}

static struct pdf_report verify_at(struct sv pdf, int64_t at, size_t roots)
{
    struct err e = ERR_INIT;
    struct pdf_report r;
    const struct pdf_verify_options o = {.trust_pem = roots_pem, .trust_n = roots, .at = at};
    ASSERT_OK(pdf_verify(&A, pdf, &o, &r, &e), e);
    return r;
}

#define EXPECT(pdf, when, want_trust, ...)                                                                             \
    do {                                                                                                               \
        struct pdf_report r_ = verify_at(pdf, when, 2);                                                                \
        const enum pdf_level levels_[] = {__VA_ARGS__};                                                                \
        ck_assert_msg(r_.integrity == PDF_INTACT || r_.integrity == PDF_INTACT_EXTENDED, "%.*s",                       \
                      SV_ARG(test_report(&A, &r_)));                                                                   \
        ck_assert_msg(r_.trust == (want_trust) && r_.signatures_n == COUNT(levels_), "%.*s",                           \
                      SV_ARG(test_report(&A, &r_)));                                                                   \
        for (size_t i_ = 0; i_ < COUNT(levels_); i_++)                                                                 \
            ck_assert_msg(r_.signatures[i_].level == levels_[i_], "signature %zu\n%.*s", i_,                           \
                          SV_ARG(test_report(&A, &r_)));                                                               \
    } while (0)
#define B   PDF_LEVEL_B
#define T   PDF_LEVEL_T
#define LT  PDF_LEVEL_LT
#define LTA PDF_LEVEL_LTA

static bool has_reason(const struct pdf_report *r, const char *code)
{
    for (size_t i = 0; i < r->signatures_n; i++) {
        for (size_t k = 0; k < r->signatures[i].reasons.n; k++) {
            if (strcmp(r->signatures[i].reasons.items[k].code, code) == 0)
                return true;
        }
    }
    return false;
}

/* From B-B to B-LTA, renewed, and verified as time goes by. */
static void whole_life(enum key_kind kind)
{
    world(kind);
    struct sv b = sign(make_plain(&A, MAKE_TABLE), (struct pdf_sign_options){0}, NULL);
    EXPECT(b, TEST_AT + 2000, PDF_TRUST_INDETERMINATE, B); /* the CA is not in the CMS */
    struct sv t = sign(make_plain(&A, MAKE_STREAM), (struct pdf_sign_options){0}, &tsa);
    struct sv lt = with_data(t, TEST_AT);
    EXPECT(lt, TEST_AT + 2000, PDF_TRUST_PASSED, LT);
    struct pdf_report r = verify_at(lt, TEST_AT + 2000, 2);
    ck_assert(!has_reason(&r, "revocation_unknown"));
    struct sv lta = stamp(lt, &tsa, TEST_AT + 5000);
    EXPECT(lta, TEST_AT + 6000, PDF_TRUST_PASSED, LTA, B);
    /* the signer's certificate has expired, the TSA's has not */
    EXPECT(lta, TEST_AT + YEAR + 10 * TEST_DAY, PDF_TRUST_PASSED, LTA, B);
    /* both have */
    EXPECT(lta, TEST_AT + 3 * YEAR, PDF_TRUST_INDETERMINATE, LTA, B);
    r = verify_at(lta, TEST_AT + 3 * YEAR, 2);
    ck_assert(has_reason(&r, "OUT_OF_BOUNDS_NO_POE") && r.integrity == PDF_INTACT);
    /* renewed in time, with data of the first TSA, by another one */
    int64_t renewed = TEST_AT + YEAR + 300 * TEST_DAY;
    struct sv dss2 = with_data(lta, renewed);
    EXPECT(dss2, renewed + 3000, PDF_TRUST_PASSED, LTA, B);
    struct sv lta2 = stamp(dss2, &tsa2, renewed + 5000);
    EXPECT(lta2, renewed + 6000, PDF_TRUST_PASSED, LTA, LTA, B);
    EXPECT(lta2, TEST_AT + 8 * YEAR, PDF_TRUST_PASSED, LTA, LTA, B);
    ck_assert(sv_starts(lta2, t));
    /* the second root is not trusted: nothing is proven any more */
    r = verify_at(lta2, TEST_AT + 8 * YEAR, 1);
    ck_assert(r.trust == PDF_TRUST_INDETERMINATE && r.signatures[0].level == LTA);
}

TEST(ltv_from_signature_to_renewal_ecdsa)
{
    whole_life(KEY_P256);
}

TEST(ltv_from_signature_to_renewal_sm2)
{
    whole_life(KEY_SM2);
}

TEST(ltv_from_signature_to_renewal_rsa)
{
    whole_life(KEY_RSA_2048);
}

TEST(ltv_gaps_are_named)
{
    world(KEY_P256);
    struct sv t = sign(make_plain(&A, MAKE_TABLE), (struct pdf_sign_options){0}, &tsa);
    struct pdf_ltv_data help = {0};
    struct pdf_ltv_state st = assess(t, help, TEST_AT + 2000);
    ck_assert_uint_eq(st.gaps_n, 2); /* the CA's certificate, for the TSA and for the signer */
    for (size_t i = 0; i < 2; i++)
        ck_assert(st.gaps[i].lack == PDF_LTV_ISSUER && !st.gaps[i].by_name && st.gaps[i].of_timestamp == (i == 0));
    /* a list in the name of an issuer that is not there */
    der_list_add(&A, &help.crls, crl(&ca, NULL, 0, TEST_AT));
    st = assess(t, help, TEST_AT + 2000);
    ck_assert(st.gaps_n == 2 && st.gaps[0].by_name && st.add.crls.n == 1);
    certs_add(&A, &help.certs, ca.cert);
    st = assess(t, help, TEST_AT + 2000);
    ck_assert_uint_eq(st.gaps_n, 2); /* the CA itself, twice */
    ck_assert(st.gaps[0].lack == PDF_LTV_REVOCATION && cert_eq(st.gaps[0].cert, ca.cert) &&
              cert_eq(st.gaps[0].issuer, root.cert));
    ck_assert(st.add.crls.n == 1 && st.add.certs.n == 4);
    /* half of the data in the file: no more than a timestamp, and said so */
    struct sv half = append(t, &st.add);
    EXPECT(half, TEST_AT + 3000, PDF_TRUST_PASSED, T);
    struct pdf_report r = verify_at(half, TEST_AT + 3000, 2);
    ck_assert(has_reason(&r, "ltv_incomplete"));
    /* the rest: nothing that is there is added again */
    der_list_add(&A, &help.crls, crl(&root, NULL, 0, TEST_AT));
    st = assess(half, help, TEST_AT + 2000);
    ck_assert(st.gaps_n == 0 && st.add.crls.n == 1 && st.add.certs.n == 0);
    struct sv full = append(half, &st.add);
    EXPECT(full, TEST_AT + 3000, PDF_TRUST_PASSED, LT);
    st = assess(full, help, TEST_AT + 2000);
    ck_assert(st.gaps_n == 0 && st.add.crls.n + st.add.certs.n + st.add.ocsps.n == 0);
    ASSERT_SV(append(full, &help), full);
}

/* What came after the last document timestamp is not protected by it. */
TEST(ltv_data_behind_the_last_timestamp)
{
    world(KEY_P256);
    struct sv t = sign(make_plain(&A, MAKE_TABLE), (struct pdf_sign_options){0}, &tsa);
    struct sv stamped = stamp(t, &tsa, TEST_AT + 1000);
    EXPECT(stamped, TEST_AT + 2000, PDF_TRUST_INDETERMINATE, T, B);
    struct sv later = with_data(stamped, TEST_AT + 1000);
    EXPECT(later, TEST_AT + 4000, PDF_TRUST_PASSED, LT, B);
    struct pdf_report r = verify_at(later, TEST_AT + 4000, 2);
    ck_assert(r.integrity == PDF_INTACT_EXTENDED && !has_reason(&r, "ltv_not_covered"));
    EXPECT(stamp(later, &tsa, TEST_AT + 5000), TEST_AT + 6000, PDF_TRUST_PASSED, LTA, LTA, B);
    /* two signatures, the second after the first one's document timestamp */
    struct sv lta = stamp(with_data(t, TEST_AT), &tsa, TEST_AT + 5000);
    struct sv two = sign(lta, (struct pdf_sign_options){0}, &tsa);
    EXPECT(two, TEST_AT + 6000, PDF_TRUST_PASSED, LTA, B, LT);
    /* a signature without a timestamp of its own: the document timestamp proves its time */
    struct sv plain = sign(make_plain(&A, MAKE_TABLE), (struct pdf_sign_options){0}, NULL);
    struct sv once = stamp(with_data(plain, TEST_AT), &tsa, TEST_AT + 5000);
    EXPECT(once, TEST_AT + 6000, PDF_TRUST_PASSED, T, B); /* nothing about the TSA yet */
    r = verify_at(once, TEST_AT + 6000, 2);
    ck_assert(has_reason(&r, "ltv_incomplete"));
    struct sv twice = with_data(once, TEST_AT + 6000);
    EXPECT(twice, TEST_AT + 9000, PDF_TRUST_PASSED, LT, B);
    EXPECT(stamp(twice, &tsa, TEST_AT + 10000), TEST_AT + 11000, PDF_TRUST_PASSED, LTA, LTA, B);
}

TEST(ltv_revoked_before_and_after)
{
    world(KEY_P256);
    struct sv t = sign(make_plain(&A, MAKE_TABLE), (struct pdf_sign_options){0}, &tsa);
    for (int before = 0; before <= 1; before++) {
        const struct revoked gone = {signer.cert->serial_hex, before ? TEST_AT - 1000 : TEST_AT + 1000,
                                     REVOKED_SUPERSEDED, 0};
        struct pdf_ltv_data help = {0};
        certs_add(&A, &help.certs, ca.cert);
        der_list_add(&A, &help.crls, crl(&root, NULL, 0, TEST_AT + 2000));
        der_list_add(&A, &help.crls, crl(&ca, &gone, 1, TEST_AT + 2000));
        struct pdf_ltv_state st = assess(t, help, TEST_AT + 3000);
        ck_assert_uint_eq(st.gaps_n, (size_t)before);
        ck_assert(!before || (st.gaps[0].lack == PDF_LTV_REVOKED && cert_eq(st.gaps[0].cert, signer.cert)));
        struct sv lta = stamp(append(t, &st.add), &tsa, TEST_AT + 4000);
        EXPECT(lta, TEST_AT + 5000, before ? PDF_TRUST_FAILED : PDF_TRUST_PASSED, LTA, B);
        struct pdf_report r = verify_at(lta, TEST_AT + 5000, 2);
        ck_assert(has_reason(&r, before ? "REVOKED" : "revoked_later"));
    }
}

/* Several timestamps of one signature: the earliest that is trusted counts, and one whose data is in the file is enough
 * for the level. */
TEST(ltv_several_timestamps_of_one_signature)
{
    world(KEY_P256);
    struct err e = ERR_INIT;
    struct pdf_prepared p;
    struct sv cms, value, in = make_plain(&A, MAKE_TABLE);
    const struct cms_order order = {.signer = signer.cert};
    ASSERT_OK(pdf_sign_prepare(&A, in, &(struct pdf_sign_options){.signing_at = TEST_AT}, &p, &e), e);
    struct digest d = pdf_prepared_digest(&p, DIGEST_SHA256);
    ASSERT_OK(cms_sign(&A, &order, signer.key, &d, &cms, &e), e);
    ASSERT_OK(cms_signature_value(&A, cms, &value, &e), e);
    struct digest imprint = digest_of(DIGEST_SHA256, value), other = digest_of(DIGEST_SM3, value);
    ASSERT_OK(cms_add_timestamp(&A, cms, token(&tsa2, &imprint, TEST_AT + YEAR + TEST_DAY), &cms, &e), e);
    struct sv late = finish(&p, cms);
    /* only the later authority: the signer's certificate had expired by then */
    EXPECT(late, TEST_AT + YEAR + 2 * TEST_DAY, PDF_TRUST_INDETERMINATE, T);
    ASSERT_OK(cms_add_timestamp(&A, cms, token(&tsa, &other, TEST_AT), &cms, &e), e);
    struct sv both = finish(&p, cms);
    struct pdf_ltv_state st = assess(both, help_at(TEST_AT), TEST_AT + 2000); /* nothing about root2 for its time */
    struct sv lt = append(both, &st.add);
    EXPECT(lt, TEST_AT + YEAR + 2 * TEST_DAY, PDF_TRUST_PASSED, LT);
    struct pdf_report r = verify_at(lt, TEST_AT + YEAR + 2 * TEST_DAY, 2);
    ck_assert(r.signatures[0].timestamp.at == TEST_AT && r.signatures[0].timestamp.valid);
    ASSERT_SV(r.signatures[0].timestamp.imprint_alg, SV("sm3"));
    /* somebody adds an earlier one of his own authority: it proves nothing, and is not the one that is shown */
    struct party rogue_root = {0}, rogue = {0};
    issue(&rogue_root, KEY_P256, CERT_ROOT, "TEST rogue root", NULL, TEST_AT - 90 * TEST_DAY, TEST_AT + YEAR);
    issue(&rogue, KEY_P256, CERT_TSA, "TEST rogue TSA", &rogue_root, TEST_AT - 90 * TEST_DAY, TEST_AT + YEAR);
    ASSERT_OK(cms_add_timestamp(&A, cms, token(&rogue, &imprint, TEST_AT - 50 * TEST_DAY), &cms, &e), e);
    r = verify_at(append(finish(&p, cms), &st.add), TEST_AT + 3000, 2);
    ck_assert(r.signatures[0].timestamp.at == TEST_AT && has_reason(&r, "tsa_not_trusted"));
    key_free(rogue_root.key);
    key_free(rogue.key);
}

/* A timestamp authority that was revoked before a newer document timestamp proves nothing any more. */
TEST(ltv_revoked_authority)
{
    world(KEY_P256);
    struct sv lta = stamp(with_data(sign(make_plain(&A, MAKE_TABLE), (struct pdf_sign_options){0}, &tsa), TEST_AT),
                          &tsa, TEST_AT + 5000);
    for (int in_time = 0; in_time <= 1; in_time++) {
        int64_t when = TEST_AT + YEAR + (in_time ? 9 : 3) * TEST_DAY, again = TEST_AT + YEAR + 5 * TEST_DAY;
        const struct revoked gone = {tsa.cert->serial_hex, when, REVOKED_KEY_COMPROMISE, 0};
        struct pdf_ltv_data add = {0};
        struct sv renewed = stamp(lta, &tsa2, again);
        der_list_add(&A, &add.crls, crl(&ca, &gone, 1, when + TEST_DAY));
        struct sv known = append(renewed, &add);
        EXPECT(known, TEST_AT + YEAR + 20 * TEST_DAY, in_time ? PDF_TRUST_PASSED : PDF_TRUST_FAILED, LTA, T, B);
    }
}

/* Entries may be dropped from the lists later (EN 319 142-1 allows it); what a timestamp covers stays known. */
TEST(ltv_entries_dropped_later)
{
    world(KEY_P256);
    struct sv t = sign(make_plain(&A, MAKE_TABLE), (struct pdf_sign_options){0}, &tsa);
    struct sv lta = stamp(with_data(t, TEST_AT), &tsa, TEST_AT + 5000);
    size_t at = sv_find(lta, SV("/Type /DSS")), start = at;
    ck_assert(at != SIZE_MAX);
    while (!sv_starts(sv_skip(lta, start), SV("\n")))
        start--;
    while (sv_sub(lta, start - 1, 1).p[0] != '\n')
        start--;
    uint64_t num;
    struct sv line = sv_skip(lta, start);
    ck_assert(sv_u64(sv_cut(&line, ' '), 1000, &num));
    const uint32_t nums[] = {(uint32_t)num};
    const struct sv bodies[] = {SV("<</Type/DSS/Certs[]/CRLs[]>>")};
    struct sv dropped = make_update(&A, lta, nums, bodies, 1);
    EXPECT(dropped, TEST_AT + 6000, PDF_TRUST_PASSED, LTA, B);
}

TEST(ltv_in_encrypted_files)
{
    world(KEY_P256);
    struct err e = ERR_INIT;
    struct sv out, update;
    const char *in = test_file(&A, "plain.pdf", make_plain(&A, MAKE_STREAM)),
               *made = path_join(&A, test_folder(&A), "locked.pdf");
    ck_assert_int_eq(test_run(&A, &out, "qpdf --encrypt user owner 256 -- %s %s", in, made), 0);
    struct sv t = sign(test_read(&A, made), (struct pdf_sign_options){.password = SV("owner")}, &tsa);
    struct pdf_ltv_state st;
    const struct pdf_ltv_options o = {.help = help_at(TEST_AT), .at = TEST_AT + 2000, .password = SV("user")};
    ASSERT_OK(pdf_ltv_assess(&A, t, &o, &st, &e), e);
    ck_assert_uint_eq(st.gaps_n, 0);
    ASSERT_OK(pdf_ltv_append(&A, t, SV("owner"), &st.add, &update, &e), e);
    struct sv lt = arena_concat(&A, t, update);
    ASSERT_OK(pdf_ltv_assess(&A, lt, &o, &st, &e), e);
    ck_assert_msg(st.report.signatures[0].level == LT && st.add.certs.n + st.add.crls.n + st.add.ocsps.n == 0, "%.*s",
                  SV_ARG(test_report(&A, &st.report)));
    const char *path = test_file(&A, "lt.pdf", lt);
    ck_assert_int_eq(test_run(&A, &out, "qpdf --check --password=user %s", path), 0);
    ck_assert(!pdf_ltv_append(&A, t, SV("wrong"), &st.add, &update, &e) && strcmp(e.reason, "pdf_password") == 0);
}

/* Every kind of file, every level of certification, and what other programs say. */
TEST(ltv_every_kind_of_file)
{
    world(KEY_RSA_2048);
    for (int kind = MAKE_TABLE; kind <= MAKE_HYBRID; kind++) {
        for (int p = 1; p <= 3; p++) {
            struct sv in = kind == MAKE_TABLE && p == 2 ? make_contract(&A, MAKE_TABLE)
                                                        : make_plain(&A, (enum make_kind)kind),
                      out;
            struct sv t = sign(in, (struct pdf_sign_options){.certify = p}, &tsa);
            struct sv lta = stamp(with_data(t, TEST_AT), &tsa, TEST_AT + 5000);
            EXPECT(lta, TEST_AT + 6000, PDF_TRUST_PASSED, LTA, B);
            ck_assert(sv_find(sv_skip(lta, t.n), SV("/ExtensionLevel 5")) != SIZE_MAX);
            if (p > 1)
                continue;
            const char *path = test_file(&A, "lta.pdf", lta);
            int code = test_run(&A, &out, "qpdf --check %s", path);
            ck_assert_msg(code == 0, "%.*s", SV_ARG(out));
            code = test_run(&A, &out, "pdfsig -nocert %s", path);
            ck_assert_msg(sv_find(out, SV("Signature is Valid")) != SIZE_MAX, "%.*s", SV_ARG(out));
        }
    }
}

/* Stores as other programs write them: lists of their own, inside the catalog, with a VRI. */
TEST(ltv_stores_of_others_stay)
{
    world(KEY_P256);
    static const char *const shapes[] = {
            "<</Type/DSS/Certs 91 0 R/VRI<</Type/VRI>>>>",
            "<</Certs[90 0 R]/CRLs[]/VRI 92 0 R>>",
            "<</Type/DSS/OCSPs[]>>",
    };
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct sv t = sign(make_plain(&A, MAKE_TABLE), (struct pdf_sign_options){0}, &tsa);
        const uint32_t nums[] = {1, 90, 91, 92, 93};
        const struct sv bodies[] = {
                i == 1 ? SV("<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R/DSS 93 0 R>>") : SV(""),
                make_stream(&A, SV(""), ca.cert->der),
                SV("[90 0 R]"),
                SV("<<>>"),
                sv_from(shapes[i]),
        };
        struct pdf_report r = verify_at(t, TEST_AT + 1000, 2);
        ck_assert(r.integrity == PDF_INTACT);
        /* the catalog as the signed file has it, with a DSS */
        struct sv tail = sv_skip(t, make_plain(&A, MAKE_TABLE).n - 1);
        size_t at = sv_find(tail, SV("\n1 0 obj\n"));
        ck_assert(at != SIZE_MAX);
        struct sv rest = sv_skip(tail, at + 9);
        struct sv catalog = sv_sub(rest, 0, sv_find(rest, SV("\nendobj")));
        struct sv now[5];
        memcpy(now, bodies, sizeof now);
        now[0] = arena_printf(&A, "%.*s/DSS %s>>", (int)catalog.n - 2, catalog.p, i == 2 ? shapes[i] : "93 0 R");
        struct sv dss = make_update(&A, t, nums, now, i == 2 ? 1 : 5);
        r = verify_at(dss, TEST_AT + 1000, 2);
        ck_assert_msg(r.integrity == PDF_INTACT_EXTENDED, "%zu: %.*s", i, SV_ARG(test_report(&A, &r)));
        struct sv lt = with_data(dss, TEST_AT);
        EXPECT(lt, TEST_AT + 3000, PDF_TRUST_PASSED, LT);
        EXPECT(stamp(lt, &tsa, TEST_AT + 5000), TEST_AT + 6000, PDF_TRUST_PASSED, LTA, B);
        ck_assert(i == 2 || sv_find(sv_skip(lt, dss.n), SV("90 0 R")) != SIZE_MAX);
    }
}

/* Damaged stores: no harm, no level that the data does not bear, and never worse than "goes on after the signature". */
TEST(ltv_damaged_stores)
{
    world(KEY_P256);
    struct sv t = sign(make_plain(&A, MAKE_TABLE), (struct pdf_sign_options){0}, &tsa), lt = with_data(t, TEST_AT);
    char *bytes = arena_alloc(&A, lt.n + 1);
    uint32_t seed = 20260301;
    size_t whole = 0;
    for (int round = 0; round < 150; round++) {
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, (size_t)1 << 28);
        memcpy(bytes, lt.p, lt.n);
        for (int i = 0; i < 1 + round % 3; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[t.n + (seed >> 8) % (lt.n - t.n)] = (char)(seed >> 3);
        }
        struct pdf_ltv_state st;
        struct err e = ERR_INIT;
        struct sv update;
        const struct pdf_ltv_options o = {.help = help_at(TEST_AT), .at = TEST_AT + 3000};
        ASSERT_OK(pdf_ltv_assess(&a, sv_of(bytes, lt.n), &o, &st, &e), e);
        ck_assert(st.report.integrity != PDF_INTACT);
        if (st.report.signatures_n && st.report.signatures[0].level == LT)
            whole++;
        (void)!pdf_ltv_append(&a, sv_of(bytes, lt.n), SV(""), &st.add, &update, &e);
    }
    ck_assert_msg(whole < 60, "%zu damaged stores are complete", whole);
}

TEST(ltv_refusals)
{
    world(KEY_P256);
    struct err e = ERR_INIT;
    struct sv update;
    struct pdf_ltv_data help = help_at(TEST_AT);
    ck_assert(!pdf_ltv_append(&A, make_plain(&A, MAKE_TABLE), SV(""), &help, &update, &e));
    ck_assert(e.code == ERR_REFUSED && strcmp(e.reason, "pdf_not_signed") == 0);
    ck_assert(!pdf_ltv_append(&A, SV("nonsense"), SV(""), &help, &update, &e));
    ck_assert(e.code == ERR_BAD_INPUT && strcmp(e.reason, "pdf_unreadable") == 0);
    struct pdf_ltv_state st = assess(SV("nonsense"), help, TEST_AT);
    ck_assert(st.gaps_n == 0 && st.report.integrity == PDF_UNREADABLE);
}
