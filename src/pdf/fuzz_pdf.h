/* Entries for fuzzers and for replaying what they found: each reads hostile bytes to the end and must come back. */
#ifndef PDF_FUZZ_PDF_H
#define PDF_FUZZ_PDF_H

#include <stddef.h>
#include <stdint.h>

int pdf_fuzz_verify(const uint8_t *p, size_t n); /* the parser, the verifier and its reports */
int pdf_fuzz_sign(const uint8_t *p, size_t n);   /* the signer; what it writes must be readable */
int pdf_fuzz_image(const uint8_t *p, size_t n);

#endif
