/* AES-256-GCM sealing; see secret.h. */
#include <openssl/evp.h>
#include <string.h>

#include "base/base.h"
#include "crypto/ossl_priv.h"
#include "crypto/secret.h"

enum { VERSION = 1, NONCE = 12, TAG = 16, HEAD = 1 + NONCE };
_Static_assert(HEAD + TAG == SEAL_OVERHEAD, "sealed form");
#define SEAL_MAX ((size_t)1 << 30)

DEFINE_CLEANUP(EVP_CIPHER_CTX *, cipher_ctx_cleanup, EVP_CIPHER_CTX_free)

static EVP_CIPHER_CTX *start(const struct secret *key, const uint8_t *nonce, struct sv aad, int encrypt)
{
    struct sv k = secret_view(key);
    must(k.n == SEAL_KEY_SIZE && aad.n <= SEAL_MAX);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    must(ctx && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, (const unsigned char *)k.p, nonce, encrypt) == 1);
    must(aad.n == 0 || EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)aad.p, (int)aad.n) == 1);
    return ctx;
}

struct sv seal(struct arena *a, const struct secret *key, struct sv aad, struct sv plain)
{
    must(plain.n <= SEAL_MAX);
    unsigned char *out = arena_alloc(a, plain.n + SEAL_OVERHEAD);
    out[0] = VERSION;
    random_bytes(out + 1, NONCE);
    CLEANUP(cipher_ctx_cleanup) EVP_CIPHER_CTX *ctx = start(key, out + 1, aad, 1);
    int n = 0, last = 0;
    must(plain.n == 0 || EVP_CipherUpdate(ctx, out + HEAD, &n, (const unsigned char *)plain.p, (int)plain.n) == 1);
    must(EVP_CipherFinal_ex(ctx, out + HEAD + n, &last) == 1);
    must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, out + HEAD + plain.n) == 1);
    return sv_of(out, plain.n + SEAL_OVERHEAD);
}

/* Into out, which has room for sealed.n - SEAL_OVERHEAD bytes; wiped when the tag is wrong. */
static bool open_into(const struct secret *key, struct sv aad, struct sv sealed, unsigned char *out, struct err *e)
{
    const unsigned char *in = (const unsigned char *)sealed.p;
    size_t plain_n = sealed.n - SEAL_OVERHEAD;
    CLEANUP(cipher_ctx_cleanup) EVP_CIPHER_CTX *ctx = start(key, in + 1, aad, 0);
    unsigned char tag[TAG];
    memcpy(tag, in + HEAD + plain_n, TAG);
    int n = 0, last = 0;
    must(plain_n == 0 || EVP_CipherUpdate(ctx, out, &n, in + HEAD, (int)plain_n) == 1);
    must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1);
    if (EVP_CipherFinal_ex(ctx, out + n, &last) == 1)
        return true;
    bytes_wipe(out, plain_n);
    ossl_forget();
    return err_set(e, ERR_CORRUPT, "sealed bytes do not fit their key or their place");
}

static bool well_formed(const struct secret *key, struct sv sealed, struct err *e)
{
    if (secret_view(key).n != SEAL_KEY_SIZE || sealed.n < SEAL_OVERHEAD || sealed.n > SEAL_MAX ||
        sealed.p[0] != VERSION)
        return err_set(e, ERR_CORRUPT, "not a sealed value (%zu bytes)", sealed.n);
    return true;
}

bool seal_open(struct arena *a, const struct secret *key, struct sv aad, struct sv sealed, struct sv *ret,
               struct err *e)
{
    *ret = SV("");
    if (!well_formed(key, sealed, e))
        return false;
    size_t n = sealed.n - SEAL_OVERHEAD;
    unsigned char *out = arena_alloc(a, n + 1);
    if (!open_into(key, aad, sealed, out, e))
        return false;
    *ret = sv_of(out, n);
    return true;
}

struct sv seal_secret(struct arena *a, const struct secret *key, struct sv aad, const struct secret *plain)
{
    return seal(a, key, aad, secret_view(plain));
}

bool seal_open_secret(const struct secret *key, struct sv aad, struct sv sealed, struct secret **ret, struct err *e)
{
    *ret = NULL;
    if (!well_formed(key, sealed, e))
        return false;
    size_t n = sealed.n - SEAL_OVERHEAD;
    CLEANUP(secret_cleanup) struct secret *s = secret_random(n);
    /* The secret is this function's own until it is handed out, so writing through its view is fine. */
    union {
        const char *in;
        unsigned char *out;
    } p = {.in = secret_view(s).p};
    if (!open_into(key, aad, sealed, p.out, e))
        return false;
    *ret = steal(&s);
    return true;
}
