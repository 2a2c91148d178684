/* String views: a pointer and a length, owning nothing and needing no NUL.
 *
 * Every text and byte string that passes between rooms is an sv. Text is valid UTF-8 by construction: it is validated once at
 * the door (JSON and form decoders) with sv_is_utf8. Print with "%.*s", SV_ARG(s). */
#ifndef BASE_SV_H
#define BASE_SV_H

#include "base/attr.h"

struct sv {
    const char *p;
    size_t n;
};

#define SV(lit) ((struct sv){"" lit, sizeof(lit) - 1})
/* For static initialisers, where a compound literal is not allowed. */
#define SV_INIT(lit) {"" lit, sizeof(lit) - 1}
#define SV_ARG(s) (int)(s).n, (s).p

struct sv sv_from(const char *cstr); /* NULL gives the empty view */
struct sv sv_of(const void *p, size_t n);
bool sv_eq(struct sv a, struct sv b);
bool sv_eq_ci(struct sv a, struct sv b); /* ASCII letters without case */
int sv_cmp(struct sv a, struct sv b);    /* bytewise, shorter first: <0, 0, >0 */
bool sv_starts(struct sv s, struct sv prefix);
bool sv_ends(struct sv s, struct sv suffix);
/* Index of the first occurrence, or SIZE_MAX. */
size_t sv_find(struct sv s, struct sv needle);
size_t sv_find_char(struct sv s, char c);
/* Clamped: from > n gives the empty view. */
struct sv sv_sub(struct sv s, size_t from, size_t n);
struct sv sv_skip(struct sv s, size_t n);
struct sv sv_trim(struct sv s); /* ASCII blanks at both ends */
/* Cuts at the first sep: returns what stands before it and moves *rest behind it. Without sep returns all and *rest is empty. */
struct sv sv_cut(struct sv *rest, char sep);
/* Decimal digits only, no sign, no blanks, value <= max. */
MUST_CHECK bool sv_u64(struct sv s, uint64_t max, uint64_t *ret);
MUST_CHECK bool sv_i64(struct sv s, int64_t min, int64_t max, int64_t *ret);
/* Valid UTF-8 (no surrogates, no overlong forms) without U+0000. */
bool sv_is_utf8(struct sv s);
/* Number of code points of valid UTF-8. */
size_t sv_chars(struct sv s);
/* Decodes one code point of valid UTF-8 at *s and moves on; s must not be empty. */
uint32_t sv_next_char(struct sv *s);
uint64_t sv_hash(struct sv s); /* FNV-1a, for tables in memory only */

#endif
