/* The fuzz entries: over their committed corpora, and shortly over mutations of good bytes, seeded, so that a failure
 * can be repeated (CRYPTO_SEED=n). With QYQ_FUZZ_SEEDS the good bytes are written out as seeds (tests/fuzz/make.sh). */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/cms_priv.h"
#include "crypto/fuzz_crypto.h"
#include "crypto/revocation.h"
#include "crypto/test_util.h"
#include "crypto/tsp.h"
#include "replay.h"

enum { ROUNDS = 300, SEEDS_MAX = 64 };

static const struct target {
    const char *name;
    int (*entry)(const uint8_t *, size_t);
} targets[] = {
        {"crypto_fuzz_ber",        crypto_fuzz_ber       },
        {"crypto_fuzz_cert",       crypto_fuzz_cert      },
        {"crypto_fuzz_cms",        crypto_fuzz_cms       },
        {"crypto_fuzz_revocation", crypto_fuzz_revocation},
        {"crypto_fuzz_ses",        crypto_fuzz_ses       },
        {"crypto_fuzz_token",      crypto_fuzz_token     },
};

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

static struct arena A;
static struct err E;
static struct seed {
    const char *target, *name;
    struct sv bytes;
} seeds[SEEDS_MAX];
static size_t seeds_n;

static void seed(const char *target, const char *name, struct sv bytes)
{
    must(seeds_n < SEEDS_MAX);
    seeds[seeds_n++] = (struct seed){target, name, bytes};
}

/* The SignedData with indefinite lengths around it. */
static struct sv loose(struct sv der)
{
    struct der outer = der_open(der);
    return arena_concat(&A, arena_concat(&A, SV("\x30\x80"), der_take(&outer, DER_SEQ)), sv_of("\0\0", 2));
}

static void seed_cms(const struct test_ca *ca, const char *kind)
{
    struct cms_order order = {.signer = ca->signer.cert}, timed = order, bare = order;
    struct tsp_authority tsa = {.cert = ca->tsa.cert, .key = ca->tsa.key, .policy = SV("1.2.3"), .accuracy_ms = 1500};
    struct digest d = digest_of(key_kind_digest(ca->signer.cert->key_kind), SV("content"));
    struct digest imprint = digest_of(DIGEST_SHA256, SV("content"));
    struct tsp_request r;
    struct sv der, out, token, value;
    certs_add(&A, &timed.chain, ca->root.cert);
    timed.signing_time_at = TEST_NOW;
    timed.gm_oids = ca->signer.cert->key_kind == KEY_SM2;
    bare.no_attributes = true;
    ASSERT_OK(cms_sign(&A, &order, ca->signer.key, &d, &der, &E), E);
    seed("crypto_fuzz_cms", kind, der);
    ASSERT_OK(cms_sign(&A, &timed, ca->signer.key, &d, &out, &E), E);
    seed("crypto_fuzz_cms", arena_printf(&A, "%s-time", kind).p, out);
    seed("crypto_fuzz_ber", kind, loose(out));
    ASSERT_OK(cms_sign_content(&A, &bare, ca->signer.key, SV("content"), &out, &E), E);
    seed("crypto_fuzz_cms", arena_printf(&A, "%s-bare", kind).p, out);
    ASSERT_OK(tsp_request_make(&A, &imprint, SV("1.2.3"), &r, &E), E);
    seed("crypto_fuzz_token", arena_printf(&A, "%s-question", kind).p, r.der);
    ASSERT_OK(tsp_response_make(&A, &r, &tsa, SV("\x01"), TEST_NOW, &out, &E), E);
    seed("crypto_fuzz_token", arena_printf(&A, "%s-answer", kind).p, out);
    ASSERT_OK(tsp_response_check(&A, &r, out, &token, &E), E);
    seed("crypto_fuzz_token", kind, token);
    ASSERT_OK(cms_signature_value(&A, der, &value, &E), E);
    imprint = digest_of(DIGEST_SHA256, value);
    ASSERT_OK(tsp_request_make(&A, &imprint, SV(""), &r, &E), E);
    ASSERT_OK(tsp_response_make(&A, &r, &tsa, SV("\x02"), TEST_NOW, &out, &E), E);
    ASSERT_OK(tsp_response_check(&A, &r, out, &token, &E), E);
    ASSERT_OK(cms_add_timestamp(&A, der, token, &out, &E), E);
    seed("crypto_fuzz_cms", arena_printf(&A, "%s-stamped", kind).p, out);
}

static void seed_x509(const struct test_ca *ca, const char *kind)
{
    struct revoked gone = {ca->signer.cert->serial_hex, TEST_NOW, REVOKED_KEY_COMPROMISE, TEST_NOW - TEST_DAY};
    struct ocsp_request q;
    struct cert_subject name = {.common_name = SV("TEST")};
    struct sv der, pair = arena_concat(&A, ca->signer.cert->der, ca->root.cert->der);
    seed("crypto_fuzz_cert", kind, pair);
    ASSERT_OK(csr_make(&A, ca->signer.key, &name, &der, &E), E);
    seed("crypto_fuzz_cert", arena_printf(&A, "%s-request", kind).p, der);
    ASSERT_OK(crl_make(&A, ca->root.cert, ca->root.key, &gone, 1, TEST_NOW, TEST_NOW + 1000, 1, &der, &E), E);
    seed("crypto_fuzz_revocation", arena_printf(&A, "%s-crl", kind).p, arena_concat(&A, der, pair));
    ASSERT_OK(ocsp_request_make(&A, ca->signer.cert, ca->root.cert, &der, &E), E);
    seed("crypto_fuzz_revocation", arena_printf(&A, "%s-question", kind).p, der);
    ASSERT_OK(ocsp_request_parse(&A, der, &q, &E), E);
    ASSERT_OK(ocsp_response_make(&A, &q, OCSP_REVOKED, &gone, ca->ocsp.cert, ca->ocsp.key, TEST_NOW, 0, &der, &E), E);
    seed("crypto_fuzz_revocation", arena_printf(&A, "%s-answer", kind).p, arena_concat(&A, der, pair));
}

static void make_seeds(struct test_ca *ca, enum key_kind kind)
{
    arena_init(&A, (size_t)64 << 20);
    seeds_n = 0;
    test_ca_make(&A, kind, ca);
    seed_cms(ca, key_kind_name(kind));
    seed_x509(ca, key_kind_name(kind));
    if (kind != KEY_SM2)
        return;
    struct digest d = digest_of(DIGEST_SM3, SV("content"));
    seed("crypto_fuzz_ses", "gbt38540", test_seal(&A, &ca->signer, &ca->root, SES_GBT_38540, &d));
    seed("crypto_fuzz_ses", "gmt0031", test_seal(&A, &ca->signer, &ca->root, SES_GMT_0031, &d));
}

TEST(seeds_for_fuzzing)
{
    static const enum key_kind kinds[] = {KEY_RSA_2048, KEY_P256, KEY_SM2};
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct test_ca ca;
        make_seeds(&ca, kinds[k]);
        for (size_t i = 0; i < seeds_n; i++)
            (void)replay_seed(&A, seeds[i].target, seeds[i].name, seeds[i].bytes);
        test_ca_done(&ca);
        arena_done(&A);
    }
}

TEST(mutated_bytes_come_back)
{
    const char *text = getenv("CRYPTO_SEED");
    state = text ? strtoull(text, NULL, 10) : 20260301;
    static const enum key_kind kinds[] = {KEY_P256, KEY_SM2};
    static uint8_t bytes[16384];
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct test_ca ca;
        make_seeds(&ca, kinds[k]);
        for (size_t i = 0; i < seeds_n; i++) {
            const struct target *t = targets;
            while (strcmp(t->name, seeds[i].target) != 0)
                t++;
            for (int round = 0; round < ROUNDS; round++) {
                memcpy(bytes, seeds[i].bytes.p, seeds[i].bytes.n);
                size_t n = round == 0 ? seeds[i].bytes.n : mutate(bytes, seeds[i].bytes.n, sizeof(bytes));
                replay_one(t->entry, sv_of(bytes, n), seeds[i].name);
            }
        }
        test_ca_done(&ca);
        arena_done(&A);
    }
}

TEST(corpora_come_back)
{
    for (size_t i = 0; i < COUNT(targets); i++)
        replay(targets[i].name, targets[i].entry);
}
