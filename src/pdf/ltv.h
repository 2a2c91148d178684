/* Validation data kept inside a signed PDF, so that it can be judged when CA, responder and TSA are gone (ETSI EN 319
 * 142-1 5.4.2, ISO 32000-2 12.8.4.3).
 *
 *   pdf_ltv_assess   what each signature and each timestamp still lacks, and what of the data at hand belongs into the
 *                    file; built on the verifier, so that signer, renewal and verifier agree
 *   pdf_ltv_append   one incremental update with the /DSS; nothing else changes
 *
 * A chain ends at a configured anchor; where none of them is reached, at a self-signed certificate of the file or of
 * the help: completeness of data says nothing about trust. Certificates and revocation data that a CMS holds count as
 * present. Everything returned lives in the arena. */
#ifndef PDF_LTV_H
#define PDF_LTV_H

#include "crypto/cert.h"
#include "crypto/chain.h"
#include "pdf/verify.h"

/* DER each, no order. */
struct pdf_ltv_data {
    struct certs certs;
    struct der_list crls, ocsps; /* OCSPResponse, whole */
};

struct pdf_ltv_options {
    struct certs anchors;
    struct pdf_ltv_data help;        /* what the caller has gathered; untrusted */
    struct sv password;              /* of an encrypted document */
    int64_t at;                      /* now, ms */
    const struct pdf_reader *reader; /* or NULL */
    bool report_only;                /* pdf_verify with certificates for help; neither gaps nor additions */
};

enum pdf_ltv_lack {
    PDF_LTV_ISSUER,     /* the certificate of its issuer is not at hand */
    PDF_LTV_REVOCATION, /* no usable CRL or OCSP response for it */
    PDF_LTV_REVOKED     /* there is one: revoked at the time that counts; data cannot mend that */
};
struct pdf_ltv_gap {
    enum pdf_ltv_lack lack;
    const struct cert *cert;
    const struct cert *issuer; /* NULL with PDF_LTV_ISSUER */
    struct sv field;           /* the signature that it was met at first */
    bool of_timestamp;         /* on the way from a TSA */
    bool by_name;       /* PDF_LTV_ISSUER: but a CRL in this issuer's name is there or is added; complete for whoever
                           has the root */
    int64_t revoked_at; /* PDF_LTV_REVOKED */
};
struct pdf_ltv_state {
    struct pdf_ltv_gap *gaps; /* each certificate once for a lack */
    size_t gaps_n;
    struct pdf_ltv_data add; /* belongs into the DSS and is not there: chains with their roots, and for each certificate
                                below a root that the file says nothing about, the newest usable revocation data */
    struct pdf_report report; /* pdf_verify with the anchors and the help */
};
/* For a file that cannot be read or has no signature there are neither gaps nor additions; see the report. Errors:
 * those of pdf_verify. */
MUST_CHECK bool pdf_ltv_assess(struct arena *a, struct sv pdf, const struct pdf_ltv_options *o,
                               struct pdf_ltv_state *ret, struct err *e);

/* *ret_update: what is to follow the input; empty when the DSS holds everything already. Entries that are there stay as
 * they are; /Extensions is raised to ESIC level 5 in files below version 2.0. Permitted at every level of
 * certification. Errors: those of pdf_sign_prepare about the document; REFUSED pdf_not_signed. */
MUST_CHECK bool pdf_ltv_append(struct arena *a, struct sv input, struct sv password, const struct pdf_ltv_data *add,
                               struct sv *ret_update, struct err *e);

#endif
