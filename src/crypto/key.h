/* Private keys and signature values. SM2 always uses the identifier 1234567812345678 of GM/T 0009. A struct key may be
 * used by several threads at once; it is wiped when freed. */
#ifndef CRYPTO_KEY_H
#define CRYPTO_KEY_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

enum key_kind {
    KEY_NONE,
    KEY_RSA_2048,
    KEY_RSA_3072,
    KEY_RSA_4096,
    KEY_P256,
    KEY_P384,
    KEY_P521,
    KEY_SM2,
    KEY_RSA_OTHER, /* RSA of another size */
    KEY_EC_OTHER,  /* another named curve that the library knows: brainpool, secp256k1 … Verified, and weak below 224
                      bits: the signature holds, and which curves are fit is a question of strength */
    KEY_OTHER      /* Ed25519, DSA, a curve without a name …: known, but not usable here */
};
/* How a signature value is made; together with a digest this is what a signatureAlgorithm says. */
enum sig_scheme { SIG_NONE, SIG_RSA_PKCS1, SIG_RSA_PSS, SIG_ECDSA, SIG_SM2 };

const char *key_kind_name(enum key_kind kind); /* "rsa2048" … "p256" "p384" "p521" "sm2" */
bool key_kind_by_name(struct sv name, enum key_kind *ret);
const char *sig_scheme_name(enum sig_scheme scheme); /* "rsa-pkcs1" "rsa-pss" "ecdsa" "sm2" */
enum sig_scheme key_kind_scheme(enum key_kind kind); /* the usual one: PKCS#1 for RSA */
/* The usual digest: SM3 for SM2; SHA-384/512 for P-384/P-521; else SHA-256. */
enum digest_alg key_kind_digest(enum key_kind kind);

struct key;
void key_free(struct key *k);
DEFINE_CLEANUP(struct key *, key_cleanup, key_free)

MUST_CHECK bool key_generate(enum key_kind kind, struct key **ret, struct err *e);
/* PEM ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA/EC PRIVATE KEY") or DER (PKCS#8, encrypted or not). password may be
 * empty. Errors BAD_INPUT: "key_unreadable", "key_password_wrong" (also when one is needed and none was given);
 * UNSUPPORTED for other kinds. */
MUST_CHECK bool key_load(struct sv bytes, struct sv password, struct key **ret, struct err *e);
struct secret *key_to_pkcs8(const struct key *k); /* DER, for sealing by a vault; key_load reads it */
/* PEM "PRIVATE KEY", or encrypted with PBES2 (AES-256, HMAC-SHA256) when password is not empty. */
struct secret *key_to_pem(const struct key *k, struct sv password);

enum key_kind key_kind(const struct key *k);
int key_bits(const struct key *k);
struct sv key_public_der(struct arena *a, const struct key *k); /* SubjectPublicKeyInfo */
bool key_matches(const struct key *k, struct sv public_der);

/* Signs a message (hashed inside; for SM2 with Z in front). ECDSA and SM2 values are SEQUENCE { r, s }.
 * REFUSED "sign_algorithm" when scheme, digest and key do not go together (SHA-1 never signs; SM2 needs SM3). */
MUST_CHECK bool key_sign(struct arena *a, const struct key *k, enum sig_scheme scheme, enum digest_alg alg,
                         struct sv message, struct sv *ret, struct err *e);
/* Signs a digest as it stands. For SM2 it must be e = SM3(Z || message), see sm2_digest. */
MUST_CHECK bool key_sign_digest(struct arena *a, const struct key *k, enum sig_scheme scheme, const struct digest *d,
                                struct sv *ret, struct err *e);
/* e = SM3(Z || message) for the public key; for devices that sign plain digests. */
MUST_CHECK bool sm2_digest(struct sv public_der, struct sv message, struct digest *ret, struct err *e);

/* True when sig is right; every other outcome, also garbage, is false. */
bool signature_verify(struct sv public_der, enum sig_scheme scheme, enum digest_alg alg, struct sv message,
                      struct sv sig);

/* PKCS#12, modern (PBES2) or legacy (3DES, RC2). cert and chain as in crypto/cert.h; chain in file order, without the
 * own one. */
struct cert;
struct certs;
MUST_CHECK bool pkcs12_load(struct arena *a, struct sv bytes, struct sv password, struct key **ret_key,
                            const struct cert **ret_cert, struct certs *ret_chain, struct err *e);
MUST_CHECK bool pkcs12_make(const struct key *k, const struct cert *cert, const struct certs *chain, struct sv password,
                            struct secret **ret, struct err *e);

#endif
