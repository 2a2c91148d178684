/* CRLs (RFC 5280 5) and OCSP (RFC 6960): making them for the built-in test CA, reading what others made. Whether a
 * certificate is revoked at a time is answered by chain_check (crypto/chain.h). */
#ifndef CRYPTO_REVOCATION_H
#define CRYPTO_REVOCATION_H

#include "crypto/cert.h"

/* CRLReason values */
enum {
    REVOKED_UNSPECIFIED = 0,
    REVOKED_KEY_COMPROMISE = 1,
    REVOKED_CA_COMPROMISE = 2,
    REVOKED_AFFILIATION = 3,
    REVOKED_SUPERSEDED = 4,
    REVOKED_CESSATION = 5,
    REVOKED_HOLD = 6
};
struct revoked {
    struct sv serial_hex;
    int64_t revoked_at;
    int reason;              /* -1: not said */
    int64_t invalid_from_at; /* invalidityDate, or 0 */
};

MUST_CHECK bool crl_make(struct arena *a, const struct cert *issuer, const struct key *issuer_key,
                         const struct revoked *entries, size_t n, int64_t this_update_at, int64_t next_update_at,
                         uint64_t number, struct sv *ret_der, struct err *e);
struct crl_info {
    struct sv der; /* without a PEM wrapping */
    struct sv issuer, issuer_der;
    int64_t this_update_at, next_update_at; /* next 0: not said */
    size_t entries;
};
/* DER or PEM. BAD_INPUT "crl_unreadable". The signature is not checked here. */
MUST_CHECK bool crl_parse(struct arena *a, struct sv bytes, struct crl_info *ret, struct err *e);

/* A request for one certificate (SHA-1 CertID, as every responder understands), nonce of 16 random bytes. */
MUST_CHECK bool ocsp_request_make(struct arena *a, const struct cert *cert, const struct cert *issuer,
                                  struct sv *ret_der, struct err *e);
struct ocsp_request {
    struct sv cert_id_der; /* of the first single request: copied into the answer */
    struct sv serial_hex;
    struct sv nonce; /* extension value, or empty */
};
/* BAD_INPUT "ocsp_unreadable". */
MUST_CHECK bool ocsp_request_parse(struct arena *a, struct sv der, struct ocsp_request *ret, struct err *e);
/* True when the request is about certificates of this issuer (name and key hash). */
bool ocsp_request_is_for(const struct ocsp_request *r, const struct cert *issuer);
enum ocsp_answer { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };
/* responder: the CA itself or a certificate of profile CERT_OCSP that it issued (then put into the response). revoked:
 * with OCSP_REVOKED. */
MUST_CHECK bool ocsp_response_make(struct arena *a, const struct ocsp_request *r, enum ocsp_answer answer,
                                   const struct revoked *revoked, const struct cert *responder,
                                   const struct key *responder_key, int64_t this_update_at, int64_t next_update_at,
                                   struct sv *ret_der, struct err *e);
struct sv ocsp_response_error(struct arena *a, int status); /* 1 malformed, 2 internal, 6 unauthorized */
/* A response with status "successful" that can be read; certificates inside go to ret_certs (may be NULL). */
MUST_CHECK bool ocsp_response_parse(struct arena *a, struct sv der, int64_t *ret_produced_at, struct certs *ret_certs,
                                    struct err *e);

#endif
