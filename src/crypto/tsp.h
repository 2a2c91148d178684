/* RFC 3161 timestamps: asking, answering (for the built-in test TSA), reading and checking tokens. RSA, ECDSA and SM2
 * TSAs. */
#ifndef CRYPTO_TSP_H
#define CRYPTO_TSP_H

#include "crypto/cms.h"

#define TSP_REQUEST_TYPE  "application/timestamp-query"
#define TSP_RESPONSE_TYPE "application/timestamp-reply"

/* Asking: keep the request until the answer is checked. */
struct tsp_request {
    struct sv der;
    struct digest imprint;
    struct sv nonce;  /* INTEGER content bytes; may be empty in a parsed request */
    struct sv policy; /* dotted; empty: any */
    bool cert_req;
};
/* certReq TRUE, nonce of 8 random bytes. policy: dotted OID or empty. */
MUST_CHECK bool tsp_request_make(struct arena *a, const struct digest *imprint, struct sv policy,
                                 struct tsp_request *ret, struct err *e);
/* Takes the answer of a TSA apart and checks all that can be checked without trust: status 0 or 1, imprint, nonce,
 * policy, and the token itself as tsp_token_check. *ret_token: TimeStampToken in DER, without padding. Errors:
 * UNAVAILABLE "tsa_refused" (status; the text of the TSA in msg), BAD_INPUT "tsa_bad_answer". */
MUST_CHECK bool tsp_response_check(struct arena *a, const struct tsp_request *r, struct sv response,
                                   struct sv *ret_token, struct err *e);

/* Reading a token, from a signature attribute or a DocTimeStamp's Contents (zero padding allowed). */
struct tsp_token {
    struct cms cms;              /* cms.status says whether it could be read */
    enum digest_alg imprint_alg; /* digest the covered bytes with this */
    struct digest imprint;
    int64_t gen_at;      /* genTime, ms */
    int64_t accuracy_ms; /* 0: not said */
    struct sv serial_hex, policy, nonce;
    struct sv tsa; /* common name of its certificate, else its subject; without a certificate inside, the serial that is
                      meant */
};
/* Never fails: what is wrong stands in ret->cms.status and .problem (CMS_BROKEN, or CMS_UNSUPPORTED for an unknown
 * imprint algorithm). */
void tsp_token_read(struct arena *a, struct sv bytes, struct tsp_token *ret);
struct tsp_verdict {
    enum cms_status status; /* CMS_OK; CMS_TST_BAD for everything wrong; CMS_UNSUPPORTED */
    const char *code;       /* "imprint_mismatch", "tsa_usage", … ; "" when fine */
    struct sv text;
    const struct cert *tsa; /* for chain_check with CHAIN_TIMESTAMP at gen_at; may be NULL when not fine */
    bool weak;
};
/* covered: digest of the bytes the token must be about, with imprint_alg. extra: further certificates to look for the
 * TSA's in, or NULL. Checks: imprint, signature through the SignedData reader, TSA certificate with critical
 * extendedKeyUsage timeStamping alone, valid at genTime, signingCertificate(V2) present and matching. Trust in the TSA
 * is the caller's (chain_check). */
void tsp_token_check(struct arena *a, const struct tsp_token *t, const struct digest *covered,
                     const struct certs *extra, struct tsp_verdict *ret);

/* Answering. */
struct tsp_authority {
    const struct cert *cert; /* profile CERT_TSA */
    struct certs chain;      /* sent along when the request asks for certificates */
    const struct key *key;
    struct sv policy;    /* dotted */
    int64_t accuracy_ms; /* 0: left out */
};
/* BAD_INPUT "tsp_unreadable"; UNSUPPORTED (same reason) for a digest not offered: answer with tsp_response_reject(a, 0,
 * …). */
MUST_CHECK bool tsp_request_parse(struct arena *a, struct sv der, struct tsp_request *ret, struct err *e);
/* serial: big-endian, 1 to 20 bytes, never used twice. A request for another policy gets a rejection as an ordinary
 * response. */
MUST_CHECK bool tsp_response_make(struct arena *a, const struct tsp_request *r, const struct tsp_authority *tsa,
                                  struct sv serial, int64_t gen_at, struct sv *ret_der, struct err *e);
/* A rejection: PKIFailureInfo bit (0 badAlg, 2 badRequest, 15 unacceptedPolicy, 25 systemFailure) and a text. */
struct sv tsp_response_reject(struct arena *a, int failure_bit, struct sv text);

#endif
