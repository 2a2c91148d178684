/* Digests, MACs and constant-time comparison. SHA-1, MD5 and what stands behind SM3 are for reading what others signed
 * (and SHA-1 for the VRI keys of PDF): digest_may_sign.
 *
 * These functions cannot fail: the algorithms are built into the library, and a library without them aborts. */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "base/arena.h"

enum digest_alg {
    DIGEST_NONE,
    DIGEST_SHA1,
    DIGEST_SHA256,
    DIGEST_SHA384,
    DIGEST_SHA512,
    DIGEST_SM3,
    DIGEST_MD5,
    DIGEST_SHA224,
    DIGEST_RIPEMD160,
    DIGEST_SHA3_256,
    DIGEST_SHA3_384,
    DIGEST_SHA3_512,
    DIGEST__N
};

#define DIGEST_MAX 64
struct digest {
    enum digest_alg alg;
    size_t n;
    uint8_t bytes[DIGEST_MAX];
};

size_t digest_size(enum digest_alg alg);      /* bytes; 0 for DIGEST_NONE */
const char *digest_name(enum digest_alg alg); /* "sha1", "sha256", "sha384", "sha512", "sm3", "md5" …; "none" */
const char *digest_oid(enum digest_alg alg);  /* dotted; "" for DIGEST_NONE */
bool digest_by_name(struct sv name, enum digest_alg *ret); /* SHA-1, SHA-256, SHA-384, SHA-512 and SM3 */
bool digest_by_oid(struct sv dotted, enum digest_alg *ret);

bool digest_may_sign(enum digest_alg alg); /* SHA-256, SHA-384, SHA-512, SM3 */
bool digest_is_weak(enum digest_alg alg);  /* SHA-1, MD5 */

struct digest digest_of(enum digest_alg alg, struct sv bytes);
/* A digest that came from elsewhere; false when the length does not fit the algorithm. */
bool digest_from(enum digest_alg alg, struct sv bytes, struct digest *ret);
struct sv digest_sv(const struct digest *d); /* the raw bytes, borrowed */
struct sv digest_hex(struct arena *a, const struct digest *d);
bool digest_eq(const struct digest *x, const struct digest *y); /* algorithm and bytes, constant time */

/* Streaming. finish may be called once; free at any moment. */
struct digest_stream;
struct digest_stream *digest_stream_new(enum digest_alg alg);
void digest_stream_add(struct digest_stream *s, struct sv bytes);
struct digest digest_stream_finish(struct digest_stream *s);
void digest_stream_free(struct digest_stream *s);
DEFINE_CLEANUP(struct digest_stream *, digest_stream_cleanup, digest_stream_free)

/* HMAC (RFC 2104; GB/T 15852.2 for SM3). */
struct digest hmac_of(enum digest_alg alg, struct sv key, struct sv bytes);
/* Takes the same time wherever the first difference is; lengths are not secret. */
bool bytes_equal(struct sv x, struct sv y);
void bytes_wipe(void *p, size_t n);

#endif
