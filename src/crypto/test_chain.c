/* Trust: paths, time, purpose, revocation; and what the openssl program says of our CRLs and OCSP responses. */
#include "test.h"

#include <string.h>

#include "crypto/chain.h"
#include "crypto/revocation.h"
#include "crypto/test_util.h"

static struct arena A;
static struct err E;

static const enum key_kind all_kinds[] = {KEY_RSA_2048, KEY_P256, KEY_SM2};

/* root -> sub -> leaf */
struct family {
    struct test_id root, sub, leaf, ocsp;
};

static void family_make(enum key_kind kind, struct family *f)
{
    f->root = test_id_make(&A, kind, CERT_ROOT, SV("TEST root"), NULL);
    f->sub = test_id_make(&A, kind, CERT_SUB_CA, SV("TEST sub"), &f->root);
    f->leaf = test_id_make(&A, kind, CERT_SIGNER, SV("TEST leaf"), &f->sub);
    f->ocsp = test_id_make(&A, kind, CERT_OCSP, SV("TEST responder"), &f->sub);
}

static void family_done(struct family *f)
{
    key_free(f->root.key);
    key_free(f->sub.key);
    key_free(f->leaf.key);
    key_free(f->ocsp.key);
}

static struct chain_query query(const struct family *f)
{
    struct chain_query q = {.leaf = f->leaf.cert, .purpose = CHAIN_SIGN, .now_at = TEST_NOW};
    certs_add(&A, &q.anchors, f->root.cert);
    certs_add(&A, &q.pool, f->sub.cert);
    return q;
}

static struct chain_result ask(const struct chain_query *q)
{
    struct chain_result r;
    chain_check(&A, q, &r);
    return r;
}

#define ASSERT_TRUST(r, want, want_code)                                                                               \
    do {                                                                                                               \
        struct chain_result r_ = (r);                                                                                  \
        ck_assert_msg(r_.verdict == (want) && strcmp(r_.code, (want_code)) == 0, "got %s %s (%.*s)",                   \
                      trust_verdict_name(r_.verdict), r_.code, SV_ARG(r_.text));                                       \
    } while (0)

TEST(paths_are_found_and_others_not)
{
    arena_init(&A, 64 << 20);
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        struct family f, g;
        family_make(all_kinds[i], &f);
        family_make(all_kinds[i], &g); /* the same names, other keys */
        struct chain_query q = query(&f);
        struct chain_result r = ask(&q);
        ASSERT_TRUST(r, TRUST_PASSED, "");
        ck_assert(r.chain.n == 3 && cert_eq(r.chain.v[2], f.root.cert) && !r.revocation_known && !r.weak);
        q.need_revocation = true;
        ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "TRY_LATER");
        q = query(&f); /* a namesake first in the pool does not hide the real issuer */
        q.pool = (struct certs){0};
        certs_add(&A, &q.pool, g.sub.cert);
        certs_add(&A, &q.pool, g.root.cert);
        certs_add(&A, &q.pool, f.root.cert);
        certs_add(&A, &q.pool, f.sub.cert);
        ASSERT_TRUST(ask(&q), TRUST_PASSED, "");
        q.pool = (struct certs){0}; /* no intermediate */
        ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND");
        q = query(&f); /* another root */
        q.anchors = (struct certs){0};
        certs_add(&A, &q.anchors, g.root.cert);
        ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND");
        certs_add(&A, &q.pool, f.root.cert); /* a root in the pool is no anchor */
        ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND");
        q = query(&f); /* pinned: the sub CA, the leaf itself */
        q.anchors = (struct certs){0};
        certs_add(&A, &q.anchors, f.sub.cert);
        r = ask(&q);
        ASSERT_TRUST(r, TRUST_PASSED, "");
        ck_assert(r.chain.n == 2);
        q.anchors = (struct certs){0};
        certs_add(&A, &q.anchors, f.leaf.cert);
        ASSERT_TRUST(ask(&q), TRUST_PASSED, "");
        q.anchors = (struct certs){0};
        ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND");
        family_done(&f);
        family_done(&g);
    }
    arena_done(&A);
}

TEST(a_certificate_the_anchor_did_not_sign_fails)
{
    arena_init(&A, 64 << 20);
    struct family f;
    family_make(KEY_P256, &f);
    struct sv der = arena_sv(&A, f.sub.cert->der);
    ((char *)der.p)[der.n - 1] ^= 1;
    struct chain_query q = query(&f);
    ASSERT_OK(cert_parse(&A, der, &q.leaf, &E), E);
    ASSERT_TRUST(ask(&q), TRUST_FAILED, "SIG_CONSTRAINTS_FAILURE"); /* a CA certificate does not sign documents */
    q.purpose = CHAIN_ANY;
    ASSERT_TRUST(ask(&q), TRUST_FAILED, "CHAIN_SIGNATURE_FAILURE");
    family_done(&f);
    arena_done(&A);
}

TEST(only_cas_issue)
{
    arena_init(&A, 64 << 20);
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        struct family f;
        family_make(all_kinds[i], &f);
        struct test_id by_leaf = test_id_make(&A, all_kinds[i], CERT_SIGNER, SV("TEST impostor"), &f.leaf);
        struct test_id deep =
                test_id_make(&A, all_kinds[i], CERT_SUB_CA, SV("TEST deep"), &f.sub); /* sub has pathLen 0 */
        struct test_id by_deep = test_id_make(&A, all_kinds[i], CERT_SIGNER, SV("TEST below"), &deep);
        struct chain_query q = query(&f);
        certs_add(&A, &q.pool, f.leaf.cert);
        certs_add(&A, &q.pool, deep.cert);
        q.leaf = by_leaf.cert;
        ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE");
        q.leaf = by_deep.cert;
        ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE");
        key_free(by_leaf.key);
        key_free(deep.key);
        key_free(by_deep.key);
        family_done(&f);
    }
    arena_done(&A);
}

TEST(purposes)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    struct chain_query q = {.leaf = ca.tsa.cert, .purpose = CHAIN_TIMESTAMP, .now_at = TEST_NOW};
    certs_add(&A, &q.anchors, ca.root.cert);
    ASSERT_TRUST(ask(&q), TRUST_PASSED, "");
    q.leaf = ca.signer.cert;
    ASSERT_TRUST(ask(&q), TRUST_FAILED, "SIG_CONSTRAINTS_FAILURE");
    q.purpose = CHAIN_SIGN;
    ASSERT_TRUST(ask(&q), TRUST_PASSED, "");
    q.leaf = ca.tsa.cert; /* neither a TSA nor a responder signs contracts */
    ASSERT_TRUST(ask(&q), TRUST_FAILED, "SIG_CONSTRAINTS_FAILURE");
    q.leaf = ca.ocsp.cert;
    ASSERT_TRUST(ask(&q), TRUST_FAILED, "SIG_CONSTRAINTS_FAILURE");
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(time_and_proof_of_existence)
{
    arena_init(&A, 64 << 20);
    struct family f;
    family_make(KEY_P256, &f);
    struct chain_query q = query(&f);
    q.now_at = TEST_NOW + 3650 * TEST_DAY;
    ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE");
    q.proven_at = TEST_NOW + 10 * TEST_DAY;
    ASSERT_TRUST(ask(&q), TRUST_PASSED, "");
    q.proven_at = TEST_NOW + 366 * TEST_DAY;
    ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE");
    q.proven_at = TEST_NOW - 2 * TEST_DAY;
    ASSERT_TRUST(ask(&q), TRUST_FAILED, "NOT_YET_VALID");
    q.proven_at = f.leaf.cert->not_after_at + 999; /* within the last second */
    ASSERT_TRUST(ask(&q), TRUST_PASSED, "");
    q.proven_at++;
    ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE");
    family_done(&f);
    arena_done(&A);
}

static void add_crl(struct chain_query *q, const struct test_id *issuer, const struct revoked *r, size_t n,
                    int64_t from, int64_t to)
{
    struct sv der;
    struct crl_info info;
    ASSERT_OK(crl_make(&A, issuer->cert, issuer->key, r, n, from, to, 7, &der, &E), E);
    ASSERT_OK(crl_parse(&A, pem_encode(&A, "X509 CRL", der), &info, &E), E);
    ck_assert(sv_eq(info.der, der) && info.entries == n && info.this_update_at == from && info.next_update_at == to);
    ASSERT_SV(info.issuer, issuer->cert->subject);
    der_list_add(&A, &q->crls, der);
}

TEST(crls)
{
    arena_init(&A, 64 << 20);
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        struct family f, g;
        family_make(all_kinds[i], &f);
        family_make(all_kinds[i], &g);
        struct revoked other = {SV("0102"), TEST_NOW, REVOKED_SUPERSEDED, 0};
        struct revoked mine = {f.leaf.cert->serial_hex, TEST_NOW, REVOKED_SUPERSEDED, 0};
        struct chain_query q = query(&f);
        q.need_revocation = true;
        add_crl(&q, &f.sub, &other, 1, TEST_NOW - TEST_DAY, TEST_NOW + TEST_DAY);
        ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "TRY_LATER"); /* nothing about the sub CA yet */
        add_crl(&q, &f.root, NULL, 0, TEST_NOW - TEST_DAY, TEST_NOW + TEST_DAY);
        struct chain_result r = ask(&q);
        ASSERT_TRUST(r, TRUST_PASSED, "");
        ck_assert(r.revocation_known && !r.revoked && r.complete && r.status[1].known);
        ASSERT_SV(r.status[1].proof, q.crls.v[1]);
        add_crl(&q, &f.sub, &other, 1, TEST_NOW - TEST_DAY / 2, TEST_NOW + TEST_DAY); /* newer: this one is named */
        r = ask(&q);
        ASSERT_SV(r.status[0].proof, q.crls.v[2]);
        ck_assert(!r.status[0].proof_is_ocsp && r.status[0].proof_at == TEST_NOW - TEST_DAY / 2);
        q.now_at = TEST_NOW + 2 * TEST_DAY; /* stale now, fine for a proven earlier time */
        ASSERT_TRUST(ask(&q), TRUST_INDETERMINATE, "TRY_LATER");
        q.proven_at = TEST_NOW;
        ASSERT_TRUST(ask(&q), TRUST_PASSED, "");

        struct chain_query s = query(&f); /* revoked: before, and after the proven time */
        add_crl(&s, &f.sub, &mine, 1, TEST_NOW, TEST_NOW + TEST_DAY);
        ASSERT_TRUST(ask(&s), TRUST_FAILED, "REVOKED");
        s.proven_at = TEST_NOW + 1;
        ASSERT_TRUST(ask(&s), TRUST_FAILED, "REVOKED");
        s.proven_at = TEST_NOW - 1000;
        r = ask(&s);
        ASSERT_TRUST(r, TRUST_PASSED, "");
        ck_assert(r.revoked && r.revoked_at == TEST_NOW);

        struct revoked stolen = {f.leaf.cert->serial_hex, TEST_NOW, REVOKED_KEY_COMPROMISE, TEST_NOW - TEST_DAY};
        struct chain_query t = query(&f);
        t.proven_at = TEST_NOW - 1000;
        add_crl(&t, &f.sub, &stolen, 1, TEST_NOW, TEST_NOW + TEST_DAY);
        ASSERT_TRUST(ask(&t), TRUST_FAILED, "REVOKED");

        struct revoked held = {f.leaf.cert->serial_hex, TEST_NOW - TEST_DAY, REVOKED_HOLD, 0};
        struct chain_query h = query(&f);
        add_crl(&h, &f.sub, &held, 1, TEST_NOW, TEST_NOW + TEST_DAY);
        ASSERT_TRUST(ask(&h), TRUST_FAILED, "REVOKED");

        struct chain_query u = query(&f); /* a list by somebody else, or from the future, says nothing */
        add_crl(&u, &g.sub, &mine, 1, TEST_NOW, TEST_NOW + TEST_DAY);
        r = ask(&u);
        ASSERT_TRUST(r, TRUST_PASSED, "");
        ck_assert(!r.revocation_known);
        u.need_revocation = true;
        add_crl(&u, &f.sub, &other, 1, TEST_NOW + TEST_DAY, TEST_NOW + 2 * TEST_DAY);
        ASSERT_TRUST(ask(&u), TRUST_INDETERMINATE, "TRY_LATER");

        struct revoked ca = {f.sub.cert->serial_hex, TEST_NOW, REVOKED_CA_COMPROMISE, 0};
        struct chain_query w = query(&f);
        add_crl(&w, &f.root, &ca, 1, TEST_NOW, TEST_NOW + TEST_DAY);
        ASSERT_TRUST(ask(&w), TRUST_INDETERMINATE, "REVOKED_CA_NO_POE");
        family_done(&f);
        family_done(&g);
    }
    arena_done(&A);
}

static struct sv ocsp(const struct family *f, const struct test_id *responder, enum ocsp_answer answer,
                      const struct revoked *r)
{
    struct ocsp_request q;
    struct sv der, response;
    ASSERT_OK(ocsp_request_make(&A, f->leaf.cert, f->sub.cert, &der, &E), E);
    ASSERT_OK(ocsp_request_parse(&A, der, &q, &E), E);
    ASSERT_SV(q.serial_hex, f->leaf.cert->serial_hex);
    ck_assert(ocsp_request_is_for(&q, f->sub.cert) && !ocsp_request_is_for(&q, f->root.cert) && q.nonce.n == 18);
    ASSERT_OK(ocsp_response_make(&A, &q, answer, r, responder->cert, responder->key, TEST_NOW, TEST_NOW + TEST_DAY,
                                 &response, &E),
              E);
    return response;
}

TEST(ocsp_responses)
{
    arena_init(&A, 64 << 20);
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        struct family f, g;
        family_make(all_kinds[i], &f);
        family_make(all_kinds[i], &g);
        struct revoked r = {f.leaf.cert->serial_hex, TEST_NOW - TEST_DAY / 2, REVOKED_UNSPECIFIED, 0};
        const struct {
            const struct test_id *responder;
            enum ocsp_answer answer;
            enum trust_verdict want;
            const char *code;
        } cases[] = {
                {&f.sub,  OCSP_GOOD,    TRUST_PASSED,        ""         },
                {&f.ocsp, OCSP_GOOD,    TRUST_PASSED,        ""         },
                {&f.sub,  OCSP_REVOKED, TRUST_FAILED,        "REVOKED"  },
                {&f.ocsp, OCSP_REVOKED, TRUST_FAILED,        "REVOKED"  },
                {&f.ocsp, OCSP_UNKNOWN, TRUST_INDETERMINATE, "TRY_LATER"},
                {&f.leaf, OCSP_GOOD,    TRUST_INDETERMINATE, "TRY_LATER"}, /* vouches for itself */
                {&g.ocsp, OCSP_GOOD,    TRUST_INDETERMINATE, "TRY_LATER"}, /* made by another issuer of that name */
                {&g.sub,  OCSP_GOOD,    TRUST_INDETERMINATE, "TRY_LATER"},
        };
        for (size_t k = 0; k < COUNT(cases); k++) {
            struct chain_query q = query(&f);
            q.need_revocation = true;
            add_crl(&q, &f.root, NULL, 0, TEST_NOW, TEST_NOW + TEST_DAY);
            der_list_add(&A, &q.ocsps, ocsp(&f, cases[k].responder, cases[k].answer, &r));
            ASSERT_TRUST(ask(&q), cases[k].want, cases[k].code);
        }
        int64_t produced;
        struct certs inside;
        ASSERT_OK(ocsp_response_parse(&A, ocsp(&f, &f.ocsp, OCSP_GOOD, NULL), &produced, &inside, &E), E);
        ck_assert(produced == TEST_NOW && inside.n == 1 && cert_eq(inside.v[0], f.ocsp.cert));
        ck_assert(!ocsp_response_parse(&A, ocsp_response_error(&A, 6), &produced, &inside, &E));
        family_done(&f);
        family_done(&g);
    }
    arena_done(&A);
}

TEST(openssl_program_accepts_our_crls_and_ocsp_responses)
{
    arena_init(&A, 64 << 20);
    const char *dir = NULL;
    ASSERT_OK(dir_temp(&A, "rev", &dir, &E), E);
    struct family f;
    family_make(KEY_P256, &f);
    const char *root = path_join(&A, dir, "root.pem"), *sub = path_join(&A, dir, "sub.pem"),
               *leaf = path_join(&A, dir, "leaf.pem"), *crls = path_join(&A, dir, "crl.pem"),
               *resp = path_join(&A, dir, "resp.der");
    struct sv c1, c2;
    struct revoked r = {f.leaf.cert->serial_hex, TEST_NOW - 1000, REVOKED_KEY_COMPROMISE, TEST_NOW - TEST_DAY};
    ASSERT_OK(file_write(root, cert_pem(&A, f.root.cert), 0600, &E), E);
    ASSERT_OK(file_write(sub, cert_pem(&A, f.sub.cert), 0600, &E), E);
    ASSERT_OK(file_write(leaf, cert_pem(&A, f.leaf.cert), 0600, &E), E);
    for (int revoked = 0; revoked < 2; revoked++) {
        ASSERT_OK(crl_make(&A, f.root.cert, f.root.key, NULL, 0, TEST_NOW - 1000, TEST_NOW + TEST_DAY, 1, &c1, &E), E);
        ASSERT_OK(crl_make(&A, f.sub.cert, f.sub.key, &r, (size_t)revoked, TEST_NOW - 1000, TEST_NOW + TEST_DAY, 2, &c2,
                           &E),
                  E);
        ASSERT_OK(file_write(crls, arena_concat(&A, pem_encode(&A, "X509 CRL", c1), pem_encode(&A, "X509 CRL", c2)),
                             0600, &E),
                  E);
        int rc = run_quiet(
                &A, "openssl verify -attime %lld -x509_strict -crl_check_all -CAfile %s -untrusted %s -CRLfile %s %s",
                (long long)(TEST_NOW / 1000), root, sub, crls, leaf);
        ck_assert_int_eq(rc != 0, revoked);
        ASSERT_OK(file_write(resp, ocsp(&f, &f.ocsp, revoked ? OCSP_REVOKED : OCSP_GOOD, &r), 0600, &E), E);
        ck_assert_int_eq(run_quiet(&A,
                                   "openssl ocsp -respin %s -issuer %s -cert %s -CAfile %s -verify_other %s -attime "
                                   "%lld -no_nonce "
                                   "-validity_period 4000000000 | grep -q '%s'",
                                   resp, sub, leaf, root, sub, (long long)(TEST_NOW / 1000),
                                   revoked ? "leaf.pem: revoked" : "leaf.pem: good"),
                         0);
    }
    ASSERT_OK(dir_remove(dir, &E), E);
    family_done(&f);
    arena_done(&A);
}

/* The openssl program can check one SM2 certificate when it is told the identifier; CRLs it cannot. */
TEST(openssl_program_accepts_our_sm2_certificates)
{
    arena_init(&A, 64 << 20);
    const char *dir = NULL;
    ASSERT_OK(dir_temp(&A, "sm2", &dir, &E), E);
    struct test_ca ca;
    test_ca_make(&A, KEY_SM2, &ca);
    const char *root = path_join(&A, dir, "root.pem"), *leaf = path_join(&A, dir, "leaf.pem");
    ASSERT_OK(file_write(root, cert_pem(&A, ca.root.cert), 0600, &E), E);
    ASSERT_OK(file_write(leaf, cert_pem(&A, ca.signer.cert), 0600, &E), E);
    ck_assert_int_eq(run_quiet(&A, "openssl verify -attime %lld -vfyopt distid:1234567812345678 -CAfile %s %s",
                               (long long)(TEST_NOW / 1000), root, leaf),
                     0);
    ck_assert_int_ne(
            run_quiet(&A, "openssl verify -attime %lld -CAfile %s %s", (long long)(TEST_NOW / 1000), root, leaf), 0);
    ASSERT_OK(dir_remove(dir, &E), E);
    test_ca_done(&ca);
    arena_done(&A);
}
