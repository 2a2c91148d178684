/* MD5, RC4 and AES-CBC for encrypted PDF files; see cipher.h. */
#include "crypto/cipher.h"

#include <openssl/evp.h>
#include <string.h>

#include "crypto/ossl_priv.h"

#define AES_STEP ((size_t)1 << 24) /* the library counts in int */

DEFINE_CLEANUP(EVP_CIPHER_CTX *, cipher_ctx_cleanup, EVP_CIPHER_CTX_free)

void md5_of(struct sv bytes, uint8_t ret[MD5_SIZE])
{
    must(EVP_Digest(bytes.n ? bytes.p : "", bytes.n, ret, NULL, EVP_md5(), NULL) == 1);
}

void rc4_apply(struct sv key, struct sv in, void *out)
{
    must(key.n >= 5 && key.n <= 16);
    uint8_t s[256], *to = out;
    for (unsigned i = 0; i < 256; i++)
        s[i] = (uint8_t)i;
    for (unsigned i = 0, j = 0; i < 256; i++) {
        uint8_t was = s[i];
        j = (j + was + (uint8_t)key.p[i % key.n]) & 255;
        s[i] = s[j];
        s[j] = was;
    }
    unsigned i = 0, j = 0;
    for (size_t k = 0; k < in.n; k++) {
        i = (i + 1) & 255;
        uint8_t was = s[i];
        j = (j + was) & 255;
        s[i] = s[j];
        s[j] = was;
        to[k] = (uint8_t)in.p[k] ^ s[(s[i] + was) & 255];
    }
    bytes_wipe(s, sizeof(s));
}

static void aes_cbc(struct sv key, const uint8_t iv[AES_BLOCK_SIZE], struct sv in, void *out, int encrypt)
{
    must(key.n == 16 || key.n == 32);
    must(in.n % AES_BLOCK_SIZE == 0);
    CLEANUP(cipher_ctx_cleanup) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *cipher = key.n == 16 ? EVP_aes_128_cbc() : EVP_aes_256_cbc();
    must(ctx && EVP_CipherInit_ex(ctx, cipher, NULL, (const unsigned char *)key.p, iv, encrypt) == 1);
    must(EVP_CIPHER_CTX_set_padding(ctx, 0) == 1);
    unsigned char *to = out;
    while (in.n) {
        size_t n = in.n < AES_STEP ? in.n : AES_STEP;
        int done = 0;
        must(EVP_CipherUpdate(ctx, to, &done, (const unsigned char *)in.p, (int)n) == 1 && (size_t)done == n);
        to += n;
        in = sv_skip(in, n);
    }
}

void aes_cbc_encrypt(struct sv key, const uint8_t iv[AES_BLOCK_SIZE], struct sv in, void *out)
{
    aes_cbc(key, iv, in, out, 1);
}

void aes_cbc_decrypt(struct sv key, const uint8_t iv[AES_BLOCK_SIZE], struct sv in, void *out)
{
    aes_cbc(key, iv, in, out, 0);
}

struct sv aes_cbc_seal(struct arena *a, struct sv key, struct sv plain)
{
    size_t pad = AES_BLOCK_SIZE - plain.n % AES_BLOCK_SIZE, n = plain.n + pad;
    uint8_t *out = arena_alloc(a, AES_BLOCK_SIZE + n);
    random_bytes(out, AES_BLOCK_SIZE);
    if (plain.n)
        memcpy(out + AES_BLOCK_SIZE, plain.p, plain.n);
    memset(out + AES_BLOCK_SIZE + plain.n, (int)pad, pad);
    aes_cbc_encrypt(key, out, sv_of(out + AES_BLOCK_SIZE, n), out + AES_BLOCK_SIZE);
    return sv_of(out, AES_BLOCK_SIZE + n);
}

bool aes_cbc_open(struct arena *a, struct sv key, struct sv sealed, struct sv *ret)
{
    if (sealed.n < (size_t)2 * AES_BLOCK_SIZE || sealed.n % AES_BLOCK_SIZE)
        return false;
    uint8_t iv[AES_BLOCK_SIZE];
    memcpy(iv, sealed.p, sizeof(iv));
    struct sv blocks = sv_skip(sealed, AES_BLOCK_SIZE);
    uint8_t *out = arena_try(a, blocks.n);
    if (!out)
        return false;
    aes_cbc_decrypt(key, iv, blocks, out);
    uint8_t pad = out[blocks.n - 1];
    if (pad < 1 || pad > AES_BLOCK_SIZE)
        return false;
    for (size_t i = 1; i <= pad; i++) {
        if (out[blocks.n - i] != pad)
            return false;
    }
    *ret = sv_of(out, blocks.n - pad);
    return true;
}
