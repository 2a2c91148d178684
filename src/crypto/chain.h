/* Trust: building a certification path to given anchors, at a time, with revocation (pdf-signature rules: EN 319 102-1,
 * RFC 5280). Nothing is fetched. Pool, CRLs and OCSP responses are untrusted help; only anchors are trusted. Integrity
 * is never judged here. */
#ifndef CRYPTO_CHAIN_H
#define CRYPTO_CHAIN_H

#include "crypto/cert.h"

enum trust_verdict { TRUST_PASSED, TRUST_INDETERMINATE, TRUST_FAILED };
const char *trust_verdict_name(enum trust_verdict v); /* "PASSED" … */

enum chain_purpose {
    CHAIN_SIGN,      /* keyUsage digitalSignature or nonRepudiation if there is one; not for servers, timestamps or OCSP
                        alone */
    CHAIN_TIMESTAMP, /* critical extendedKeyUsage with timeStamping alone */
    CHAIN_ANY
};

struct der_list {
    struct sv *v;
    size_t n;
};
#define DER_LIST_MAX 1000
/* Borrows der; skips duplicates and what passes DER_LIST_MAX. Long ones are duplicates only when they are the same bytes
 * in memory: comparing thousands that differ in their last byte would take minutes. */
#define DER_LIST_COMPARED ((size_t)4096)
void der_list_add(struct arena *a, struct der_list *list, struct sv der);

/* What was found out about the signatures of certificates, lists and responses of one document: makes the next question
 * cheap, and bounds the work that a hostile document can cause. Lives in a, as must the bytes that queries with it are
 * about. Not for threads. */
struct chain_cache;
struct chain_cache *chain_cache_new(struct arena *a);
/* True when the document asked for more checks than any honest one does: from then on nothing more is confirmed. */
bool chain_cache_is_spent(const struct chain_cache *cache);
/* The name of the issuer fits, and its key verifies the signature. No rule of RFC 5280 is asked. */
bool cert_issued_by(struct arena *a, struct chain_cache *cache, const struct cert *c, const struct cert *issuer);

struct chain_query {
    const struct cert *leaf;
    enum chain_purpose purpose;
    struct certs anchors;  /* roots, or pinned CAs or end certificates */
    struct certs pool;     /* intermediates, from anywhere */
    struct der_list crls;  /* DER */
    struct der_list ocsps; /* DER OCSPResponse */
    int64_t now_at;        /* when this check is made */
    int64_t proven_at;     /* when the signature is proven to have existed (verified timestamp); 0: no proof */
    bool need_revocation;  /* true: no usable revocation data gives INDETERMINATE TRY_LATER; false: it is only reported
                            */
    struct chain_cache *cache; /* NULL: one for this question alone */
};
/* code (EN 319 102-1 names):
 *   PASSED         ""
 *   INDETERMINATE  NO_CERTIFICATE_CHAIN_FOUND, OUT_OF_BOUNDS_NO_POE, TRY_LATER, CHAIN_CONSTRAINTS_FAILURE,
 *                  CERTIFICATE_CHAIN_GENERAL_FAILURE, REVOKED_CA_NO_POE
 *   FAILED         REVOKED, NOT_YET_VALID, SIG_CONSTRAINTS_FAILURE (key usage, purpose), CHAIN_SIGNATURE_FAILURE */
/* What is known of one certificate of a chain. */
struct chain_status {
    bool known;         /* usable data speaks for the time that counts */
    bool revoked;       /* at the time that counts */
    int64_t revoked_at; /* 0: not revoked at any time */
    struct sv proof;    /* the newest piece of data that speaks for that time: DER, borrowed from the query */
    bool proof_is_ocsp; /* else a CRL */
    int64_t proof_at;   /* its thisUpdate */
};
struct chain_result {
    enum trust_verdict verdict;
    const char *code;
    struct sv text;              /* one English line for reports */
    struct certs chain;          /* leaf first, anchor last; what was found */
    bool complete;               /* the last of chain is an anchor */
    struct chain_status *status; /* of each of chain below the anchor; NULL when not complete */
    bool revocation_known;       /* every certificate below the anchor has usable revocation data */
    bool revoked;                /* the leaf is revoked now, even if later than proven_at */
    int64_t revoked_at;
    bool weak; /* a weak key or digest in the chain */
};
void chain_check(struct arena *a, const struct chain_query *q, struct chain_result *ret);

/* Neither keyUsage nor extendedKeyUsage speaks against signing documents with it: a certificate for web servers,
 * timestamps or OCSP alone was not given out for that. */
bool cert_signs_documents(const struct cert *c);

#endif
