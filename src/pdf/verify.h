/* Checking the signatures of a PDF: what was signed, whether it is still that, and what was added since.
 *
 * Three answers are kept apart: integrity (is it what was signed), trust (whose key, at which time), strength (are the
 * algorithms fit). An expired certificate never becomes "tampered". Conservative: a change between revisions that no
 * rule explains is CHANGED, and what cannot be checked is UNSUPPORTED; neither is ever INTACT. Never touches the
 * network. Any input bytes are safe. */
#ifndef PDF_VERIFY_H
#define PDF_VERIFY_H

#include "base/base.h"
#include "crypto/cert.h"
#include "pdf/sign.h"

/* Worst first: the answer for a file is the smallest of its signatures. The last two only stand for whole files. */
#define PDF_INTEGRITIES(X)                                                                                             \
    X(BROKEN)          /* ByteRange, dictionary, CMS or signature value wrong or inconsistent */                       \
    X(TAMPERED)        /* signed bytes do not have the signed digest */                                                \
    X(CHANGED)         /* something later is not permitted or cannot be explained */                                   \
    X(TST_BAD)         /* a timestamp attached to it does not verify */                                                \
    X(UNSUPPORTED)     /* algorithm, SubFilter or encryption that is not implemented */                                \
    X(INTACT_EXTENDED) /* the file goes on after the last signature; all of it is permitted */                         \
    X(INTACT)                                                                                                          \
    X(UNSIGNED)                                                                                                        \
    X(UNREADABLE)
enum pdf_integrity {
#define X(name) PDF_##name,
    PDF_INTEGRITIES(X)
#undef X
};
enum pdf_trust { PDF_TRUST_FAILED, PDF_TRUST_INDETERMINATE, PDF_TRUST_PASSED };
enum pdf_verdict { PDF_INVALID, PDF_VERDICT_UNREADABLE, PDF_VERDICT_UNSIGNED, PDF_INDETERMINATE, PDF_VALID };
enum pdf_sig_kind { PDF_CERTIFICATION, PDF_APPROVAL, PDF_DOCTIMESTAMP };
enum pdf_coverage { PDF_COVERS_PARTIAL, PDF_COVERS_REVISION, PDF_COVERS_WHOLE };
enum pdf_level { PDF_LEVEL_NONE, PDF_LEVEL_B, PDF_LEVEL_T, PDF_LEVEL_LT, PDF_LEVEL_LTA };

const char *pdf_integrity_name(enum pdf_integrity v); /* "INTACT_EXTENDED" */
const char *pdf_trust_name(enum pdf_trust v);         /* "PASSED" */
const char *pdf_verdict_name(enum pdf_verdict v);     /* "valid" */
const char *pdf_sig_kind_name(enum pdf_sig_kind v);   /* "certification" */
const char *pdf_coverage_name(enum pdf_coverage v);   /* "whole" */
const char *pdf_level_name(enum pdf_level v);         /* "B-T"; "" for none */

/* One finding. code: stable lower-case name, words for users under "pdf.<code>" in the message files. */
struct pdf_reason {
    const char *code;
    uint32_t object;  /* number of the PDF object concerned, 0: none */
    struct sv detail; /* plain English for the expert: "page 3, rectangle …"; UTF-8 */
    bool bad;         /* lowers integrity or trust; otherwise for information */
};
struct pdf_reasons {
    struct pdf_reason *items;
    size_t n, cap;
};

struct pdf_timestamp_info {
    int64_t at;            /* genTime, ms */
    struct sv tsa;         /* subject of the TSA certificate */
    struct sv imprint_alg; /* "sha256" */
    bool valid;            /* token verifies and its imprint is of the right bytes */
};

struct pdf_signature {
    struct sv field; /* full name */
    enum pdf_sig_kind kind;
    struct sv subfilter;
    struct sv signer, issuer;    /* common names or whole subjects, UTF-8; empty when the CMS cannot be read */
    struct sv digest, algorithm; /* "sha256", "ecdsa" */
    int64_t signing_at;          /* claimed: /M or signingTime; INT64_MIN: none */
    bool has_timestamp;
    struct pdf_timestamp_info timestamp;
    enum pdf_level level;
    enum pdf_coverage coverage;
    enum pdf_integrity integrity;
    enum pdf_trust trust;
    bool weak;
    struct pdf_reasons reasons;

    uint32_t object;    /* of the signature dictionary */
    uint64_t range[4];  /* ByteRange, zero when unreadable */
    struct sv revision; /* what was signed, as a file of its own: a prefix of the input; empty when not a whole revision
                         */
    struct sv cms;      /* Contents, decoded, without padding */
    struct sv claimed_name, claimed_reason, claimed_location; /* UTF-8 */
    int docmdp;                                               /* certification: 1..3 */
};

struct pdf_report {
    enum pdf_integrity integrity;
    enum pdf_trust trust;
    bool weak;
    enum pdf_verdict verdict;
    struct pdf_reasons reasons;
    struct pdf_signature *signatures; /* in the order of signing */
    size_t signatures_n;
};

struct pdf_verify_options {
    const struct sv *trust_pem; /* trust anchors: texts with one or more PEM certificates each */
    size_t trust_n;
    const struct sv *crls, *ocsps; /* DER */
    size_t crls_n, ocsps_n;
    const struct certs *anchors;     /* further anchors, parsed beforehand; or NULL */
    const struct pdf_reader *reader; /* or NULL */
    int64_t at;                      /* validation time, ms; 0 is not allowed: pass clock_now() */
    struct sv password;              /* of encrypted files, UTF-8; the empty one is tried in any case */
};

/* Always fills the report; fails (BAD_INPUT) only for trust anchors that cannot be read. The bytes must outlive the
 * report. */
MUST_CHECK bool pdf_verify(struct arena *a, struct sv bytes, const struct pdf_verify_options *o, struct pdf_report *ret,
                           struct err *e);

/* 0 valid; 1 integrity lost or trust failed; 2 cannot be decided; 3 not signed or not readable (design: command
 * "verify"). */
int pdf_report_exit(const struct pdf_report *r);

/* After pdf_sign_finish: the finished file (joined, or as it was written and mapped again) must be the prepared one,
 * the new signature INTACT and over the whole of it, and no earlier one may have got worse. Errors: INTERNAL
 * pdf_selfcheck. */
MUST_CHECK bool pdf_sign_check(struct arena *a, const struct pdf_prepared *p, struct sv finished, struct err *e);

#endif
