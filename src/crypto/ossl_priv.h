/* What the files of this room share of OpenSSL: clean-ups, the error queue, and conversions. Not for other rooms. */
#ifndef CRYPTO_OSSL_PRIV_H
#define CRYPTO_OSSL_PRIV_H

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/base.h"
#include "crypto/digest.h"
#include "crypto/key.h"

DEFINE_CLEANUP(BIO *, bio_cleanup, BIO_free_all)
DEFINE_CLEANUP(EVP_PKEY *, pkey_cleanup, EVP_PKEY_free)
DEFINE_CLEANUP(EVP_PKEY_CTX *, pkey_ctx_cleanup, EVP_PKEY_CTX_free)
DEFINE_CLEANUP(EVP_MD_CTX *, md_ctx_cleanup, EVP_MD_CTX_free)
DEFINE_CLEANUP(X509 *, x509_cleanup, X509_free)
DEFINE_CLEANUP(X509_CRL *, x509_crl_cleanup, X509_CRL_free)

/* The identifier of GM/T 0009 for certificates, CMS and timestamps alike. */
#define SM2_ID   "1234567812345678"
#define SM2_ID_N 16

struct key {
    EVP_PKEY *pkey;
    enum key_kind kind;
    bool pss_only; /* id-RSASSA-PSS: such a key makes no other signatures */
    unsigned char *public_der;
    size_t public_n;
};

const EVP_MD *digest_md(enum digest_alg alg);
/* Sets e with the text of the library's newest error behind the message, and empties the error queue. */
bool ossl_fail(struct err *e, enum err_code code, const char *what);
void ossl_forget(void);                /* empties the error queue */
/* A public key (public.c). False when it is none; public_done in any case. */
struct public_key {
    EVP_PKEY *pkey;
    enum key_kind kind;
    bool pss_only; /* as in struct key */
};
bool public_open(struct sv spki, struct public_key *ret);
void public_done(struct public_key *k);
enum key_kind pkey_kind(EVP_PKEY *pkey);
/* At most 64 bits: nobody uses more, and a large one makes each check cost what signing does. */
bool rsa_exponent_is_usual(EVP_PKEY *pkey);
struct key *key_wrap(EVP_PKEY *pkey);                     /* takes pkey */
struct sv name_text(struct arena *a, struct sv name_der); /* one line, as struct cert has it */
struct sv bio_to_arena(struct arena *a, BIO *b);
/* A signature over a digest as it stands; for SM2 e. */
bool signature_verify_digest(struct sv public_der, enum sig_scheme scheme, int pss_salt, const struct digest *d,
                             struct sv sig);
/* pss_salt: bytes, or -1 for the length of the digest. */
bool signature_verify_salt(struct sv public_der, enum sig_scheme scheme, enum digest_alg alg, int pss_salt,
                           struct sv message, struct sv sig);
/* Z of GB/T 32918.2 for the default identifier. */
bool sm2_z(struct sv public_der, struct digest *ret);

#endif
