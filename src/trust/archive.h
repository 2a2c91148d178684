/* Long-term data for a finished document: validation data, and a document timestamp over the whole (level B-LTA; ETSI
 * EN 319 142-1 5.4, 5.5). Renewing is the same over a document that has a timestamp already, before that one's
 * certificate ends or its algorithms are declared weak.
 *
 * No key of ours is used and nobody's approval is needed: nothing is said but that these bytes existed then. */
#ifndef TRUST_ARCHIVE_H
#define TRUST_ARCHIVE_H

#include "trust/trust.h"

struct trust_archive_request {
    struct sv pdf;   /* the current document; the result begins with exactly these bytes */
    struct sv field; /* for the document timestamp: an empty invisible field; signed already: a new one is made */
    /* Data that cannot be had is done without. For documents whose timestamp is about to end: better a whole chain of
     * timestamps with a gap in the data than none. */
    bool lenient;
};

struct trust_archived {
    struct sv pdf;                        /* request.pdf plus at most two incremental updates */
    struct sv pdf_sha256;                 /* 32 bytes */
    int64_t gen_time_ms;                  /* genTime of the document timestamp */
    int64_t until_at;                     /* until the first certificate ends on which the timestamp rests */
    struct sv signature_alg, imprint_alg; /* on which it rests: "ecdsa-sha256", "sha256" */
    struct sv tsa_url;
    struct sv field;   /* that was filled */
    struct sv missing; /* lenient: which data could not be had, one English line; empty: all is there */
};

/* Asks for revocation data (addresses in certificates, and those configured) and the TSA; no transaction may be open on
 * this thread. The result was verified: every signature of the document is INTACT and, unless lenient, at level B-LTA.
 * Errors: tsa_unavailable; validation_incomplete UNAVAILABLE: some data is missing, most likely for now;
 * validation_revoked REFUSED: a certificate was revoked before its signature was stamped; validation_not_intact
 * REFUSED, and what pdf says of documents. */
MUST_CHECK bool trust_archive_pdf(struct trust *t, struct arena *a, const struct trust_archive_request *r,
                                  struct trust_archived *ret, struct err *e);

#endif
