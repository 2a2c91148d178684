/* The folder of the test CA; shared by testca.c (the server) and testca_store.c. */
#ifndef TRUST_TESTCA_PRIV_H
#define TRUST_TESTCA_PRIV_H

#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/revocation.h"
#include "trust/testca.h"

#define TESTCA_SERIAL 16

struct authority {
    struct key *key;
    const struct cert *cert;
};

/* A root, what it issued, and what that issued. The test CA has two: ECDSA P-256, and SM2. */
struct hierarchy {
    struct authority root, ca, tsa, ocsp;
    struct sv chain_pem; /* issuing CA, then root */
};

struct testca_store {
    struct arena arena;
    const char *dir;
    const struct clock *clock;
    struct sv url; /* where it is served: stands in the certificates that it issues */
    struct hierarchy of[TESTCA_ALG__N];
    struct sv token, roots_pem; /* roots_pem: of both */
};

/* What is kept of a certificate. */
struct issued {
    struct sv request, serial, csr_sha256, common_name;
    int64_t issued_at;
    struct sv certificate;      /* PEM */
    const struct hierarchy *by; /* who issued it */
};

/* Makes what is missing. url: from now on, kept in the file "url"; empty: as that says, or port 8090. */
MUST_CHECK bool testca_store_open(const char *dir, const struct clock *clock, struct sv url, struct testca_store **ret,
                                  struct err *e);
void testca_store_close(struct testca_store *s);
DEFINE_CLEANUP(struct testca_store *, testca_store_closep, testca_store_close)

struct testca_order {
    struct sv request; /* name of the request */
    struct sv csr;     /* PEM or DER */
    struct sv common_name;
    struct sv act_uri;
    int64_t validity_seconds;
};
/* On disk before it is given back; the same request and CSR give the same certificate. CONFLICT for another CSR under
 * the same request or a revoked request; REFUSED for a common name that is not the CSR's. */
MUST_CHECK bool testca_store_issue(struct testca_store *s, struct arena *a, const struct testca_order *o,
                                   struct issued *ret, struct err *e);
/* A request that never led to a certificate is revoked too, so that it never will. *ret_known: there was a certificate.
 */
MUST_CHECK bool testca_store_revoke(struct testca_store *s, struct arena *a, struct sv request, bool *ret_known,
                                    struct err *e);
/* Revokes what was issued under this serial number; NOT_FOUND. */
MUST_CHECK bool testca_store_revoke_serial(struct testca_store *s, struct arena *a, struct sv serial_hex,
                                           struct err *e);
/* Status of a serial number: good, revoked (then *ret) or unknown. */
MUST_CHECK bool testca_store_status(struct testca_store *s, struct arena *a, enum testca_alg alg, struct sv serial_hex,
                                    enum ocsp_answer *ret_answer, struct revoked *ret, struct err *e);
/* The list of the issuing CA, or that of the root. */
MUST_CHECK bool testca_store_crl(struct testca_store *s, struct arena *a, enum testca_alg alg, bool of_root,
                                 struct sv *ret_der, struct err *e);

#endif
