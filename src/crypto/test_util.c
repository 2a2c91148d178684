/* See test_util.h. */
#include "crypto/test_util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "crypto/der_priv.h"
#include "test.h"

enum { RSA_KEYS = 16 };

/* RSA keys are slow to make: those of the tests are kept in the build folder, and each process takes them in turn. */
static struct key *rsa_key(struct arena *a)
{
    static int turn;
    struct err e = ERR_INIT;
    struct key *k = NULL;
    const char *root = getenv("QYQ_BUILD_ROOT");
    if (!root || turn == RSA_KEYS) {
        ASSERT_OK(key_generate(KEY_RSA_2048, &k, &e), e);
        return k;
    }
    const char *path = path_join(a, root, arena_printf(a, "TEST-rsa-%d.der", turn++).p);
    struct sv der;
    if (file_read(a, path, 1 << 16, &der, &e) && key_load(der, SV(""), &k, &e) && key_kind(k) == KEY_RSA_2048)
        return k;
    key_free(k);
    ASSERT_OK(key_generate(KEY_RSA_2048, &k, &e), e);
    CLEANUP(secret_cleanup) struct secret *made = key_to_pkcs8(k);
    ASSERT_OK(file_write(path, secret_view(made), 0600, &e), e);
    return k;
}

struct test_id test_id_make(struct arena *a, enum key_kind kind, enum cert_profile profile, struct sv name,
                            const struct test_id *root)
{
    struct err e = ERR_INIT;
    struct test_id id = {0};
    if (kind == KEY_RSA_2048)
        id.key = rsa_key(a);
    else
        ASSERT_OK(key_generate(kind, &id.key, &e), e);
    struct cert_order o = {
            .profile = profile,
            .subject = {.common_name = name, .organization = SV("TEST 企业"), .country = SV("CN")},
            .public_der = key_public_der(a, id.key),
            .not_before_at = TEST_NOW - TEST_DAY,
            .not_after_at = TEST_NOW + 365 * TEST_DAY
    };
    if (profile == CERT_SIGNER) {
        o.subject.serial_number = SV("H0123456789ABCDEF");
        o.crl_url = SV("http://ca.test/crl");
        o.ocsp_url = SV("http://ca.test/ocsp");
    }
    ASSERT_OK(cert_issue(a, &o, root ? root->cert : NULL, root ? root->key : id.key, &id.cert, &e), e);
    return id;
}

void test_ca_make(struct arena *a, enum key_kind kind, struct test_ca *ret)
{
    ret->root = test_id_make(a, kind, CERT_ROOT, SV("TEST CA"), NULL);
    ret->signer = test_id_make(a, kind, CERT_SIGNER, SV("测试 TEST signer"), &ret->root);
    ret->tsa = test_id_make(a, kind, CERT_TSA, SV("TEST TSA"), &ret->root);
    ret->ocsp = test_id_make(a, kind, CERT_OCSP, SV("TEST OCSP"), &ret->root);
}

void test_ca_done(struct test_ca *ca)
{
    key_free(ca->root.key);
    key_free(ca->signer.key);
    key_free(ca->tsa.key);
    key_free(ca->ocsp.key);
}

#define OID_SM2_SM3 "1.2.156.10197.1.501"

static struct sv sm2_bits(struct arena *a, const struct test_id *id, struct sv tbs)
{
    struct err e = ERR_INIT;
    struct sv sig;
    ASSERT_OK(key_sign(a, id->key, SIG_SM2, DIGEST_SM3, tbs, &sig, &e), e);
    return der_bits(a, sig);
}

/* SESeal: GB/T 38540-2020 7.2, GM/T 0031-2014 5.3 */
static struct sv seal_der(struct arena *a, const struct test_id *signer, const struct test_id *maker, bool old)
{
    struct sv header =
            der_seq(a, der_tlv(a, DER_IA5, SV("ES")), der_int(a, old ? 2 : 4), der_tlv(a, DER_IA5, SV("TEST")));
    struct sv list = der_seq(a, der_tlv(a, DER_OCTETS, signer->cert->der)), kind = old ? SV("") : der_int(a, 1);
    struct sv (*time)(struct arena *, int64_t) = der_time_x509;
    struct sv property = der_seq(a, der_int(a, 1), der_tlv(a, DER_UTF8, SV("测试 TEST 印章")), kind, list,
                                 time(a, TEST_NOW), time(a, TEST_NOW), time(a, TEST_NOW + 365 * TEST_DAY));
    struct sv picture = der_seq(a, der_tlv(a, DER_IA5, SV("PNG")), der_tlv(a, DER_OCTETS, SV("picture")),
                                der_int(a, 40), der_int(a, 40));
    struct sv info = der_seq(a, header, der_tlv(a, DER_IA5, SV("TEST-0001")), property, picture);
    struct sv cert = der_tlv(a, DER_OCTETS, maker->cert->der), alg = der_oid(a, OID_SM2_SM3);
    if (old)
        return der_seq(a, info, der_seq(a, cert, alg, sm2_bits(a, maker, der_seq(a, info, cert, alg))));
    return der_seq(a, info, cert, alg, sm2_bits(a, maker, der_seq(a, info, cert, alg)));
}

struct sv test_seal(struct arena *a, const struct test_id *signer, const struct test_id *maker, enum ses_layout layout,
                    const struct digest *sm3)
{
    bool old = layout == SES_GMT_0031;
    struct sv seal = seal_der(a, signer, maker, old), hash = der_bits(a, digest_sv(sm3));
    struct sv property = der_tlv(a, DER_IA5, SV("/Contents")), cert = der_tlv(a, DER_OCTETS, signer->cert->der),
              alg = der_oid(a, OID_SM2_SM3);
    if (old) {
        struct sv tbs =
                der_seq(a, der_int(a, 2), seal, der_bits(a, der_time_x509(a, TEST_NOW)), hash, property, cert, alg);
        return der_seq(a, tbs, sm2_bits(a, signer, tbs));
    }
    struct sv tbs = der_seq(a, der_int(a, 4), seal, der_time_general(a, TEST_NOW, false), hash, property);
    return der_seq(a, tbs, cert, alg, sm2_bits(a, signer, tbs));
}

struct sv unhex(struct arena *a, const char *hex)
{
    struct sv ret;
    ck_assert(hex_decode(a, sv_from(hex), &ret));
    return ret;
}

int run_quiet(struct arena *a, const char *fmt, ...)
{
    char command[4096];
    (void)a;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(command, sizeof(command) - 20, fmt, args);
    va_end(args);
    ck_assert(n > 0 && n < (int)sizeof(command) - 20);
    char whole[4096 + 32];
    snprintf(whole, sizeof(whole), "(%s) >/dev/null 2>&1", command);
    int status = system(whole);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}
