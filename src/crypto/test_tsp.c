/* Timestamps: asking, answering, and everything a token may be refused for. */
#include "test.h"

#include <string.h>

#include "crypto/cms.h"
#include "crypto/der_priv.h"
#include "crypto/test_util.h"
#include "crypto/tsp.h"

static struct arena A;
static struct err E;
#define POLICY SV("1.3.6.1.4.1.99999.1.1")

static struct tsp_authority authority(const struct test_id *tsa, const struct test_id *root)
{
    struct tsp_authority t = {.cert = tsa->cert, .key = tsa->key, .policy = POLICY, .accuracy_ms = 1500};
    certs_add(&A, &t.chain, root->cert);
    return t;
}

static struct sv stamp(const struct tsp_authority *t, const struct digest *d, struct tsp_request *ret)
{
    struct tsp_request parsed;
    struct sv response;
    ASSERT_OK(tsp_request_make(&A, d, SV(""), ret, &E), E);
    ASSERT_OK(tsp_request_parse(&A, ret->der, &parsed, &E), E);
    ck_assert(parsed.cert_req && digest_eq(&parsed.imprint, d) && sv_eq(parsed.nonce, ret->nonce));
    ASSERT_OK(tsp_response_make(&A, &parsed, t, SV("\x01\x02"), TEST_NOW + 250, &response, &E), E);
    return response;
}

TEST(tokens_of_every_key)
{
    arena_init(&A, 64 << 20);
    static const enum key_kind kinds[] = {KEY_RSA_2048, KEY_P256, KEY_SM2};
    static const enum digest_alg algs[] = {DIGEST_SHA256, DIGEST_SM3, DIGEST_SHA512};
    for (size_t i = 0; i < COUNT(kinds); i++)
        for (size_t k = 0; k < COUNT(algs); k++) {
            struct test_ca ca;
            test_ca_make(&A, kinds[i], &ca);
            struct tsp_authority tsa = authority(&ca.tsa, &ca.root);
            struct digest d = digest_of(algs[k], SV("bytes")), other = digest_of(algs[k], SV("other"));
            struct tsp_request r, r2;
            struct sv token, response = stamp(&tsa, &d, &r);
            ASSERT_OK(tsp_response_check(&A, &r, response, &token, &E), E);
            struct tsp_token t;
            struct tsp_verdict v;
            tsp_token_read(&A, token, &t);
            ck_assert(t.gen_at == TEST_NOW + 250 && t.accuracy_ms == 1500 && t.imprint_alg == algs[k]);
            ASSERT_SV(t.tsa, SV("TEST TSA"));
            ASSERT_SV(t.policy, POLICY);
            ASSERT_SV(t.serial_hex, SV("0102"));
            tsp_token_check(&A, &t, &d, NULL, &v);
            ck_assert(v.status == CMS_OK && cert_eq(v.tsa, ca.tsa.cert) && !v.weak);
            tsp_token_check(&A, &t, &other, NULL, &v);
            ck_assert(v.status == CMS_TST_BAD && strcmp(v.code, "imprint_mismatch") == 0);
            /* the answer to another request: same imprint, another nonce; another imprint */
            ASSERT_OK(tsp_request_make(&A, &d, SV(""), &r2, &E), E);
            ck_assert(!tsp_response_check(&A, &r2, response, &token, &E) && strcmp(E.reason, "tsa_bad_answer") == 0);
            ASSERT_OK(tsp_request_make(&A, &other, SV(""), &r2, &E), E);
            ck_assert(!tsp_response_check(&A, &r2, response, &token, &E));
            test_ca_done(&ca);
        }
    arena_done(&A);
}

TEST(refusals_say_so)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    struct tsp_authority tsa = authority(&ca.tsa, &ca.root);
    struct digest d = digest_of(DIGEST_SHA256, SV("bytes")), old = digest_of(DIGEST_SHA1, SV("bytes"));
    struct tsp_request r, parsed;
    struct sv response, token;
    ASSERT_OK(tsp_request_make(&A, &d, SV("1.2.3.4"), &r, &E), E);
    ASSERT_OK(tsp_request_parse(&A, r.der, &parsed, &E), E);
    ASSERT_OK(tsp_response_make(&A, &parsed, &tsa, SV("\x01"), TEST_NOW, &response, &E), E);
    ck_assert(!tsp_response_check(&A, &r, response, &token, &E) && strcmp(E.reason, "tsa_refused") == 0 &&
              E.code == ERR_UNAVAILABLE);
    ck_assert(!tsp_response_check(&A, &r, tsp_response_reject(&A, 25, SV("down")), &token, &E) &&
              strstr(E.msg, "down"));
    ck_assert(!tsp_response_check(&A, &r, SV("<html>"), &token, &E) && strcmp(E.reason, "tsa_bad_answer") == 0);
    ASSERT_OK(tsp_request_make(&A, &old, SV(""), &r, &E), E);
    ck_assert(!tsp_request_parse(&A, r.der, &parsed, &E) && E.code == ERR_UNSUPPORTED);
    ck_assert(!tsp_request_parse(&A, SV("x"), &parsed, &E) && E.code == ERR_BAD_INPUT);
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(only_a_tsa_may_stamp)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_P256, &ca);
    struct digest d = digest_of(DIGEST_SHA256, SV("bytes"));
    struct tsp_request r;
    struct tsp_token t;
    struct tsp_verdict v;
    struct sv token;
    struct tsp_authority wrong = authority(&ca.signer, &ca.root);
    struct sv response = stamp(&wrong, &d, &r);
    ck_assert(!tsp_response_check(&A, &r, response, &token, &E) && strstr(E.msg, "tsa_usage"));
    /* outside the validity of its certificate */
    struct tsp_authority tsa = authority(&ca.tsa, &ca.root);
    struct tsp_request parsed;
    ASSERT_OK(tsp_request_parse(&A, r.der, &parsed, &E), E);
    ASSERT_OK(tsp_response_make(&A, &parsed, &tsa, SV("\x01"), TEST_NOW - 2 * TEST_DAY, &response, &E), E);
    ck_assert(!tsp_response_check(&A, &r, response, &token, &E) && strstr(E.msg, "tsa_validity"));
    /* without certificates: only with help */
    parsed.cert_req = false;
    ASSERT_OK(tsp_response_make(&A, &parsed, &tsa, SV("\x01"), TEST_NOW, &response, &E), E);
    ck_assert(!tsp_response_check(&A, &r, response, &token, &E));
    struct der outer = der_open(response), in = der_enter(&outer, DER_SEQ);
    der_take(&in, DER_SEQ);
    struct certs extra = {0};
    certs_add(&A, &extra, ca.tsa.cert);
    tsp_token_read(&A, in.rest, &t);
    tsp_token_check(&A, &t, &d, &extra, &v);
    ck_assert(v.status == CMS_OK);
    tsp_token_check(&A, &t, &d, NULL, &v);
    ck_assert(v.status == CMS_TST_BAD && strcmp(v.code, "signer_certificate_missing") == 0);
    test_ca_done(&ca);
    arena_done(&A);
}

TEST(signature_timestamps)
{
    arena_init(&A, 64 << 20);
    static const enum key_kind kinds[] = {KEY_RSA_2048, KEY_P256, KEY_SM2};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct test_ca ca;
        test_ca_make(&A, kinds[i], &ca);
        struct tsp_authority tsa = authority(&ca.tsa, &ca.root);
        struct cms_order o = {.signer = ca.signer.cert};
        struct digest d = digest_of(key_kind_digest(kinds[i]), SV("contract"));
        struct sv der, value, token, stamped, foreign;
        struct tsp_request r;
        ASSERT_OK(cms_sign(&A, &o, ca.signer.key, &d, &der, &E), E);
        ASSERT_OK(cms_signature_value(&A, der, &value, &E), E);
        struct digest imprint = digest_of(DIGEST_SHA256, value), other = digest_of(DIGEST_SHA256, SV("x"));
        ASSERT_OK(tsp_response_check(&A, &r, stamp(&tsa, &imprint, &r), &token, &E), E);
        ASSERT_OK(cms_add_timestamp(&A, der, token, &stamped, &E), E);
        for (int wrong = 0; wrong < 2; wrong++) {
            struct cms c;
            struct cms_verdict v;
            if (wrong) { /* copied from another signature */
                ASSERT_OK(tsp_response_check(&A, &r, stamp(&tsa, &other, &r), &token, &E), E);
                ASSERT_OK(cms_add_timestamp(&A, der, token, &foreign, &E), E);
            }
            cms_read(&A, wrong ? foreign : stamped, CMS_CADES, &c);
            CLEANUP(cms_hash_cleanup) struct cms_hash *h = cms_hash_new(&c, NULL);
            cms_hash_add(h, SV("contract"));
            cms_check(&A, &c, h, NULL, &v);
            ck_assert(c.tokens.n == 1 && v.token_n == 1 && sv_eq(c.signature, value));
            ck_assert_msg(v.status == (wrong ? CMS_TST_BAD : CMS_OK), "%s", v.problem_n ? v.problem[0].code : "");
            ck_assert(v.earliest_at == (wrong ? 0 : TEST_NOW + 250) && v.token[0].gen_at == TEST_NOW + 250);
        }
        test_ca_done(&ca);
    }
    arena_done(&A);
}

TEST(openssl_program_accepts_our_tokens_and_we_its)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_RSA_2048, &ca);
    const char *dir = NULL;
    ASSERT_OK(dir_temp(&A, "tsp", &dir, &E), E);
    const char *root = path_join(&A, dir, "root.pem"), *cert = path_join(&A, dir, "tsa.pem"),
               *key = path_join(&A, dir, "key.pem"), *doc = path_join(&A, dir, "doc"), *q = path_join(&A, dir, "q"),
               *reply = path_join(&A, dir, "r"), *conf = path_join(&A, dir, "conf");
    CLEANUP(secret_cleanup) struct secret *pem = key_to_pem(ca.tsa.key, SV(""));
    ASSERT_OK(file_write(root, cert_pem(&A, ca.root.cert), 0600, &E), E);
    ASSERT_OK(file_write(cert, cert_pem(&A, ca.tsa.cert), 0600, &E), E);
    ASSERT_OK(file_write(key, secret_view(pem), 0600, &E), E);
    ASSERT_OK(file_write(doc, SV("bytes"), 0600, &E), E);
    struct tsp_authority tsa = authority(&ca.tsa, &ca.root);
    struct sv bytes, response, token;
    struct tsp_request r;
    /* its question, our answer */
    ck_assert_int_eq(run_quiet(&A, "openssl ts -query -data %s -sha256 -cert -out %s", doc, q), 0);
    ASSERT_OK(file_read(&A, q, 1 << 16, &bytes, &E), E);
    ASSERT_OK(tsp_request_parse(&A, bytes, &r, &E), E);
    ASSERT_OK(tsp_response_make(&A, &r, &tsa, SV("\x05"), TEST_NOW, &response, &E), E);
    ASSERT_OK(file_write(reply, response, 0600, &E), E);
    ck_assert_int_eq(run_quiet(&A, "openssl ts -verify -queryfile %s -in %s -CAfile %s -attime %lld", q, reply, root,
                               (long long)(TEST_NOW / 1000)),
                     0);
    /* our question, its answer */
    struct sv text = arena_printf(
            &A,
            "[tsa]\ndefault_tsa=t\n[t]\nserial=%s/serial\ncrypto_device=builtin\nsigner_cert=%s\nsigner_key=%s\n"
            "signer_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\nordering=yes\ntsa_name=yes\n"
            "ess_cert_id_chain=no\naccuracy=secs:1,millisecs:500\n",
            dir, cert, key);
    ASSERT_OK(file_write(conf, text, 0600, &E), E);
    ASSERT_OK(file_write(path_join(&A, dir, "serial"), SV("01"), 0600, &E), E);
    struct digest d = digest_of(DIGEST_SHA256, SV("bytes"));
    ASSERT_OK(tsp_request_make(&A, &d, SV(""), &r, &E), E);
    ASSERT_OK(file_write(q, r.der, 0600, &E), E);
    ck_assert_int_eq(run_quiet(&A, "openssl ts -reply -config %s -queryfile %s -out %s", conf, q, reply), 0);
    ASSERT_OK(file_read(&A, reply, 1 << 16, &response, &E), E);
    struct tsp_token t;
    struct tsp_verdict v;
    struct der outer = der_open(response), in = der_enter(&outer, DER_SEQ);
    der_take(&in, DER_SEQ);
    tsp_token_read(&A, in.rest, &t);
    tsp_token_check(&A, &t, &d, NULL, &v);
    ck_assert(t.cms.status == CMS_OK && t.accuracy_ms == 1500);
    /* its clock is today's, which the test certificate may not cover: everything else must be right */
    ck_assert_msg(v.status == CMS_OK || strcmp(v.code, "tsa_validity") == 0, "%s", v.code);
    (void)token;
    ASSERT_OK(dir_remove(dir, &E), E);
    test_ca_done(&ca);
    arena_done(&A);
}

/* A flipped bit in a stamped signature is refused, or neither the signer, the signature nor the proven time changes. */
TEST(flipped_bits_never_move_the_time)
{
    struct arena keep;
    arena_init(&keep, 64 << 20);
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&keep, KEY_P256, &ca);
    struct tsp_authority tsa = {.cert = ca.tsa.cert, .key = ca.tsa.key, .policy = POLICY};
    struct cms_order o = {.signer = ca.signer.cert};
    struct digest d = digest_of(DIGEST_SHA256, SV("contract"));
    struct sv der, value, token, good;
    struct tsp_request r;
    ASSERT_OK(cms_sign(&keep, &o, ca.signer.key, &d, &der, &E), E);
    ASSERT_OK(cms_signature_value(&keep, der, &value, &E), E);
    struct digest imprint = digest_of(DIGEST_SHA256, value);
    struct sv response = stamp(&tsa, &imprint, &r);
    ASSERT_OK(tsp_response_check(&keep, &r, response, &token, &E), E);
    ASSERT_OK(cms_add_timestamp(&keep, der, token, &good, &E), E);
    size_t accepted = 0;
    for (size_t i = 0; i < good.n; i++) {
        struct cms c;
        struct cms_verdict v;
        arena_done(&A);
        arena_init(&A, 64 << 20);
        struct sv bad = arena_sv(&A, good);
        ((char *)bad.p)[i] ^= (char)(1 << (i * 5 + 1) % 8);
        cms_read(&A, bad, CMS_CADES, &c);
        CLEANUP(cms_hash_cleanup) struct cms_hash *h = cms_hash_new(&c, NULL);
        cms_hash_add(h, SV("contract"));
        cms_check(&A, &c, h, NULL, &v);
        if (v.status != CMS_OK)
            continue;
        accepted++;
        ck_assert_msg(cert_eq(v.signer, ca.signer.cert) && sv_eq(c.signature, value), "byte %zu", i);
        /* A flip in the attribute's type makes it another attribute: then no timestamp is claimed. */
        ck_assert_msg(v.token_n == 0 ? v.earliest_at == 0 : v.earliest_at == TEST_NOW + 250, "byte %zu", i);
    }
    ck_assert_uint_le(accepted, 40);
    test_ca_done(&ca);
    arena_done(&A);
    arena_done(&keep);
}
