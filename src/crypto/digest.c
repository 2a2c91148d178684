/* Digests and MACs; see digest.h. */
#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/text_code.h"
#include "crypto/ossl_priv.h"

struct digest_stream {
    EVP_MD_CTX *ctx;
    enum digest_alg alg;
};

static const struct {
    const char *name, *oid;
    size_t size;
    const EVP_MD *(*md)(void);
} algs[] = {
        [DIGEST_NONE] = {"none",      "",                        0,  NULL         },
        [DIGEST_SHA1] = {"sha1",      "1.3.14.3.2.26",           20, EVP_sha1     },
        [DIGEST_SHA256] = {"sha256",    "2.16.840.1.101.3.4.2.1",  32, EVP_sha256   },
        [DIGEST_SHA384] = {"sha384",    "2.16.840.1.101.3.4.2.2",  48, EVP_sha384   },
        [DIGEST_SHA512] = {"sha512",    "2.16.840.1.101.3.4.2.3",  64, EVP_sha512   },
        [DIGEST_SM3] = {"sm3",       "1.2.156.10197.1.401",     32, EVP_sm3      },
        [DIGEST_MD5] = {"md5",       "1.2.840.113549.2.5",      16, EVP_md5      },
        [DIGEST_SHA224] = {"sha224",    "2.16.840.1.101.3.4.2.4",  28, EVP_sha224   },
        [DIGEST_RIPEMD160] = {"ripemd160", "1.3.36.3.2.1",            20, EVP_ripemd160},
        [DIGEST_SHA3_256] = {"sha3-256",  "2.16.840.1.101.3.4.2.8",  32, EVP_sha3_256 },
        [DIGEST_SHA3_384] = {"sha3-384",  "2.16.840.1.101.3.4.2.9",  48, EVP_sha3_384 },
        [DIGEST_SHA3_512] = {"sha3-512",  "2.16.840.1.101.3.4.2.10", 64, EVP_sha3_512 },
};
_Static_assert(COUNT(algs) == DIGEST__N, "one row an algorithm");

const EVP_MD *digest_md(enum digest_alg alg)
{
    must(alg > DIGEST_NONE && alg < DIGEST__N);
    return algs[alg].md();
}

size_t digest_size(enum digest_alg alg)
{
    return algs[alg].size;
}

const char *digest_name(enum digest_alg alg)
{
    return algs[alg].name;
}

const char *digest_oid(enum digest_alg alg)
{
    return algs[alg].oid;
}

bool digest_by_name(struct sv name, enum digest_alg *ret)
{
    for (size_t i = 1; i <= DIGEST_SM3; i++)
        if (sv_eq_ci(name, sv_from(algs[i].name))) {
            *ret = (enum digest_alg)i;
            return true;
        }
    return false;
}

bool digest_by_oid(struct sv dotted, enum digest_alg *ret)
{
    for (size_t i = 1; i < COUNT(algs); i++)
        if (sv_eq(dotted, sv_from(algs[i].oid))) {
            *ret = (enum digest_alg)i;
            return true;
        }
    return false;
}

bool digest_may_sign(enum digest_alg alg)
{
    return alg == DIGEST_SHA256 || alg == DIGEST_SHA384 || alg == DIGEST_SHA512 || alg == DIGEST_SM3;
}

bool digest_is_weak(enum digest_alg alg)
{
    return alg == DIGEST_SHA1 || alg == DIGEST_MD5;
}

struct digest digest_of(enum digest_alg alg, struct sv bytes)
{
    struct digest d = {.alg = alg, .n = digest_size(alg)};
    must(EVP_Digest(bytes.n ? bytes.p : "", bytes.n, d.bytes, NULL, digest_md(alg), NULL) == 1);
    return d;
}

bool digest_from(enum digest_alg alg, struct sv bytes, struct digest *ret)
{
    *ret = (struct digest){.alg = alg, .n = bytes.n};
    if (alg == DIGEST_NONE || bytes.n != digest_size(alg))
        return false;
    memcpy(ret->bytes, bytes.p, bytes.n);
    return true;
}

struct sv digest_sv(const struct digest *d)
{
    return sv_of(d->bytes, d->n);
}

struct sv digest_hex(struct arena *a, const struct digest *d)
{
    return hex_encode(a, digest_sv(d));
}

bool digest_eq(const struct digest *x, const struct digest *y)
{
    return x->alg == y->alg && x->alg != DIGEST_NONE && bytes_equal(digest_sv(x), digest_sv(y));
}

struct digest_stream *digest_stream_new(enum digest_alg alg)
{
    struct digest_stream *s = OPENSSL_zalloc(sizeof(*s));
    must(s != NULL);
    s->alg = alg;
    s->ctx = EVP_MD_CTX_new();
    must(s->ctx && EVP_DigestInit_ex(s->ctx, digest_md(alg), NULL) == 1);
    return s;
}

void digest_stream_add(struct digest_stream *s, struct sv bytes)
{
    must(EVP_DigestUpdate(s->ctx, bytes.p, bytes.n) == 1);
}

struct digest digest_stream_finish(struct digest_stream *s)
{
    struct digest d = {.alg = s->alg, .n = digest_size(s->alg)};
    must(EVP_DigestFinal_ex(s->ctx, d.bytes, NULL) == 1);
    return d;
}

void digest_stream_free(struct digest_stream *s)
{
    if (!s)
        return;
    EVP_MD_CTX_free(s->ctx);
    OPENSSL_free(s);
}

struct digest hmac_of(enum digest_alg alg, struct sv key, struct sv bytes)
{
    struct digest d = {.alg = alg, .n = digest_size(alg)};
    must(key.n <= 1 << 20);
    must(HMAC(digest_md(alg), key.n ? key.p : "", (int)key.n, (const unsigned char *)(bytes.n ? bytes.p : ""), bytes.n,
              d.bytes, NULL) != NULL);
    return d;
}

bool bytes_equal(struct sv x, struct sv y)
{
    return x.n == y.n && (x.n == 0 || CRYPTO_memcmp(x.p, y.p, x.n) == 0);
}

void bytes_wipe(void *p, size_t n)
{
    OPENSSL_cleanse(p, n);
}
