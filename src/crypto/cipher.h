/* The primitives that encrypted PDF files are made of (ISO 32000-2 7.6.3): MD5, RC4 and AES in CBC mode. For reading
 * and continuing such files only: MD5 and RC4 protect nothing any more, and what this program keeps secret itself is
 * sealed with crypto/secret.h. Keys are 16 (AES-128) or 32 bytes (AES-256), for RC4 5 to 16; other lengths abort.
 *
 * RC4 is written here in a few lines rather than taken from OpenSSL's legacy provider: that is a module apart, which an
 * installation need not have, and loading it into a context of its own costs more than opening a whole document. */
#ifndef CRYPTO_CIPHER_H
#define CRYPTO_CIPHER_H

#include "base/arena.h"

#define MD5_SIZE       16
#define AES_BLOCK_SIZE 16

void md5_of(struct sv bytes, uint8_t ret[MD5_SIZE]);

/* in.n bytes to out, which may be in itself; encrypting and decrypting are the same. */
void rc4_apply(struct sv key, struct sv in, void *out);

/* Whole blocks, no padding: in.n must be a multiple of AES_BLOCK_SIZE; out has as many bytes and may be in itself. */
void aes_cbc_encrypt(struct sv key, const uint8_t iv[AES_BLOCK_SIZE], struct sv in, void *out);
void aes_cbc_decrypt(struct sv key, const uint8_t iv[AES_BLOCK_SIZE], struct sv in, void *out);

/* A random initialisation vector, then the blocks, padded (PKCS#5). */
struct sv aes_cbc_seal(struct arena *a, struct sv key, struct sv plain);
/* The reverse; false when the length is wrong, the padding is, or the arena is full. */
MUST_CHECK bool aes_cbc_open(struct arena *a, struct sv key, struct sv sealed, struct sv *ret);

#endif
