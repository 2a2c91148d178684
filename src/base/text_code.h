/* Bytes as text and back: hexadecimal (lower case), base64 (RFC 4648 §4), base64url without padding (§5), percent-encoding. */
#ifndef BASE_TEXT_CODE_H
#define BASE_TEXT_CODE_H

#include "base/arena.h"
#include "base/err.h"

struct sv hex_encode(struct arena *a, struct sv bytes);
/* Either case, even length. */
MUST_CHECK bool hex_decode(struct arena *a, struct sv text, struct sv *ret);
/* 0..15, or -1 */
static inline int hex_digit(char c)
{
    unsigned digit = (unsigned char)c - (unsigned)'0', letter = ((unsigned char)c | 0x20u) - (unsigned)'a';
    return digit < 10 ? (int)digit : letter < 6 ? (int)letter + 10 : -1;
}
struct sv base64_encode(struct arena *a, struct sv bytes);
/* Strict: padding required, no blanks, no stray bits. */
MUST_CHECK bool base64_decode(struct arena *a, struct sv text, struct sv *ret);
struct sv base64url_encode(struct arena *a, struct sv bytes);
MUST_CHECK bool base64url_decode(struct arena *a, struct sv text, struct sv *ret);
struct sv percent_encode(struct arena *a, struct sv s); /* all but RFC 3986 unreserved */
/* plus_is_blank: as in form bodies and query strings. Bad escapes fail. */
MUST_CHECK bool percent_decode(struct arena *a, struct sv s, bool plus_is_blank, struct sv *ret);

#endif
