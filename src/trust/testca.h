/* The test CA and TSA: a root, an issuing CA and a timestamp authority (ECDSA P-256, "TEST 测试" in each name), a
 * revocation list, an OCSP responder and an RFC 3161 service, spoken to over HTTP on a loopback port like an outside
 * service. For development, demonstrations and tests: trust refuses its certificates in production.
 *
 * It is two authorities under one roof, ECDSA P-256 and SM2: a request is answered by the one whose kind its key is,
 * any other kind of key by the first.
 *
 * Folder: root, ca, tsa, ocsp each .key (mode 0600) and .pem, and the same with "-sm2"; roots.pem (both roots); token
 * (the bearer token of /ca/issue, mode 0600); url (the address of the service);
 * issued/<serial>.json and revoked/<serial>.json, one file a certificate, written whole before the answer is given. Two
 * servers on one folder are refused (CONFLICT testca_in_use). */
#ifndef TRUST_TESTCA_H
#define TRUST_TESTCA_H

#include "base/base.h"

#define TESTCA_POLICY "1.2.3.4.1" /* in its timestamps */
#define TESTCA_CRLS   4

enum testca_alg { TESTCA_P256, TESTCA_SM2, TESTCA_ALG__N };

struct testca;

struct testca_setup {
    const char *dir; /* made if missing */
    int port;        /* on 127.0.0.1; 0: any free port */
    const struct clock *clock;
};

/* Makes keys and certificates if they are missing; does nothing else. Certificates name addresses of the service
 * (revocation list, OCSP, issuer's certificate): those of where it was served last, or of this port if it is not 0. */
MUST_CHECK bool testca_init(const char *dir, int port, const struct clock *clock, struct err *e);

/* Serves in threads of its own until testca_stop. */
MUST_CHECK bool testca_start(const struct testca_setup *s, struct testca **ret, struct err *e);
void testca_stop(struct testca *ca);
DEFINE_CLEANUP(struct testca *, testca_stopp, testca_stop)

/* Borrowed from ca. */
struct sv testca_url(const struct testca *ca);     /* http://127.0.0.1:PORT, the base address for trust_setup.ca_url */
struct sv testca_tsa_url(const struct testca *ca); /* …/tsa, signs with ECDSA */
struct sv testca_tsa_sm2_url(const struct testca *ca); /* …/tsa-sm2 */
/* Addresses of the revocation lists of both issuing CAs and both roots, TESTCA_CRLS of them. */
const struct sv *testca_crl_urls(const struct testca *ca);
struct sv testca_token(const struct testca *ca);    /* bearer token for ca_token */
struct sv testca_root_pem(const struct testca *ca); /* both roots, for anchors_pem */
/* Outages for tests: while set, the service answers 503. */
void testca_set_down(struct testca *ca, bool ca_down, bool tsa_down);

/* Issues a certificate straight from the folder, without a server: a fresh key (PKCS#8 PEM), its certificate, and the
 * chain without the root. For trying "qyq sign". */
MUST_CHECK bool testca_issue_local(struct arena *a, const char *dir, const struct clock *clock, enum testca_alg alg,
                                   struct sv common_name, struct sv *ret_key_pem, struct sv *ret_cert_pem,
                                   struct sv *ret_chain_pem, struct err *e);
/* Revokes a certificate (PEM or DER) that was issued in this folder; NOT_FOUND testca_not_issued. May run beside a
 * server. */
MUST_CHECK bool testca_revoke_local(const char *dir, const struct clock *clock, struct sv cert, struct err *e);

#endif
