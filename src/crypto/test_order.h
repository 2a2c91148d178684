/* SignedData made piece by piece for the tests, signed with the library's plain functions: independent of the writer in
 * this room, so that it can be as wrong as is wanted. */
#ifndef CRYPTO_TEST_ORDER_H
#define CRYPTO_TEST_ORDER_H

#include <openssl/evp.h>

#include "crypto/cms_priv.h"
#include "crypto/test_util.h"

extern struct arena A; /* of the test that runs */
#define CONTENT SV("the bytes of a contract")
#define NONE    SV("")

/* What goes into the SignedData; empty means: the usual. */
struct order {
    const struct test_id *id;
    enum cms_profile profile;
    const char *md;      /* digest, as the library calls it */
    const char *md_oid;  /* digestAlgorithm */
    const char *sig_oid; /* signatureAlgorithm */
    const char *sm2_id;  /* NULL: the standard one */
    const char *outer_oid, *content_oid;
    int version, info_version;
    bool null_digest, null_sig; /* parameters NULL instead of absent */
    bool bare, by_key_id;
    struct sv content;     /* eContent */
    struct sv certs, crls; /* content of [0], [1] */
    struct sv sid;
    struct sv attrs[4]; /* further signed attributes */
    bool no_cert_attr;
    struct sv unsigned_attrs; /* content of [1] */
    bool long_lengths;
};

struct sv built(const struct order *o);
/* RSA, P-256 and SM2 keys with the usual digest. */
struct order rsa_order(const struct test_id *id);
struct order ec_order(const struct test_id *id);
struct order sm2_order(const struct test_id *id);
struct sv raw_sign(const struct order *o, struct sv message);
struct sv raw_digest(const char *md, struct sv bytes);
struct sv alg(const char *oid, bool null);
struct sv attribute(const char *oid, struct sv value);
/* ESSCertID(v2): hash algorithm (empty: none), hash, issuerSerial (empty: none). */
struct sv ess(const char *attr_oid, struct sv hash_alg, struct sv hash, struct sv issuer_serial);
struct sv serial_der(const struct cert *c);
struct sv issuer_serial(struct sv issuer, const struct cert *c);
/* Takes pkey; a self-signed certificate by the library's hand. */
struct test_id odd_id(EVP_PKEY *pkey, const char *sig_oid);

#endif
