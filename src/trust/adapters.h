/* What trust needs from a certificate authority and from a timestamp authority, as function tables. The built-in ones
 * speak plain HTTP+JSON (docs/ca-adapter.md) and RFC 3161 over HTTP; a CMP adapter or a device fits behind the same
 * tables.
 *
 * Adapters only carry messages: what comes back is inspected by trust (certificates: key, names, validity, usage;
 * tokens: imprint, nonce, policy, TSA certificate), so that an adapter cannot weaken it. Called from any thread, never
 * inside a database transaction. Not answering, or answering 5xx, is UNAVAILABLE (ca_unavailable, tsa_unavailable); a
 * reasoned no is REFUSED. */
#ifndef TRUST_ADAPTERS_H
#define TRUST_ADAPTERS_H

#include "base/base.h"

struct trust_ca_request {
    struct sv request_id;      /* the same id gives the same certificate, and names it in revoke; 1..64 bytes */
    struct sv csr_pem;         /* PKCS#10, signed by the new key: subject and public key are taken from here */
    struct sv common_name;     /* subject once more, as text, for CAs that make the subject themselves */
    struct sv subject_serial;  /* serialNumber of the subject: salted hash in hex, may be empty */
    struct sv organization;    /* may be empty */
    struct sv organization_id; /* may be empty */
    struct sv act_uri;         /* urn:qyq:act:<hex> to be put into subjectAltName, may be empty; a CA may drop it */
    int64_t validity_seconds;
};

struct trust_ca {
    void *ctx;
    /* ret_cert_pem: the new certificate; ret_chain_pem: its issuers, nearest first, with or without the root. */
    bool (*issue)(void *ctx, struct arena *a, const struct trust_ca_request *r, struct sv *ret_cert_pem,
                  struct sv *ret_chain_pem, struct err *e);
    /* By request id, so that a certificate whose answer was lost can be revoked too; unknown ids are fine. */
    bool (*revoke)(void *ctx, struct sv request_id, struct err *e);
};

struct trust_tsa {
    void *ctx;
    /* How many services there are, in the order in which they are tried; and how many more, numbered behind them, are
     * asked for the timestamps of SM2 signatures. sm2_n 0: the others are. */
    size_t n, sm2_n;
    /* Posts a TimeStampReq to service i and gives the bytes of the answer and the service's name for the record. */
    bool (*query)(void *ctx, struct arena *a, size_t i, struct sv request_der, struct sv *ret_response_der,
                  struct sv *ret_name, struct err *e);
};

#endif
