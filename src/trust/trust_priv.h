/* What the files of this room share; nobody else includes it. */
#ifndef TRUST_TRUST_PRIV_H
#define TRUST_TRUST_PRIV_H

#include "db/db.h"
#include "trust/adapters.h"
#include "trust/trust.h"

#define KEK_BYTES         32
#define ACT_VALIDITY_S    ((int64_t)24 * 3600)
#define DEFAULT_TIMEOUT   10000
#define LONGEST_VALIDITY  ((int64_t)10 * 366 * 24 * 3600 * 1000)
#define DER_LIMIT         ((size_t)64 << 10)
#define CHAIN_LIMIT       8 /* certificates */

struct ca_http {
    struct sv url, token;
    int64_t timeout_ms;
};
extern const struct trust_ca ca_http_table; /* ctx: struct ca_http */

struct tsa_http {
    const struct sv *urls;
    int64_t timeout_ms;
};
extern const struct trust_tsa tsa_http_table; /* ctx: struct tsa_http */

/* --- store.c: SQL -------------------------------------------------------------------------------------------------------- */

struct sealed_key {
    struct trust_key key;
    struct sv suite, algorithm, kek, sealed, request_id;
};
MUST_CHECK bool store_key_add(struct tx *tx, const struct sealed_key *k, struct err *e);
MUST_CHECK bool store_key_get(struct tx *tx, struct arena *a, struct sv id, struct sealed_key *ret, struct err *e);
/* The one of (owner, purpose) that is not revoked; *ret_found says whether there is one. */
MUST_CHECK bool store_key_live(struct tx *tx, struct arena *a, struct sv owner, struct sv purpose,
                               struct sealed_key *ret, bool *ret_found, struct err *e);

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
};
MUST_CHECK bool store_use_begin(struct tx *tx, const struct use_row *u, int64_t now, struct err *e);
MUST_CHECK bool store_use_signed(struct tx *tx, const struct trust_signed *s, int64_t now, struct err *e);
MUST_CHECK bool store_act_is_done(struct tx *tx, struct arena *a, struct sv act, bool *ret, struct err *e);
/* Marks the uses of the act that were not committed as abandoned, and lists the requests of act certificates to be revoked. */
MUST_CHECK bool store_act_abandon(struct tx *tx, struct arena *a, struct sv act, int64_t now,
                                  const struct sv **ret_requests, size_t *ret_n, struct err *e);
/* Requests for certificates of vault keys of that owner and purpose that led to no key. */
MUST_CHECK bool store_key_orphans(struct tx *tx, struct arena *a, struct sv owner_purpose, const struct sv **ret_requests,
                                  size_t *ret_n, struct err *e);

#endif
