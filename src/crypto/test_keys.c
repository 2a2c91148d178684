/* Keys of every kind: sign and verify, load and save; certificates and requests; what the openssl program says of them.
 */
#include "test.h"

#include <string.h>

#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/test_util.h"

static struct arena A;
static struct err E;

static const enum key_kind all_kinds[] = {KEY_RSA_2048, KEY_P256, KEY_P384, KEY_P521, KEY_SM2};

TEST(every_kind_signs_and_verifies)
{
    arena_init(&A, 64 << 20);
    struct sv message = SV("a contract");
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        CLEANUP(key_cleanup) struct key *k = NULL;
        ASSERT_OK(key_generate(all_kinds[i], &k, &E), E);
        enum sig_scheme scheme = key_kind_scheme(key_kind(k));
        enum digest_alg alg = key_kind_digest(key_kind(k));
        struct sv pub = key_public_der(&A, k), sig, sig2;
        ASSERT_OK(key_sign(&A, k, scheme, alg, message, &sig, &E), E);
        ck_assert(signature_verify(pub, scheme, alg, message, sig));
        ck_assert(!signature_verify(pub, scheme, alg, SV("a contracT"), sig));
        ck_assert(!signature_verify(pub, scheme, alg, message, sv_sub(sig, 0, sig.n - 1)));
        struct digest d = digest_of(alg, message);
        if (key_kind(k) == KEY_SM2)
            ASSERT_OK(sm2_digest(pub, message, &d, &E), E);
        ASSERT_OK(key_sign_digest(&A, k, scheme, &d, &sig2, &E), E);
        ck_assert(signature_verify(pub, scheme, alg, message, sig2));
        ck_assert(!key_sign(&A, k, scheme, DIGEST_SHA1, message, &sig, &E) && strcmp(E.reason, "sign_algorithm") == 0);
        if (key_kind(k) == KEY_SM2)
            ck_assert(!key_sign(&A, k, SIG_SM2, DIGEST_SHA256, message, &sig, &E));
        ck_assert(!key_sign(&A, k, scheme == SIG_ECDSA ? SIG_RSA_PKCS1 : SIG_ECDSA, alg, message, &sig, &E));
    }
    arena_done(&A);
}

TEST(pss_is_not_pkcs1)
{
    arena_init(&A, 1 << 20);
    CLEANUP(key_cleanup) struct key *k = NULL;
    ASSERT_OK(key_generate(KEY_RSA_3072, &k, &E), E);
    struct sv sig, pub = key_public_der(&A, k);
    ASSERT_OK(key_sign(&A, k, SIG_RSA_PSS, DIGEST_SHA512, SV("x"), &sig, &E), E);
    ck_assert(signature_verify(pub, SIG_RSA_PSS, DIGEST_SHA512, SV("x"), sig));
    ck_assert(!signature_verify(pub, SIG_RSA_PKCS1, DIGEST_SHA512, SV("x"), sig));
    arena_done(&A);
}

TEST(sm2_published_signature)
{
    /* GM/T 0003.5-2012 / GB/T 32918.5 appendix A.2: public key, identifier 1234567812345678, message "message digest".
     */
    arena_init(&A, 1 << 20);
    struct sv pub = unhex(&A, "3059301306072a8648ce3d020106082a811ccf5501822d03420004"
                              "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
                              "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13");
    struct sv sig = unhex(&A, "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
                              "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa");
    struct digest e;
    ASSERT_OK(sm2_digest(pub, SV("message digest"), &e, &E), E);
    ASSERT_SV(digest_sv(&e), unhex(&A, "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640"));
    ck_assert(signature_verify(pub, SIG_SM2, DIGEST_SM3, SV("message digest"), sig));
    ck_assert(!signature_verify(pub, SIG_SM2, DIGEST_SM3, SV("message digesT"), sig));
    arena_done(&A);
}

TEST(keys_survive_export)
{
    arena_init(&A, 1 << 20);
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        CLEANUP(key_cleanup) struct key *k = NULL, *x = NULL, *y = NULL, *z = NULL;
        ASSERT_OK(key_generate(all_kinds[i], &k, &E), E);
        CLEANUP(secret_cleanup)
        struct secret *der = key_to_pkcs8(k), *pem = key_to_pem(k, SV("")), *enc = key_to_pem(k, SV("pass"));
        struct sv pub = key_public_der(&A, k);
        ASSERT_OK(key_load(secret_view(der), SV(""), &x, &E), E);
        ASSERT_OK(key_load(secret_view(pem), SV(""), &y, &E), E);
        ASSERT_OK(key_load(secret_view(enc), SV("pass"), &z, &E), E);
        ck_assert(key_matches(x, pub) && key_matches(y, pub) && key_matches(z, pub) && key_kind(z) == all_kinds[i]);
        ck_assert(sv_starts(secret_view(enc), SV("-----BEGIN ENCRYPTED PRIVATE KEY")));
        CLEANUP(key_cleanup) struct key *none = NULL;
        ck_assert(!key_load(secret_view(enc), SV("wrong"), &none, &E) && strcmp(E.reason, "key_password_wrong") == 0);
        ck_assert(!key_load(secret_view(enc), SV(""), &none, &E) && strcmp(E.reason, "key_password_wrong") == 0);
        ck_assert(!key_load(SV("nonsense"), SV(""), &none, &E) && strcmp(E.reason, "key_unreadable") == 0);
    }
    arena_done(&A);
}

TEST(issued_certificates_say_what_was_ordered)
{
    arena_init(&A, 16 << 20);
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        struct test_ca ca;
        test_ca_make(&A, all_kinds[i], &ca);
        const struct cert *c = ca.signer.cert;
        ck_assert(ca.root.cert->self_signed && ca.root.cert->is_ca &&
                  ca.root.cert->key_usage == (KU_CERT_SIGN | KU_CRL_SIGN));
        ck_assert(!c->self_signed && !c->is_ca && c->key_kind == all_kinds[i] &&
                  c->signed_scheme == key_kind_scheme(all_kinds[i]));
        ASSERT_SV(c->common_name, SV("测试 TEST signer"));
        ASSERT_SV(c->subject, SV("serialNumber=H0123456789ABCDEF,CN=测试 TEST signer,O=TEST 企业,C=CN"));
        ASSERT_SV(c->issuer_common_name, SV("TEST CA"));
        ASSERT_SV(c->subject_serial_number, SV("H0123456789ABCDEF"));
        ASSERT_SV(c->authority_key_id, ca.root.cert->key_id);
        ASSERT_SV(c->crl_url, SV("http://ca.test/crl"));
        ASSERT_SV(c->ocsp_url, SV("http://ca.test/ocsp"));
        ck_assert(c->key_usage == (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION) && c->eku == (EKU_DOCUMENT | EKU_EMAIL));
        ck_assert(ca.tsa.cert->eku == EKU_TIMESTAMP && ca.tsa.cert->eku_critical &&
                  c->not_before_at == TEST_NOW - TEST_DAY);
        struct certs list;
        ASSERT_OK(certs_parse(&A, arena_concat(&A, cert_pem(&A, c), cert_pem(&A, ca.root.cert)), &list, &E), E);
        ck_assert(list.n == 2 && cert_eq(list.v[0], c) && !cert_is_weak(c));
        test_ca_done(&ca);
    }
    arena_done(&A);
}

TEST(a_certificate_can_carry_what_it_is_for)
{
    struct arena a;
    struct err e = ERR_INIT;
    arena_init(&a, ARENA_REQUEST_LIMIT);
    CLEANUP(key_cleanup) struct key *k = NULL;
    ASSERT_OK(key_generate(KEY_P256, &k, &e), e);
    struct cert_order o = {.profile = CERT_SIGNER,
                           .subject = {.common_name = SV("TEST")},
                           .public_der = key_public_der(&a, k),
                           .not_before_at = TEST_NOW,
                           .not_after_at = TEST_NOW + TEST_DAY,
                           .uri = SV("urn:qyq:act:00ff")};
    const struct cert *c;
    ASSERT_OK(cert_issue(&a, &o, NULL, k, &c, &e), e);
    /* subjectAltName { uniformResourceIdentifier } (RFC 5280 4.2.1.6) */
    ck_assert(sv_find(c->der, SV("\x55\x1d\x11\x04\x14\x30\x12\x86\x10urn:qyq:act:00ff")) != SIZE_MAX);
    o.uri = SV("urn:not ascii\xc3\xa4");
    ck_assert(!cert_issue(&a, &o, NULL, k, &c, &e));
    arena_done(&a);
}

TEST(openssl_program_accepts_our_certificates)
{
    arena_init(&A, 16 << 20);
    const char *dir = NULL;
    ASSERT_OK(dir_temp(&A, "certs", &dir, &E), E);
    static const enum key_kind kinds[] = {KEY_RSA_2048, KEY_P256, KEY_P384};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct test_ca ca;
        test_ca_make(&A, kinds[i], &ca);
        const char *root = path_join(&A, dir, "root.pem"), *leaf = path_join(&A, dir, "leaf.pem");
        ASSERT_OK(file_write(root, cert_pem(&A, ca.root.cert), 0600, &E), E);
        ASSERT_OK(file_write(leaf, cert_pem(&A, ca.signer.cert), 0600, &E), E);
        ck_assert_int_eq(run_quiet(&A, "openssl verify -attime %lld -x509_strict -check_ss_sig -CAfile %s %s",
                                   (long long)(TEST_NOW / 1000), root, leaf),
                         0);
        test_ca_done(&ca);
    }
    ASSERT_OK(dir_remove(dir, &E), E);
    arena_done(&A);
}

TEST(requests_prove_possession)
{
    arena_init(&A, 1 << 20);
    for (size_t i = 0; i < COUNT(all_kinds); i++) {
        CLEANUP(key_cleanup) struct key *k = NULL;
        ASSERT_OK(key_generate(all_kinds[i], &k, &E), E);
        struct cert_subject s = {.common_name = SV("测试 TEST"), .country = SV("CN"), .serial_number = SV("ab12")};
        struct sv der;
        struct csr csr;
        ASSERT_OK(csr_make(&A, k, &s, &der, &E), E);
        ASSERT_OK(csr_parse(&A, pem_encode(&A, "CERTIFICATE REQUEST", der), &csr, &E), E);
        ASSERT_SV(csr.names.common_name, s.common_name);
        ASSERT_SV(csr.names.serial_number, s.serial_number);
        ck_assert(key_matches(k, csr.public_der) && csr.key_kind == all_kinds[i]);
        struct sv bad = arena_sv(&A, der);
        ((char *)bad.p)[30] ^= 1; /* a letter of the name */
        ck_assert(!csr_parse(&A, bad, &csr, &E));
        ck_assert(!csr_parse(&A, sv_sub(der, 0, der.n - 1), &csr, &E) && strcmp(E.reason, "csr_unreadable") == 0);
    }
    CLEANUP(key_cleanup) struct key *k = NULL;
    ASSERT_OK(key_generate(KEY_P256, &k, &E), E);
    struct cert_subject bad = {.common_name = SV("x"), .country = SV("中国")};
    struct sv der;
    ck_assert(!csr_make(&A, k, &bad, &der, &E) && strcmp(E.reason, "cert_name") == 0);
    arena_done(&A);
}

TEST(pkcs12_ours_and_legacy)
{
    arena_init(&A, 16 << 20);
    const char *dir = NULL;
    ASSERT_OK(dir_temp(&A, "p12", &dir, &E), E);
    static const enum key_kind kinds[] = {KEY_RSA_2048, KEY_P256, KEY_SM2};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct test_ca ca;
        test_ca_make(&A, kinds[i], &ca);
        struct certs chain = {0}, got;
        certs_add(&A, &chain, ca.root.cert);
        CLEANUP(secret_cleanup) struct secret *p12 = NULL;
        ASSERT_OK(pkcs12_make(ca.signer.key, ca.signer.cert, &chain, SV("pass"), &p12, &E), E);
        CLEANUP(key_cleanup) struct key *k = NULL, *old = NULL, *none = NULL;
        const struct cert *c;
        ASSERT_OK(pkcs12_load(&A, secret_view(p12), SV("pass"), &k, &c, &got, &E), E);
        ck_assert(cert_eq(c, ca.signer.cert) && key_matches(k, c->public_der) && got.n == 1 &&
                  cert_eq(got.v[0], ca.root.cert));
        ck_assert(!pkcs12_load(&A, secret_view(p12), SV("no"), &none, &c, &got, &E) &&
                  strcmp(E.reason, "key_password_wrong") == 0);
        ck_assert(!pkcs12_load(&A, SV("0123"), SV("no"), &none, &c, &got, &E) &&
                  strcmp(E.reason, "key_unreadable") == 0);
        /* The same as an old program would write it: RC2-40 certificates, 3DES key, SHA-1 MAC. */
        const char *key = path_join(&A, dir, "key.pem"), *cert = path_join(&A, dir, "cert.pem"),
                   *out = path_join(&A, dir, "old.p12");
        CLEANUP(secret_cleanup) struct secret *pem = key_to_pem(ca.signer.key, SV(""));
        ASSERT_OK(file_write(key, secret_view(pem), 0600, &E), E);
        ASSERT_OK(file_write(cert, cert_pem(&A, ca.signer.cert), 0600, &E), E);
        ck_assert_int_eq(run_quiet(&A, "openssl pkcs12 -export -legacy -inkey %s -in %s -passout pass:old -out %s", key,
                                   cert, out),
                         0);
        struct sv bytes;
        ASSERT_OK(file_read(&A, out, 1 << 20, &bytes, &E), E);
        ASSERT_OK(pkcs12_load(&A, bytes, SV("old"), &old, &c, &got, &E), E);
        ck_assert(key_matches(old, ca.signer.cert->public_der) && key_kind(old) == kinds[i] && got.n == 0);
        struct sv sig;
        ASSERT_OK(key_sign(&A, old, key_kind_scheme(kinds[i]), key_kind_digest(kinds[i]), SV("x"), &sig, &E), E);
        test_ca_done(&ca);
    }
    ASSERT_OK(dir_remove(dir, &E), E);
    arena_done(&A);
}
