/* What the tests of this room share: a small CA in memory, hexadecimal, running a program. */
#ifndef CRYPTO_TEST_UTIL_H
#define CRYPTO_TEST_UTIL_H

#include "crypto/cert.h"
#include "crypto/ses.h"

#define TEST_NOW 1772323200000 /* 2026-03-01T00:00:00Z */
#define TEST_DAY 86400000LL

struct test_id {
    struct key *key;
    const struct cert *cert;
};
struct test_ca {
    struct test_id root, signer, tsa, ocsp;
};

void test_ca_make(struct arena *a, enum key_kind kind, struct test_ca *ret);
void test_ca_done(struct test_ca *ca);
/* A certificate by root (NULL: self-signed), valid a day ago to 365 days from TEST_NOW. */
struct test_id test_id_make(struct arena *a, enum key_kind kind, enum cert_profile profile, struct sv name,
                            const struct test_id *root);
/* An electronic seal over bytes with this SM3; SM2 keys. */
struct sv test_seal(struct arena *a, const struct test_id *signer, const struct test_id *maker, enum ses_layout layout,
                    const struct digest *sm3);
struct sv unhex(struct arena *a, const char *hex);
/* Exit status of a shell command with its output thrown away. */
int run_quiet(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
