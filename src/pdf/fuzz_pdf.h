/* Entries for fuzzers and for replaying what they found: each reads hostile bytes to the end and must come back.
 * Corpora: tests/fuzz/<name>. */
#ifndef PDF_FUZZ_PDF_H
#define PDF_FUZZ_PDF_H

#include <stddef.h>
#include <stdint.h>

int pdf_fuzz_object(const uint8_t *p, size_t n); /* the object parser; what is written again reads the same */
int pdf_fuzz_xref(const uint8_t *p, size_t n);   /* a cross-reference section with objects in front of it */
int pdf_fuzz_verify(const uint8_t *p, size_t n); /* the parser, the verifier and its reports */
int pdf_fuzz_sign(const uint8_t *p, size_t n);   /* the signer; what it writes must be readable */
int pdf_fuzz_image(const uint8_t *p, size_t n);
/* fuzz_signed.c. The verifier behind a signature that holds, so that it looks at all the rest: */
int pdf_fuzz_update(const uint8_t *p,
                    size_t n); /* objects of updates behind a signed file; the sections are made here */
int pdf_fuzz_repair(const uint8_t *p, size_t n); /* a file whose first signature is made anew over what it has become */

#endif
