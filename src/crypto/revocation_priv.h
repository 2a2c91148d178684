/* Reading CRLs and OCSP responses for chain_check. */
#ifndef CRYPTO_REVOCATION_PRIV_H
#define CRYPTO_REVOCATION_PRIV_H

#include "crypto/chain.h"
#include "crypto/der_priv.h"
#include "crypto/revocation.h"

/* A signed structure: SEQUENCE { tbs, algorithm, BIT STRING, … } */
struct signed_parts {
    struct sv tbs, alg, sig;
};
bool signed_parts_read(struct der *d, struct signed_parts *ret); /* d: inside the outer SEQUENCE */
bool signed_parts_verify(struct arena *a, const struct signed_parts *p, struct sv public_der);
bool cert_is_signed_by(struct arena *a, const struct cert *c, const struct cert *issuer);
struct sv public_bits(struct sv public_der); /* the BIT STRING's bytes: what key hashes are made of */

struct crl {
    struct signed_parts parts;
    struct sv issuer_der, entries;
    int64_t this_update_at, next_update_at;
    bool usable; /* no critical extension that is not understood, complete for end or CA certificates as said: */
    bool only_users, only_cas;
    bool has_point;        /* a part of a list that was split by distribution points: */
    struct sv point_names; /* GeneralNames, the content; empty when they are of another form */
    bool keeps_expired;    /* certificates that expired from then on stay in the list */
    int64_t expired_kept_from_at;
};
bool crl_read(struct sv der, struct crl *ret);
enum crl_entry { CRL_NOT_LISTED, CRL_LISTED, CRL_UNCLEAR };
enum crl_entry crl_find(struct arena *a, const struct crl *crl, struct sv serial_hex, struct revoked *ret);

/* Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue } */
struct extension {
    struct sv oid; /* as encoded */
    bool critical;
    struct sv value;
};
bool extension_next(struct der *list, struct extension *ret);

/* Signature checks of one document, remembered and counted (chain_cache.c). False also when the document has asked for
 * more work than any honest one does. */
bool chain_cache_spend_bytes(struct chain_cache *cache, size_t n); /* to be read through */
bool chain_cache_spend_checks(struct chain_cache *cache, const struct cert *signer, size_t n);
/* whole: the bytes p was read from; they must stay where they are while the cache lives. */
bool chain_cache_verify(struct arena *a, struct chain_cache *cache, struct sv whole, const struct signed_parts *p,
                        const struct cert *signer);

/* What one piece of revocation data says of a certificate. */
enum revocation_state { REVOCATION_NONE, REVOCATION_GOOD, REVOCATION_REVOKED };
struct revocation_answer {
    enum revocation_state state;
    int64_t this_update_at, next_update_at;
    struct revoked revoked;
};
/* NONE unless the response is about cert and signed by its issuer or a responder that the issuer made and did not
 * revoke. */
struct revocation_answer ocsp_answer_for(struct arena *a, struct chain_cache *cache, struct sv response,
                                         const struct cert *cert, const struct cert *issuer,
                                         const struct chain_query *q);
struct revocation_answer crl_answer_for(struct arena *a, struct chain_cache *cache, struct sv der,
                                        const struct cert *cert, const struct cert *issuer);

#endif
