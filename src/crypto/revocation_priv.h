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
};
bool crl_read(struct arena *a, struct sv der, struct crl *ret);
bool crl_find(struct arena *a, const struct crl *crl, struct sv serial_hex, struct revoked *ret);

/* What one piece of revocation data says of a certificate. */
enum revocation_state { REVOCATION_NONE, REVOCATION_GOOD, REVOCATION_REVOKED };
struct revocation_answer {
    enum revocation_state state;
    int64_t this_update_at, next_update_at;
    struct revoked revoked;
};
/* NONE unless the response is about cert and signed by its issuer or a responder that the issuer made. */
struct revocation_answer ocsp_answer_for(struct arena *a, struct sv response, const struct cert *cert,
                                         const struct cert *issuer, const struct certs *pool);
struct revocation_answer crl_answer_for(struct arena *a, struct sv der, const struct cert *cert,
                                        const struct cert *issuer);

#endif
