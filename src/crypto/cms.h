/* CMS SignedData (RFC 5652) and its GM twin (GB/T 35275), as PDF signatures carry it: our own reader, because the
 * library's verifier tolerates what a contract must not, and our own writer. Nothing here judges trust; see
 * crypto/chain.h.
 *
 * Verifying a PDF signature:
 *   struct cms c;  cms_read(a, contents, CMS_CADES, &c);          learn the algorithms; c.status CMS_OK: go on
 *   h = cms_hash_new(&c);  cms_hash_add(h, range1);  …            all signed bytes, in order
 *   cms_check(a, &c, h, extra_certs, &verdict);                   integrity, signer, timestamps
 *   chain_check(…verdict.signer…)                                 trust
 *
 * Signing:
 *   cms_draft(a, &order, &digest, &draft, e);                     draft.tbs are the bytes to sign (scheme, digest in
 * the order) key_sign(a, key, order.scheme, order.digest, draft.tbs, …)    or an HSM, or the key process; SM2 devices:
 * draft.tbs_digest cms_finish(a, &draft, signature, &der, e);                    the SignedData tsp_request_make(a,
 * digest of draft/cms signature value …); cms_add_timestamp(a, der, token, &der2, e); */
#ifndef CRYPTO_CMS_H
#define CRYPTO_CMS_H

#include "crypto/cert.h"
#include "crypto/chain.h"

#define CMS_MAX_BYTES ((size_t)4 << 20)

/* Best first; a higher value is worse. Each but CMS_OK has the name of an integrity code. */
enum cms_status { CMS_OK, CMS_UNSUPPORTED, CMS_TST_BAD, CMS_TAMPERED, CMS_BROKEN };
const char *cms_status_name(enum cms_status s); /* "OK" "UNSUPPORTED" "TST_BAD" "TAMPERED" "BROKEN" */

/* What the surroundings demand. */
enum cms_profile {
    CMS_CADES,     /* ETSI.CAdES.detached: signed attributes with signingCertificate(V2), no eContent */
    CMS_ADBE,      /* adbe.pkcs7.detached: attributes may be missing, no eContent */
    CMS_ADBE_SHA1, /* adbe.pkcs7.sha1: eContent is the SHA-1 of the bytes, and weak; or, beside SM3 signatures, their
                      SM3 */
    CMS_GM,        /* GB/T 35275 outside of detached subfilters: eContent may hold the SM3 digest of the bytes */
    CMS_TOKEN      /* a TimeStampToken: eContent is TSTInfo; used by crypto/tsp.h */
};

/* Why something is not fine (or only noteworthy): a stable lower-case name and one English line. */
struct cms_problem {
    enum cms_status status; /* CMS_OK: only a note */
    const char *code;
    struct sv text;
};

struct cms_attribute; /* private */
struct cms {
    enum cms_status status; /* of reading: CMS_OK, CMS_BROKEN or CMS_UNSUPPORTED */
    struct cms_problem problem;
    enum cms_profile profile;
    struct sv der;          /* the SignedData without padding, indefinite lengths made definite */
    int newest_part;        /* private: the version that certificates of other forms ask for, 0: none */
    bool gm_oids;           /* the outer content type is of the GM family */
    enum digest_alg digest; /* of the content */
    enum sig_scheme scheme;
    int pss_salt;           /* bytes, for SIG_RSA_PSS */
    struct sv content_type; /* dotted */
    bool has_content;
    struct sv content;         /* eContent octets */
    struct certs certs;        /* all X.509 certificates inside that can be read, in file order */
    struct der_list crls;      /* from the SignedData and from adbe revocationInfoArchival */
    struct der_list ocsps;     /* from revocationInfoArchival */
    const struct cert *signer; /* found by sid among certs; NULL: not inside, cms_check may find it among extra */
    struct sv sid_issuer_der, sid_serial, sid_key_id; /* which certificate is meant: issuer and serial, or key id */
    bool has_attributes;
    struct sv attributes;            /* SET OF Attribute as hashed */
    struct cms_attribute *attribute; /* signed attributes */
    size_t attribute_n;
    struct sv signature;        /* the value: what a signature timestamp covers */
    int64_t signing_time_at;    /* claimed in the attributes; 0: not said */
    struct der_list tokens;     /* signatureTimeStampToken values */
    struct cms_problem note[8]; /* tolerated oddities */
    size_t note_n;
};
/* Reads the structure: never fails otherwise than through ret->status. Trailing zeros are padding; anything else behind
 * is BROKEN. */
void cms_read(struct arena *a, struct sv bytes, enum cms_profile profile, struct cms *ret);

/* How it is signed: "ecdsa-sha256", "sm2-sm3", "rsa-pss-sha256". */
struct sv cms_algorithm(struct arena *a, const struct cms *c);

/* Digests of the signed bytes as this SignedData needs them (also SM3 with Z, which needs the signer's key, when there
 * are no attributes). extra: further certificates (DSS) to look for the signer's in, or NULL. */
struct cms_hash;
struct cms_hash *cms_hash_new(const struct cms *c, const struct certs *extra);
void cms_hash_add(struct cms_hash *h, struct sv bytes);
void cms_hash_free(struct cms_hash *h);
DEFINE_CLEANUP(struct cms_hash *, cms_hash_cleanup, cms_hash_free)

struct tsp_token;
struct tsp_verdict;
struct cms_verdict {
    enum cms_status status; /* the worst of all problems */
    struct cms_problem problem[16];
    size_t problem_n;
    const struct cert *signer; /* NULL only when BROKEN or UNSUPPORTED */
    bool weak;                 /* SHA-1, RSA below 2048 … */
    struct sv algorithm;       /* "ecdsa-sha256", "sm2-sm3", "rsa-pss-sha256" */
    struct tsp_token *token;   /* signature timestamps, as many as c->tokens.n; see crypto/tsp.h */
    struct tsp_verdict *token_verdict;
    size_t token_n;
    int64_t earliest_at; /* genTime of the earliest token that verifies (trust not judged); 0: none */
};
/* The whole of the checks, cryptography and consistency. Uses h up. */
void cms_check(struct arena *a, const struct cms *c, struct cms_hash *h, const struct certs *extra,
               struct cms_verdict *ret);
/* adbe.x509.rsa_sha1: Contents is a DER OCTET STRING with a PKCS#1 signature over the SHA-1 of the bytes. */
void cms_check_x509_rsa_sha1(struct arena *a, struct sv contents, const struct cert *signer, const struct digest *sha1,
                             struct cms_verdict *ret);

/* Writing. */
struct cms_order {
    const struct cert *signer;
    struct certs chain;      /* after the signer, in this order; the root may be left out */
    enum sig_scheme scheme;  /* SIG_NONE: the usual one of the key */
    enum digest_alg digest;  /* DIGEST_NONE: the usual one of the key. The content digest must be of this algorithm. */
    bool gm_oids;            /* GB/T 35275 content types; SM2 only */
    bool no_attributes;      /* signature over the content itself; not for CAdES */
    bool omit_certs;         /* no certificates inside (a TSA that was not asked for them) */
    int64_t signing_time_at; /* signingTime attribute, for adbe.pkcs7.detached; 0: none, as CAdES demands */
    struct sv content_type;  /* dotted; empty: data (of the family) */
    struct sv content;       /* eContent; .p NULL: detached */
};
struct cms_draft {
    struct cms_order order;   /* scheme and digest filled in */
    struct sv tbs;            /* hash and sign these bytes: SET OF signed attributes */
    struct digest tbs_digest; /* their digest; with SM2 including Z */
    struct sv attributes;     /* private */
};
/* content: digest of the signed bytes. Not for no_attributes (use cms_sign_content).
 * REFUSED "sign_algorithm", "sign_certificate" (no keyUsage for signatures). */
MUST_CHECK bool cms_draft(struct arena *a, const struct cms_order *order, const struct digest *content,
                          struct cms_draft *ret, struct err *e);
/* Checks the signature value with the signer's key first: BAD_INPUT "sign_value" when it does not fit. */
MUST_CHECK bool cms_finish(struct arena *a, const struct cms_draft *d, struct sv signature, struct sv *ret_der,
                           struct err *e);
/* Both steps; that the key is the certificate's is compared, the value is not verified again (pdf_sign_check does). */
MUST_CHECK bool cms_sign(struct arena *a, const struct cms_order *order, const struct key *k,
                         const struct digest *content, struct sv *ret_der, struct err *e);
/* Signs the content itself, without attributes (order->no_attributes). */
MUST_CHECK bool cms_sign_content(struct arena *a, const struct cms_order *order, const struct key *k, struct sv content,
                                 struct sv *ret_der, struct err *e);
/* The signature value inside a SignedData: what to ask a timestamp for. */
MUST_CHECK bool cms_signature_value(struct arena *a, struct sv cms_der, struct sv *ret, struct err *e);
/* Puts a TimeStampToken into the unsigned attributes. Signed parts stay byte for byte. */
MUST_CHECK bool cms_add_timestamp(struct arena *a, struct sv cms_der, struct sv token, struct sv *ret_der,
                                  struct err *e);

#endif
