/* String views; see sv.h. Nothing here allocates. */
#include "base/sv.h"

#include <string.h>

struct sv sv_from(const char *cstr)
{
    return cstr ? (struct sv){cstr, strlen(cstr)} : (struct sv){0};
}

struct sv sv_of(const void *p, size_t n)
{
    return (struct sv){p, n};
}

bool sv_eq(struct sv a, struct sv b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool sv_eq_ci(struct sv a, struct sv b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    }
    return true;
}

int sv_cmp(struct sv a, struct sv b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order)
        return order;
    return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

bool sv_starts(struct sv s, struct sv prefix)
{
    return s.n >= prefix.n && sv_eq(sv_sub(s, 0, prefix.n), prefix);
}

bool sv_ends(struct sv s, struct sv suffix)
{
    return s.n >= suffix.n && sv_eq(sv_skip(s, s.n - suffix.n), suffix);
}

size_t sv_find(struct sv s, struct sv needle)
{
    if (needle.n == 0)
        return 0;
    const char *hit = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t sv_find_char(struct sv s, char c)
{
    const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

struct sv sv_sub(struct sv s, size_t from, size_t n)
{
    if (from >= s.n)
        return (struct sv){s.p ? s.p + s.n : NULL, 0};
    return (struct sv){s.p + from, n < s.n - from ? n : s.n - from};
}

struct sv sv_skip(struct sv s, size_t n)
{
    return sv_sub(s, n, SIZE_MAX);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct sv sv_trim(struct sv s)
{
    while (s.n && is_blank(s.p[0]))
        s = sv_skip(s, 1);
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct sv sv_cut(struct sv *rest, char sep)
{
    struct sv s = *rest;
    size_t at = sv_find_char(s, sep);
    if (at == SIZE_MAX) {
        *rest = sv_skip(s, s.n);
        return s;
    }
    *rest = sv_skip(s, at + 1);
    return sv_sub(s, 0, at);
}

bool sv_u64(struct sv s, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (value > max)
        return false;
    *ret = value;
    return true;
}

bool sv_i64(struct sv s, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = s.n && s.p[0] == '-';
    uint64_t magnitude;
    if (!sv_u64(negative ? sv_skip(s, 1) : s, negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX, &magnitude))
        return false;
    int64_t value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    if (value < min || value > max)
        return false;
    *ret = value;
    return true;
}

/* Length of the sequence that starts with this byte, 0 if none does. */
static size_t utf8_length(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c >= 0xC2 && c <= 0xDF)
        return 2;
    if (c >= 0xE0 && c <= 0xEF)
        return 3;
    return c >= 0xF0 && c <= 0xF4 ? 4 : 0;
}

uint32_t sv_next_char(struct sv *s)
{
    static const unsigned char lead_mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    unsigned char lead = (unsigned char)s->p[0];
    size_t n = utf8_length(lead);
    must(n > 0 && n <= s->n);
    uint32_t c = lead & lead_mask[n];
    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)s->p[i] & 0x3F);
    *s = sv_skip(*s, n);
    return c;
}

bool sv_is_utf8(struct sv s)
{
    static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
    while (s.n) {
        size_t n = utf8_length((unsigned char)s.p[0]);
        if (n == 0 || n > s.n)
            return false;
        for (size_t i = 1; i < n; i++) {
            if (((unsigned char)s.p[i] & 0xC0) != 0x80)
                return false;
        }
        uint32_t c = sv_next_char(&s);
        if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
            return false;
    }
    return true;
}

size_t sv_chars(struct sv s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

uint64_t sv_hash(struct sv s)
{
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return h;
}
