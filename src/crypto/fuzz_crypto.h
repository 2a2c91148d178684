/* One entry a parser of hostile bytes, in the form that libFuzzer calls; see fuzz_crypto.c. Each reads its input to the
 * end and must come back. Corpora: tests/fuzz/<name>. */
#ifndef CRYPTO_FUZZ_CRYPTO_H
#define CRYPTO_FUZZ_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

int crypto_fuzz_cms(const uint8_t *p, size_t n);   /* SignedData, under every profile */
int crypto_fuzz_token(const uint8_t *p, size_t n); /* timestamps: tokens, requests, answers */
int crypto_fuzz_cert(const uint8_t *p,
                     size_t n); /* certificates and requests; several, as PEM or one after the other */
int crypto_fuzz_revocation(const uint8_t *p, size_t n); /* CRLs and OCSP */
int crypto_fuzz_ses(const uint8_t *p, size_t n);        /* electronic seals */
int crypto_fuzz_ber(const uint8_t *p, size_t n);        /* BER into DER */

#endif
