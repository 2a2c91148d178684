/* One entry a parser of hostile bytes, in the form that libFuzzer calls; see fuzz_crypto.c. */
#ifndef CRYPTO_FUZZ_CRYPTO_H
#define CRYPTO_FUZZ_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

int crypto_fuzz_cms(const uint8_t *p, size_t n);
int crypto_fuzz_token(const uint8_t *p, size_t n);
int crypto_fuzz_x509(const uint8_t *p, size_t n);

#endif
