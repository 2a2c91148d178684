/* X.509 certificates as plain values: the DER bytes and what they say, all in the caller's arena, nothing to free.
 * Parsing a certificate says nothing about trust; see crypto/chain.h. Issuing is for the built-in test CA and for
 * requests to a CA. */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/digest.h"
#include "crypto/key.h"

/* keyUsage bits (RFC 5280 4.2.1.3) */
enum {
    KU_DIGITAL_SIGNATURE = 1 << 0,
    KU_NON_REPUDIATION = 1 << 1,
    KU_KEY_ENCIPHERMENT = 1 << 2,
    KU_DATA_ENCIPHERMENT = 1 << 3,
    KU_KEY_AGREEMENT = 1 << 4,
    KU_CERT_SIGN = 1 << 5,
    KU_CRL_SIGN = 1 << 6
};
/* extendedKeyUsage */
enum {
    EKU_SERVER = 1 << 0,
    EKU_CLIENT = 1 << 1,
    EKU_EMAIL = 1 << 2,
    EKU_TIMESTAMP = 1 << 3,
    EKU_OCSP = 1 << 4,
    EKU_DOCUMENT = 1 << 5, /* 1.3.6.1.5.5.7.3.36 */
    EKU_ANY = 1 << 6,
    EKU_OTHER = 1 << 7
};

struct cert {
    struct sv der;
    struct sv subject, issuer; /* one line of UTF-8, RFC 2253 order: CN=…,O=…,C=CN */
    struct sv common_name, issuer_common_name, organization, organizational_unit, locality, country;
    struct sv subject_serial_number;     /* attribute 2.5.4.5: bindings, salted hashes */
    struct sv serial_hex;                /* upper case, no leading zeros beyond whole bytes */
    struct sv subject_der, issuer_der;   /* Name */
    struct sv public_der;                /* SubjectPublicKeyInfo */
    struct sv key_id, authority_key_id;  /* raw bytes; empty when absent */
    int64_t not_before_at, not_after_at; /* ms */
    enum key_kind key_kind;
    int key_bits;
    enum sig_scheme signed_scheme; /* how the issuer signed; SIG_NONE: not known here */
    enum digest_alg signed_digest;
    bool has_key_usage, has_eku, eku_critical;
    unsigned key_usage, eku;
    bool is_ca;
    int path_len;     /* -1: none */
    bool self_signed; /* issuer = subject, and the signature verifies with its own key */
    bool ocsp_no_check;
    struct sv crl_url, ocsp_url, issuer_url; /* first of each kind by http or https; empty when absent */
    struct digest sha256;                    /* of der */
};
/* A list of borrowed certificates. */
struct certs {
    const struct cert **v;
    size_t n;
};

#define CERT_MAX_BYTES ((size_t)65536)
#define CERTS_MAX      1000

/* DER, or the first certificate of a PEM text. BAD_INPUT "cert_unreadable". */
MUST_CHECK bool cert_parse(struct arena *a, struct sv bytes, const struct cert **ret, struct err *e);
/* PEM bundle (other blocks are skipped) or one DER certificate. BAD_INPUT "cert_unreadable" when none is in it. */
MUST_CHECK bool certs_parse(struct arena *a, struct sv bytes, struct certs *ret, struct err *e);
/* Skips what is already in it, and what passes CERTS_MAX: lists from untrusted files are help, so a short one is safe.
 */
void certs_add(struct arena *a, struct certs *list, const struct cert *c);
/* Names (DER) that say the same: equal, or written as UTF8String here and PrintableString there by a program that took
 * the name apart and put it together again. Nothing else is overlooked: what compares names is often not signed. */
bool names_alike(struct sv x_der, struct sv y_der);
bool cert_eq(const struct cert *x, const struct cert *y);
struct sv cert_pem(struct arena *a, const struct cert *c);
struct sv certs_pem(struct arena *a, const struct certs *list);
/* Any DER as a PEM block: pem_encode(a, "X509 CRL", der). pem_decode gives the first block of that name, or bytes that
 * are DER already. */
struct sv pem_encode(struct arena *a, const char *label, struct sv der);
MUST_CHECK bool pem_decode(struct arena *a, const char *label, struct sv bytes, struct sv *ret, struct err *e);
/* Weak by today's rules: RSA below 2048 bits, a curve below 224, SHA-1 or MD5 signature on a certificate that is not
 * self-signed. */
bool cert_is_weak(const struct cert *c);

/* Names in the order C, O, OU, L, CN, serialNumber; empty parts are left out. UTF-8. */
struct cert_subject {
    struct sv common_name, organization, organizational_unit, locality, country, serial_number;
};

/* Certificate requests (PKCS#10). */
struct csr {
    struct sv der, public_der, subject;
    struct cert_subject names;
    enum key_kind key_kind;
};
MUST_CHECK bool csr_make(struct arena *a, const struct key *k, const struct cert_subject *subject, struct sv *ret_der,
                         struct err *e);
/* DER or PEM; proof of possession is checked. BAD_INPUT "csr_unreadable"; REFUSED "csr_signature". */
MUST_CHECK bool csr_parse(struct arena *a, struct sv bytes, struct csr *ret, struct err *e);

enum cert_profile {
    CERT_ROOT,   /* CA, self-signed when issuer is NULL */
    CERT_SUB_CA, /* CA with pathLen 0 */
    CERT_SIGNER, /* digitalSignature + nonRepudiation, critical; EKU documentSigning and emailProtection */
    CERT_TSA,    /* EKU timeStamping alone, critical */
    CERT_OCSP    /* EKU OCSPSigning, noCheck */
};
struct cert_order {
    enum cert_profile profile;
    struct cert_subject subject;
    struct sv public_der;                    /* SubjectPublicKeyInfo of the subject */
    struct sv serial;                        /* big-endian, at most 20 bytes; empty: 16 random bytes */
    int64_t not_before_at, not_after_at;     /* ms; cut to seconds */
    struct sv crl_url, ocsp_url, issuer_url; /* empty: left out */
    struct sv uri;                           /* subjectAltName, what the certificate is for; empty: left out */
};
/* issuer NULL: self-signed, issuer_key is the subject's own. Digest by key_kind_digest of the issuer's key. */
MUST_CHECK bool cert_issue(struct arena *a, const struct cert_order *order, const struct cert *issuer,
                           const struct key *issuer_key, const struct cert **ret, struct err *e);

#endif
