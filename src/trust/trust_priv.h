/* What the files of this room share; nobody else includes it. */
#ifndef TRUST_TRUST_PRIV_H
#define TRUST_TRUST_PRIV_H

#include "crypto/cert.h"
#include "crypto/chain.h"
#include "crypto/secret.h"
#include "db/db.h"
#include "trust/adapters.h"
#include "trust/trust.h"

#define KEK_BYTES        32
#define ACT_VALIDITY_S   ((int64_t)24 * 3600)
#define DEFAULT_TIMEOUT  10000
#define LONGEST_VALIDITY ((int64_t)10 * 366 * 24 * 3600 * 1000)
#define DER_LIMIT        ((size_t)64 << 10)
#define CHAIN_LIMIT      8 /* certificates */

struct ca_http {
    struct sv url, token;
    int64_t timeout_ms;
    const atomic_bool *stop;
};
extern const struct trust_ca ca_http_table; /* ctx: struct ca_http */

struct tsa_http {
    const struct sv *urls; /* those for SM2 signatures last */
    int64_t timeout_ms;
    const atomic_bool *stop;
};
extern const struct trust_tsa tsa_http_table; /* ctx: struct tsa_http */

/* A list of texts. */
struct svs {
    struct sv *v;
    size_t n;
};

struct trust {
    struct arena arena; /* everything below; written by trust_open only */
    struct db *db;
    const struct clock *clock;
    enum trust_suite suite;
    bool production;
    struct secret *kek;
    struct sv kek_name; /* fingerprint: tells which KEK sealed a key, gives nothing of it away */
    struct sv anchors_pem;
    struct certs anchors;
    struct sv tsa_policy;
    struct sv *crl_urls;
    size_t crl_urls_n;
    struct ca_http ca_http;
    struct tsa_http tsa_http;
    struct trust_ca ca; /* issue NULL: none configured */
    struct trust_tsa tsa;
};

/* True for names of the built-in test CA, TSA and whatever else says of itself that it is a test. */
bool name_is_test(struct sv name);

/* --- inspect.c
 * ----------------------------------------------------------------------------------------------------------- */

struct cert_wish {
    struct sv public_der;  /* of the key that was made */
    struct sv common_name; /* asked for */
    struct sv allowed_id;  /* a text of 15 or 18 digits that may stand in it (a credit code), or empty */
};
/* Everything docs/ca-adapter.md says about a returned certificate. ret_chain: its issuers, nearest first, without a
 * self-signed root. Error cert_refused. */
MUST_CHECK bool inspect_issued(const struct trust *t, struct arena *a, struct sv cert_pem, struct sv chain_pem,
                               const struct cert_wish *wish, const struct cert **ret_cert, struct certs *ret_chain,
                               struct err *e);
/* Something of the form of an ID number in a text (UTF-8 or UTF-16): a run of 15 or 18 digits, or of 17 digits and X.
 * Long hexadecimal words (hashes) and the allowed text are passed over. */
bool has_id_number(struct sv text, struct sv allowed);
/* The same in any value of a DER encoding. */
bool der_has_id_number(struct sv der, struct sv allowed);

/* --- vault.c
 * ------------------------------------------------------------------------------------------------------------- */

/* Seals the key for the row id of *ret: fills kek and sealed. */
void vault_seal(const struct trust *t, struct arena *a, const struct key *key, struct sv id, struct sv *ret_kek,
                struct sv *ret_sealed);

struct vault_job {
    struct sv use_id;
    bool twin;                     /* the SM2 signature that goes before the one of the use */
    struct sv key_id;              /* empty: act_key signs */
    const struct key *act_key;     /* made for this use, or NULL */
    const struct trust_auth *auth; /* as recorded under use_id */
    struct sv approved;            /* the bytes that were approved */
    struct sv document;            /* what is signed: those, or those with the twin's signature */
    const struct pdf_prepared *prepared;
    const struct cert *signer;
    struct certs chain;
};
/* The one place where keys sign. Takes the recorded approval (which serves once, or once for each of two signatures
 * that were recorded together), checks that the document is the approved one, or the approved one with what was
 * recorded as the twin's signature, and that the prepared bytes begin with it, computes the digest, signs. */
MUST_CHECK bool vault_sign(struct trust *t, struct arena *a, const struct vault_job *job, struct sv *ret_cms,
                           struct digest *ret_digest, struct err *e);

/* --- stamp.c
 * ------------------------------------------------------------------------------------------------------------- */

struct stamp {
    struct sv token_der;
    int64_t gen_at;
    struct sv tsa_url;
    int64_t until_at;     /* the first end of a certificate on the way from the TSA to its anchor */
    struct sv signature_alg, imprint_alg;
};
struct stamp_order {
    struct digest imprint; /* asked for first */
    struct digest second;  /* asked of a service that refuses the first; alg DIGEST_NONE: nothing */
    bool sm2;              /* from the services for SM2 signatures */
};
/* SM3 of bytes and then SHA-256, or SHA-256 alone. */
struct stamp_order stamp_order_of(bool sm2, struct sv bytes);
MUST_CHECK bool stamp_get(struct trust *t, struct arena *a, const struct stamp_order *o, struct stamp *ret,
                          struct err *e);

/* --- keys.c
 * -------------------------------------------------------------------------------------------------------------- */

/* Asks the CA (network) and inspects the answer. A certificate that does not pass is revoked if the CA can be told. */
struct issue_order {
    struct trust_ca_request request; /* csr_pem is filled in */
    struct cert_subject subject;
    const struct key *key;
};
MUST_CHECK bool issue_cert(struct trust *t, struct arena *a, struct issue_order *order, const struct cert **ret_cert,
                           struct certs *ret_chain, struct err *e);
/* Tells the CA, then the table. What cannot be told now stays "revoking" for the next time. Returns how many were. */
size_t revoke_requests(struct trust *t, const struct svs *requests);

enum key_suite { KEY_SUITE_INTL, KEY_SUITE_GM, KEY_SUITE__N };
const char *key_suite_name(enum key_suite s); /* as in trust_key.suite */
enum key_kind key_suite_kind(enum key_suite s);
/* The live key of that suite, made if there is none. */
struct sealed_key;
MUST_CHECK bool ensure_key(struct trust *t, struct arena *a, const struct trust_key_in *in, enum key_suite suite,
                           struct sealed_key *ret, struct err *e);

/* --- store.c: SQL
 * -------------------------------------------------------------------------------------------------------- */

struct sealed_key {
    struct trust_key key;
    struct sv kek, sealed, request_id;
};
MUST_CHECK bool store_key_add(struct tx *tx, const struct sealed_key *k, struct err *e);
MUST_CHECK bool store_key_get(struct tx *tx, struct arena *a, struct sv id, struct sealed_key *ret, struct err *e);
/* The one of (owner, purpose, suite) that is not revoked; *ret_found says whether there is one. */
MUST_CHECK bool store_key_live(struct tx *tx, struct arena *a, struct sv owner, struct sv purpose, enum key_suite suite,
                               struct sealed_key *ret, bool *ret_found, struct err *e);
/* Names of the requests for the keys that were revoked together with this one, this one's included. */
MUST_CHECK bool store_key_revoked_requests(struct tx *tx, struct arena *a, const struct sealed_key *k, struct svs *ret,
                                           struct err *e);

struct cert_row {
    struct sv request_id, subject_of, ref, purpose;
};
MUST_CHECK bool store_cert_ask(struct tx *tx, const struct cert_row *c, int64_t now, struct err *e);
MUST_CHECK bool store_cert_issued(struct tx *tx, struct sv request_id, struct sv serial, struct sv cert_der,
                                  int64_t now, struct err *e);
MUST_CHECK bool store_cert_revoked(struct tx *tx, struct sv request_id, int64_t now, struct err *e);

struct use_row {
    struct sv id;
    const struct trust_auth *auth;
    struct sv key_id; /* empty: an act key */
    struct sv field;
    struct sv twin_field, twin_key_id; /* field empty: no twin */
};
MUST_CHECK bool store_use_begin(struct tx *tx, const struct use_row *u, int64_t now, struct err *e);
/* begun -> used, if the approval is for that key and document. base_sha256: of the document over which is signed, which
 * is the approved one, or the twin's result. */
struct take_row {
    struct sv use_id, key_id, document_sha256, base_sha256;
};
MUST_CHECK bool store_use_take(struct tx *tx, const struct take_row *k, int64_t now, struct err *e);
MUST_CHECK bool store_twin_take(struct tx *tx, const struct take_row *k, int64_t now, struct err *e);
MUST_CHECK bool store_use_signed(struct tx *tx, const struct trust_signed *s, int64_t now, struct err *e);
MUST_CHECK bool store_twin_signed(struct tx *tx, struct sv use_id, const struct trust_twin *s, struct sv result_sha256,
                                  int64_t now, struct err *e);
MUST_CHECK bool store_act_is_done(struct tx *tx, struct arena *a, struct sv act, bool *ret, struct err *e);
/* Marks the uses of the act that were not committed as abandoned and their certificates as revoking, and lists the
 * latter. */
MUST_CHECK bool store_act_abandon(struct tx *tx, struct arena *a, struct sv act, int64_t now, struct svs *ret,
                                  struct err *e);
/* The same for requests of vault keys of that owner and purpose that led to no key. */
MUST_CHECK bool store_key_orphans(struct tx *tx, struct arena *a, struct sv owner_purpose, struct svs *ret,
                                  struct err *e);

#endif
