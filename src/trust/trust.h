/* trust: who holds keys, who vouches for them, and "sign this PDF for this signer" under an authorisation that is
 * written down before a key is used.
 *
 * The room knows nothing of contracts: owners, acts and approvals are opaque texts that it records. It promises:
 *   - A private key leaves the vault only inside one function (trust/vault.c), which gets the document itself, computes
 * the digest from it, and refuses a document whose SHA-256 is not the approved one.
 *   - No token, no signature: trust_sign_pdf gives a document only with an RFC 3161 token of a configured TSA inside.
 * The local clock is never asked when something was signed.
 *   - What an outside CA or TSA returns is checked as hostile input before it is used.
 *   - Nothing here holds a database transaction open over a network call.
 *
 * An act of signing, as the caller sees it:
 *     1. The caller's intent (act id, document hash, who approved) is durable.
 *     2. trust_sign_pdf: writes a trust_use row, gets a certificate (act keys), signs, gets the token, verifies the
 * result.
 *     3. The caller stores the bytes, then one transaction of its own moves its state and calls trust_use_commit.
 * If it dies before 3, the caller repeats 2 under the same act id: a new key is made, and certificates of earlier uses
 * of that act which were never committed are revoked (trust_sign_pdf does so first; trust_revoke_orphans does only
 * that).
 *
 * A struct trust may be used by any number of threads. Results live in the arena that is passed. Errors with a reason:
 *     ca_unavailable   UNAVAILABLE  the CA does not answer; nothing was produced, try again
 *     ca_refused       REFUSED      the CA answered no
 *     cert_refused     REFUSED      the CA returned a certificate that must not be used (other key, ID number inside,
 * …) tsa_unavailable  UNAVAILABLE  no TSA of the list gave an acceptable token; nothing was produced, try again
 *     key_unknown      NOT_FOUND    no such key
 *     key_not_usable   CONFLICT     the key is suspended, revoked or outside its certificate's validity
 *     document_changed CONFLICT     the document is not the one that was approved
 *     act_done         CONFLICT     a signature of this act was committed already */
#ifndef TRUST_TRUST_H
#define TRUST_TRUST_H

#include <stdatomic.h>

#include "base/base.h"
#include "pdf/sign.h"

struct db;
struct tx;
struct trust;
struct trust_ca;  /* trust/adapters.h */
struct trust_tsa; /* trust/adapters.h */

enum trust_suite {
    TRUST_SUITE_INTL, /* ECDSA P-256, SHA-256 */
    TRUST_SUITE_GM,   /* SM2, SM3 */
    TRUST_SUITE_DUAL, /* SM2, then ECDSA as a second signature over it, where a request names a field for each;
                         otherwise as intl */
    TRUST_SUITE__N
};
MUST_CHECK bool trust_suite_parse(struct sv name, enum trust_suite *ret, struct err *e); /* "intl", "gm", "dual" */

struct trust_setup {
    struct db *db;             /* borrowed until trust_close */
    const struct clock *clock; /* for created_at and validity checks, never for signing times */
    /* Key-encryption key: 64 hexadecimal digits in a file of mode 0600 that belongs to this user. Missing: made, unless
     * production. Errors CONFLICT kek_missing, kek_unsafe (others can read it), kek_wrong (not such a file). */
    const char *kek_path;
    bool production; /* refuses certificates of the test CA and a KEK that is not there */
    enum trust_suite suite;
    struct sv ca_url;          /* base address of the HTTP+JSON adapter (docs/ca-adapter.md); empty: no CA */
    struct sv ca_token;        /* shared bearer token */
    const struct sv *tsa_urls; /* tried in order */
    size_t tsa_n;
    const struct sv *tsa_sm2_urls; /* asked for the timestamps of SM2 signatures instead; none: tsa_urls */
    size_t tsa_sm2_n;
    /* Revocation lists to be fetched for long-term data besides those that certificates name (trust/archive.h). */
    const struct sv *crl_urls;
    size_t crl_urls_n;
    struct sv tsa_policy;  /* OID as text that a token must carry; empty: any */
    struct sv anchors_pem; /* root certificates: chains of signers and TSAs must end here */
    int64_t timeout_ms;    /* of one request to a CA or TSA; 0: 10 s */
    /* Becomes true when the process is to end: requests are then broken off. Borrowed; NULL: never. */
    const atomic_bool *stop;
    /* Other adapters than the two above, for tests and for outside services; NULL: those above. Borrowed. */
    const struct trust_ca *ca;
    const struct trust_tsa *tsa;
};
MUST_CHECK bool trust_open(const struct trust_setup *s, struct trust **ret, struct err *e);
void trust_close(struct trust *t);
DEFINE_CLEANUP(struct trust *, trust_closep, trust_close)

/* The configured roots, for verification elsewhere; borrowed from t. */
struct sv trust_anchors_pem(const struct trust *t);

/* --- keys that stay
 * ------------------------------------------------------------------------------------------------------ */

#define TRUST_KEY_STATES(X) X(active) X(suspended) X(revoked)
enum trust_key_state {
#define X(name) TRUST_KEY_##name,
    TRUST_KEY_STATES(X)
#undef X
            TRUST_KEY__N
};

struct trust_key {
    struct sv id;
    struct sv owner;     /* opaque: "enterprise:<id>", "platform" */
    struct sv purpose;   /* opaque: "certify", "seal" */
    struct sv suite;     /* "intl" or "gm" */
    struct sv algorithm; /* "p256", "sm2" */
    enum trust_key_state state;
    struct sv subject;   /* for people: CN, and O if there is one */
    struct sv cert_der;  /* the signer's certificate */
    struct sv chain_pem; /* issuing certificates, nearest first, without the root */
    struct sv cert_sha256_hex;
    struct sv serial_hex;
    int64_t not_before_at, not_after_at;
    int64_t created_at;
};

struct trust_key_in {
    struct sv owner, purpose;  /* 1..100 bytes each; at most one key of a pair and suite is active */
    struct sv common_name;     /* name of the enterprise or platform */
    struct sv organization;    /* O, may be empty */
    struct sv organization_id; /* organizationIdentifier (unified social credit code), may be empty */
    struct sv act;             /* what the certificate is for, opaque, told to the CA; may be empty */
    int64_t validity_days;     /* asked of the CA; 0: three years */
};
/* The active key of (owner, purpose), or a fresh one: generated here, certified by the CA, inspected, sealed, stored in
 * a transaction of its own. Calling it again gives the same key. In the suite dual there are two, and the ECDSA one is
 * given: signing finds the other by it. No transaction may be open on this thread. */
MUST_CHECK bool trust_key_ensure(struct trust *t, struct arena *a, const struct trust_key_in *in, struct trust_key *ret,
                                 struct err *e);
/* Reads in the caller's transaction. */
MUST_CHECK bool trust_key_get(struct tx *tx, struct arena *a, struct sv id, struct trust_key *ret, struct err *e);
MUST_CHECK bool trust_key_find(struct tx *tx, struct arena *a, struct sv owner, struct sv purpose,
                               struct trust_key *ret, struct err *e); /* the active one; key_unknown */
/* All keys, also revoked ones, newest first, at most limit. */
MUST_CHECK bool trust_key_list(struct tx *tx, struct arena *a, size_t limit, struct trust_key **ret, size_t *ret_n,
                               struct err *e);
const char *trust_key_state_name(enum trust_key_state state);
/* Takes effect for every signature that is not begun yet, and for the key of the other suite of the same owner and
 * purpose as well. revoked is final (CONFLICT, key_not_usable). The certificate
 * itself is revoked at the CA by trust_key_revoke_at_ca, which may be repeated. */
MUST_CHECK bool trust_key_set_state(struct tx *tx, struct sv id, enum trust_key_state state, int64_t now_ms,
                                    struct err *e);
MUST_CHECK bool trust_key_revoke_at_ca(struct trust *t, struct sv id, struct err *e);

/* --- signing
 * ------------------------------------------------------------------------------------------------------------- */

/* The approval under which a key may be used once. Recorded in trust_use before the key is touched. */
struct trust_auth {
    struct sv act;         /* id of the intent, the same at each retry; 1..64 bytes */
    struct sv approved_by; /* opaque: "person:<id>", "member:<id>", "platform" */
    struct sv factor;      /* how they proved it is them: "otp", "password", "password+totp", "policy" */
    int64_t approved_at;
    struct sv document_sha256; /* 32 bytes: the document that was approved */
    struct sv detail; /* opaque text (address, session, seal id …), may be empty; no secrets, no ID numbers */
};

/* Who signs: a vault key (or the one of its owner and purpose that the suite asks for, made if it is missing), or
 * (key_id empty) a key made for this one act and wiped after it. */
struct trust_signer {
    struct sv key_id;
    struct sv common_name;  /* act key: the person's name */
    struct sv subject_hash; /* act key: salted hash of the identity in hex, goes into serialNumber; the caller keeps the
                               opening */
};

struct trust_sign_request {
    struct sv pdf; /* the current revision; the result begins with exactly these bytes */
    struct trust_signer signer;
    struct trust_auth auth;
    struct sv field;     /* full name of an empty signature field of the document */
    struct sv sm2_field; /* suite dual: an empty invisible one for the SM2 signature that goes before;
                            empty: there is none. Not with certify */
    const struct pdf_appearance *appearance; /* NULL: invisible */
    /* Drawings for the read-only seam buttons of the pages (Seam1 …), filled in the same revision. */
    const struct pdf_button_fill *buttons;
    size_t buttons_n;
    struct sv reason, location,
            name; /* claims in the signature dictionary, may be empty; name empty: the certificate's CN */
    int certify;  /* DocMDP level 1..3 for the first signature of a document; 0: an approval signature */
};

/* The SM2 signature of an act in the suite dual. */
struct trust_twin {
    struct sv digest;    /* 32 bytes: SM3 of its ByteRange bytes */
    int64_t gen_time_ms; /* genTime of its token */
    struct sv token_der, tsa_url, cert_der, chain_pem, cert_sha256_hex, serial_hex;
};

struct trust_signed {
    struct sv use_id;     /* for trust_use_commit */
    struct sv pdf;        /* request.pdf plus one incremental update, with a twin two */
    struct sv pdf_sha256; /* 32 bytes, of pdf */
    struct sv digest;     /* 32 bytes: SHA-256 (suite gm: SM3) of the ByteRange bytes */
    int64_t gen_time_ms;  /* genTime of the token, the later one with a twin: when it was signed */
    struct sv token_der;  /* the RFC 3161 token */
    struct sv tsa_url;    /* which service of the list gave it */
    struct sv cert_der;   /* the signer's certificate */
    struct sv chain_pem;  /* as in struct trust_key */
    struct sv cert_sha256_hex, serial_hex;
    struct sv act_hash_hex; /* act keys: the act hash asked for in the certificate (URI SAN urn:qyq:act:<hex>) */
    bool has_twin;
    struct trust_twin twin;
};

/* Signs at level B-T and verifies the result (every signature INTACT, the last one over the whole file) before giving
 * it out. CA and TSA are called; no transaction may be open on this thread. Errors as above, besides those of the
 * document: whatever pdf says when it refuses to sign. After an error nothing of a signature exists but the trust_use
 * row. */
MUST_CHECK bool trust_sign_pdf(struct trust *t, struct arena *a, const struct trust_sign_request *r,
                               struct trust_signed *ret, struct err *e);

/* In the transaction in which the caller takes over the result of that use. CONFLICT act_done if another use of the act
 * was committed before. */
MUST_CHECK bool trust_use_commit(struct tx *tx, struct sv use_id, int64_t now_ms, struct err *e);

/* Revokes the certificates of act keys of this act that were issued for uses never committed. Returns how many. For
 * acts that are given up (withdrawn, lapsed); a retry does it by itself. */
MUST_CHECK bool trust_revoke_orphans(struct trust *t, struct sv act, size_t *ret_revoked, struct err *e);

/* The same checks of a timestamp as for a signature, over any 32-byte SHA-256 (document timestamps, heads of logs). */
MUST_CHECK bool trust_timestamp(struct trust *t, struct arena *a, struct sv sha256, struct sv *ret_token_der,
                                int64_t *ret_gen_time_ms, struct sv *ret_url, struct err *e);

#endif
