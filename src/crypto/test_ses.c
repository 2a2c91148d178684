/* Electronic seals: both layouts are read, changed bytes are told, nothing is ever fine. */
#include "test.h"

#include <string.h>

#include "crypto/ses.h"
#include "crypto/test_util.h"

static struct arena A;

static bool says(const struct cms_verdict *v, const char *code)
{
    for (size_t i = 0; i < v->problem_n; i++)
        if (strcmp(v->problem[i].code, code) == 0)
            return true;
    return false;
}

TEST(seals_of_both_standards)
{
    arena_init(&A, 64 << 20);
    struct test_ca ca;
    test_ca_make(&A, KEY_SM2, &ca);
    struct digest right = digest_of(DIGEST_SM3, SV("a page")), other = digest_of(DIGEST_SM3, SV("another page"));
    static const enum ses_layout layouts[] = {SES_GBT_38540, SES_GMT_0031};
    for (size_t i = 0; i < COUNT(layouts); i++) {
        struct sv der = test_seal(&A, &ca.signer, &ca.root, layouts[i], &right);
        struct ses s;
        struct cms_verdict v;
        struct sv padded = arena_concat(&A, der, sv_of("\0\0\0\0\0\0\0\0", 8));
        ses_read(&A, padded, &s);
        ck_assert_int_eq(s.status, CMS_OK);
        ck_assert(s.layout == layouts[i] && s.version == (i == 0 ? 4 : 2) && s.signed_at == TEST_NOW &&
                  !s.has_timestamp);
        ck_assert(s.seal_from_at == TEST_NOW && s.seal_until_at == TEST_NOW + 365 * TEST_DAY);
        ASSERT_SV(s.der, der);
        ASSERT_SV(s.seal_name, SV("测试 TEST 印章"));
        ASSERT_SV(s.seal_id, SV("TEST-0001"));
        ck_assert(s.signer && cert_eq(s.signer, ca.signer.cert) && s.maker && cert_eq(s.maker, ca.root.cert));
        ses_check(&A, &s, &right, &v);
        ck_assert(v.status == CMS_UNSUPPORTED && says(&v, "seal_not_judged") && says(&v, "seal_value_fits") &&
                  cert_eq(v.signer, ca.signer.cert) && !v.weak);
        ses_check(&A, &s, &other, &v);
        ck_assert(v.status == CMS_TAMPERED && says(&v, "digest_differs"));
        /* somebody puts the new digest in: the value over it no longer fits */
        struct sv forged = arena_sv(&A, der);
        size_t at = sv_find(forged, digest_sv(&right));
        ck_assert(at != SIZE_MAX);
        memcpy((char *)forged.p + at, other.bytes, other.n);
        ses_read(&A, forged, &s);
        ses_check(&A, &s, &other, &v);
        ck_assert(v.status == CMS_UNSUPPORTED && says(&v, "seal_value_differs"));
        /* cut, followed by something, not a seal at all */
        ses_read(&A, sv_sub(der, 0, der.n - 3), &s);
        ck_assert_int_eq(s.status, CMS_BROKEN);
        ses_read(&A, arena_concat(&A, der, SV("x")), &s);
        ck_assert(s.status == CMS_BROKEN && strcmp(s.problem.code, "trailing_bytes") == 0);
        for (size_t n = i; n < der.n; n += 5) { /* no byte turned makes it more than that */
            struct sv bad = arena_sv(&A, der);
            ((char *)bad.p)[n] ^= 0x41;
            ses_read(&A, bad, &s);
            ses_check(&A, &s, &right, &v);
            ck_assert_int_ne(v.status, CMS_OK);
        }
    }
    struct ses s;
    ses_read(&A, ca.signer.cert->der, &s);
    ck_assert(s.status == CMS_UNSUPPORTED && s.layout == SES_NONE);
    ses_read(&A, SV(""), &s);
    ck_assert_int_eq(s.status, CMS_BROKEN);
    test_ca_done(&ca);
    arena_done(&A);
}
