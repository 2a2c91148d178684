/* Shared by what issues signed structures: certificates, requests, CRLs, OCSP responses. */
#ifndef CRYPTO_ISSUE_PRIV_H
#define CRYPTO_ISSUE_PRIV_H

#include "crypto/der_priv.h"
#include "crypto/key.h"

/* SEQUENCE { tbs, algorithm, BIT STRING, after } with the usual algorithm of the key. */
bool signed_der(struct arena *a, struct sv tbs, const struct key *k, struct sv after, struct sv *ret, struct err *e);
struct sv issuing_algorithm(struct arena *a, const struct key *k);
struct sv extension_der(struct arena *a, const char *oid, bool critical, struct sv value);
struct sv key_id_of(struct arena *a, struct sv public_der);

#endif
