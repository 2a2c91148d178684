/* From B-T to B-LT and B-LTA, and renewal: gathers the certificates, CRLs and OCSP responses that a signed document
 * still lacks, puts them into it, and puts a document timestamp over the whole. The command line and the platform use
 * the same functions; none needs a struct trust or a database.
 *
 * Without "online" nothing is fetched. With it: http and https addresses that stand in the certificates (caIssuers,
 * OCSP, CRL distribution points), 10 s and 8 MiB each, at most 32 of them in a minute, no redirect to another scheme.
 * Everything fetched is untrusted: it counts only where its signature fits. */
#ifndef TRUST_VALIDATION_H
#define TRUST_VALIDATION_H

#include <stdatomic.h>

#include "pdf/ltv.h"

struct validation_sources {
    struct pdf_ltv_data given; /* from files: --chain, --crl, --ocsp */
    bool online;
    int64_t fetch_ms;        /* of one fetch; 0: 10 s */
    const atomic_bool *stop; /* becomes true when the process is to end; NULL: never */
};

/* Answers with a TimeStampToken (checked against the imprint) over the digest; CLI and platform have ways of their
 * own. */
typedef bool validation_stamp_fn(void *ctx, struct arena *a, const struct digest *imprint, struct sv *ret_token_der,
                                 struct err *e);

struct validation_order {
    struct certs anchors; /* empty: chains end at self-signed certificates */
    struct validation_sources sources;
    const struct clock *clock;
    struct sv password; /* of an encrypted document */
    /* Document timestamp (B-LTA): NULL: none is added (B-LT). */
    validation_stamp_fn *stamp;
    void *stamp_ctx;
    enum digest_alg
            stamp_digest; /* of the imprint; DIGEST_NONE: SHA-256; a TSA that refuses SM3 is asked with SHA-256 */
    struct sv field;      /* for the document timestamp: existing invisible field or new name; empty: fresh */
    /* The signatures that must be complete (fields), else validation_incomplete: those just made. Of all others what
     * can be had is added, as when a document is renewed. */
    const struct sv *must;
    size_t must_n;
    struct sv *ret_missing; /* set to the text of the gaps that remain (validation_gaps_text); NULL: not wanted */
};

/* What is at hand and, online, what can be got; never fails for what is missing (see ret->gaps). ret->add belongs into
 * the DSS. */
MUST_CHECK bool validation_collect(struct arena *a, struct sv pdf, const struct validation_order *o,
                                   struct pdf_ltv_state *ret, struct err *e);

/* *ret: the document with everything it lacked, and the document timestamp if asked for; the input is its prefix. The
 * result is verified before it is given out. For level LT and LTA of a fresh signature, and for renewal: renewing is
 * the same over a document that has a timestamp already. Errors (REFUSED unless said otherwise): validation_incomplete
 * data for some certificate is missing (which one stands in the text) validation_revoked     a signer's or TSA's
 * certificate was revoked validation_not_intact  some signature is not INTACT or INTACT_EXTENDED pdf_not_signed and
 * what pdf_sign_prepare says of documents; BAD_INPUT pdf_unreadable and whatever the stamp function says. */
MUST_CHECK bool validation_extend(struct arena *a, struct sv pdf, const struct validation_order *o, struct sv *ret,
                                  struct err *e);

/* "no OCSP response or CRL for CN=…": one line about the first gaps, for messages; empty when there is none. */
struct sv validation_gaps_text(struct arena *a, const struct pdf_ltv_state *s);

/* May this certificate sign a document now? REFUSED: cert_expired, cert_not_yet_valid, cert_weak, sign_certificate (its
 * key usage is not for documents), cert_revoked (by data at hand or, online, fetched), cert_untrusted (anchors are
 * given, and it does not lead to one). chain: its issuers as far as known. */
MUST_CHECK bool validation_may_sign(struct arena *a, const struct cert *c, const struct certs *chain,
                                    const struct validation_order *o, struct err *e);

/* A request for a timestamp to a TSA over HTTP (RFC 3161 3.4), the answer checked. UNAVAILABLE or REFUSED net_…,
 * tsa_refused; BAD_INPUT tsa_bad_answer. */
MUST_CHECK bool validation_stamp_http(struct arena *a, struct sv url, const struct digest *imprint,
                                      struct sv *ret_token_der, struct err *e);

#endif
