/* A small CA and TSA in memory, and signing with them, for the tests of this room. */
#ifndef PDF_TEST_PKI_H
#define PDF_TEST_PKI_H

#include "crypto/cms.h"
#include "crypto/tsp.h"
#include "pdf/verify.h"

#define TEST_AT  1772323200000 /* 2026-03-01T00:00:00Z */
#define TEST_DAY 86400000LL

struct test_pki {
    struct key *root_key, *key, *tsa_key;
    const struct cert *root, *cert, *tsa;
    struct sv root_pem;
};
/* One for the whole process, kept until it ends. */
const struct test_pki *test_pki(enum key_kind kind);
/* Signs; stamped: with a timestamp. */
struct sv test_sign(struct arena *a, const struct test_pki *p, struct sv in, const struct pdf_sign_options *o,
                    bool stamped);
/* A document timestamp into a field. */
struct sv test_stamp(struct arena *a, const struct test_pki *p, struct sv in, struct sv field);
struct sv test_cms(struct arena *a, const struct test_pki *p, const struct digest *content, bool stamped);
struct sv test_token(struct arena *a, const struct test_pki *p, const struct digest *imprint);
struct pdf_report test_verify(struct arena *a, const struct test_pki *p, struct sv bytes);
/* A line a signature with its reasons, for messages of failed tests. */
struct sv test_report(struct arena *a, const struct pdf_report *r);

#endif
