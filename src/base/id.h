/* Random bytes and identifiers. An id is 26 characters of Crockford's base32: 48 bits of time, then 80 random bits (the ULID
 * layout), so ids of one table sort by creation and cannot be guessed. Tokens are secrets for links and sessions. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/arena.h"

#define ID_LEN 26

/* From the kernel (getrandom); never fails. */
void random_bytes(void *p, size_t n);
uint64_t random_below(uint64_t bound); /* uniform in 0..bound-1; bound > 0 */
struct sv id_new(struct arena *a, int64_t now_ms);
bool id_is_valid(struct sv s);
struct sv token_new(struct arena *a); /* 256 random bits, base64url, 43 characters */
struct sv random_digits(struct arena *a, size_t n);

#endif
