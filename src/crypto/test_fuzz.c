/* A short run of the fuzz entries over mutations of good bytes: seeded, so that a failure can be repeated
 * (CRYPTO_SEED=n). */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/chain.h"
#include "crypto/cms.h"
#include "crypto/fuzz_crypto.h"
#include "crypto/revocation.h"
#include "crypto/test_util.h"
#include "crypto/tsp.h"

enum { ROUNDS = 1000, CORPUS = 8 };

static uint64_t state;

static size_t pick(size_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)((state >> 33) % below);
}

/* Flips, overwrites, cuts and repeats: what breaks length fields and structure. */
static size_t mutate(uint8_t *p, size_t n, size_t cap)
{
    for (size_t k = pick(4) + 1; k > 0 && n > 8; k--) {
        size_t at = pick(n), len = pick(n - at < 40 ? n - at : 40) + 1;
        switch (pick(5)) {
        case 0:
            p[at] ^= (uint8_t)(1u << pick(8));
            break;
        case 1:
            p[at] = (uint8_t[]){0, 0x7f, 0x80, 0xff, 0x30, 0x31, 0xa0, 0x84}[pick(8)];
            break;
        case 2:
            if (at + len <= n) {
                memmove(p + at, p + at + len, n - at - len);
                n -= len;
            }
            break;
        case 3:
            if (n + len <= cap && at + len <= n) {
                memmove(p + at + len, p + at, n - at);
                n += len;
            }
            break;
        default:
            n -= pick(n / 4 + 1);
        }
    }
    return n;
}

TEST(mutated_bytes_come_back)
{
    struct arena a;
    struct err e = ERR_INIT;
    arena_init(&a, 64 << 20);
    const char *seed = getenv("CRYPTO_SEED");
    state = seed ? strtoull(seed, NULL, 10) : 20260301;
    struct test_ca ca;
    test_ca_make(&a, KEY_P256, &ca);
    struct cms_order order = {.signer = ca.signer.cert};
    struct tsp_authority tsa = {.cert = ca.tsa.cert, .key = ca.tsa.key, .policy = SV("1.2.3")};
    struct tsp_request r;
    struct digest d = digest_of(DIGEST_SHA256, SV("content"));
    struct revoked gone = {SV("01"), TEST_NOW, REVOKED_SUPERSEDED, TEST_NOW};
    struct ocsp_request q;
    struct cert_subject name = {.common_name = SV("TEST")};
    struct sv corpus[CORPUS];
    ASSERT_OK(tsp_request_make(&a, &d, SV("1.2.3"), &r, &e), e);
    ASSERT_OK(tsp_response_make(&a, &r, &tsa, SV("\x01"), TEST_NOW, &corpus[0], &e), e);
    struct sv token;
    ASSERT_OK(tsp_response_check(&a, &r, corpus[0], &token, &e), e);
    ASSERT_OK(cms_sign(&a, &order, ca.signer.key, &d, &corpus[1], &e), e);
    ASSERT_OK(cms_add_timestamp(&a, corpus[1], token, &corpus[2], &e), e);
    ASSERT_OK(crl_make(&a, ca.root.cert, ca.root.key, &gone, 1, TEST_NOW, TEST_NOW + 1000, 1, &corpus[3], &e), e);
    ASSERT_OK(ocsp_request_make(&a, ca.signer.cert, ca.root.cert, &corpus[4], &e), e);
    ASSERT_OK(ocsp_request_parse(&a, corpus[4], &q, &e), e);
    ASSERT_OK(ocsp_response_make(&a, &q, OCSP_REVOKED, &gone, ca.ocsp.cert, ca.ocsp.key, TEST_NOW, 0, &corpus[5], &e),
              e);
    ASSERT_OK(csr_make(&a, ca.signer.key, &name, &corpus[6], &e), e);
    corpus[7] = ca.signer.cert->der;
    static uint8_t bytes[16384];
    for (int i = 0; i < ROUNDS; i++)
        for (size_t k = 0; k < CORPUS; k++) {
            memcpy(bytes, corpus[k].p, corpus[k].n);
            size_t n = i == 0 ? corpus[k].n : mutate(bytes, corpus[k].n, sizeof(bytes));
            uint8_t *exact = malloc(n); /* so that a sanitizer sees one byte too far */
            ck_assert(exact != NULL);
            memcpy(exact, bytes, n);
            crypto_fuzz_cms(exact, n);
            crypto_fuzz_token(exact, n);
            crypto_fuzz_x509(exact, n);
            free(exact);
        }
    test_ca_done(&ca);
    arena_done(&a);
}
