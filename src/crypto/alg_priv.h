/* AlgorithmIdentifiers of digests and signatures (RFC 5754, RFC 4055, RFC 5758, GM/T 0006), read strictly and written.
 */
#ifndef CRYPTO_ALG_PRIV_H
#define CRYPTO_ALG_PRIV_H

#include "crypto/der_priv.h"
#include "crypto/digest.h"
#include "crypto/key.h"

enum alg_status { ALG_OK, ALG_UNSUPPORTED, ALG_BROKEN };
struct sigalg {
    enum sig_scheme scheme;
    enum digest_alg digest;
    int pss_salt;
};

/* all: the AlgorithmIdentifier with its header. *ret_code names what is wrong ("digest_is_signature_oid", …). */
enum alg_status digest_alg_read(struct arena *a, struct sv all, enum digest_alg *ret, const char **ret_code);
/* implied: the digest when the identifier names none (rsaEncryption, SM2 …301.1); when it names one, both must agree
 * unless implied is DIGEST_NONE. */
enum alg_status sigalg_read(struct arena *a, struct sv all, enum digest_alg implied, struct sigalg *ret,
                            const char **ret_code);

struct sv digest_alg_der(struct arena *a, enum digest_alg alg, bool null_parameters);
/* gm: SM2 as …301.1, the form of GB/T 35275. */
struct sv sigalg_der(struct arena *a, enum sig_scheme scheme, enum digest_alg digest, bool gm);
/* "ecdsa-sha256", "sm2-sm3" */
struct sv sigalg_text(struct arena *a, enum sig_scheme scheme, enum digest_alg digest);

#endif
