/* Writing DER; see der_priv.h. */
#include "crypto/der_priv.h"

#include <stdlib.h>
#include <string.h>

size_t der_head_put(uint8_t out[6], uint8_t tag, size_t body)
{
    must(body <= 0x7fffffff);
    out[0] = tag;
    if (body < 0x80) {
        out[1] = (uint8_t)body;
        return 2;
    }
    size_t k = body < 0x100 ? 1 : body < 0x10000 ? 2 : body < 0x1000000 ? 3 : 4;
    out[1] = (uint8_t)(0x80 | k);
    for (size_t i = 0; i < k; i++)
        out[2 + i] = (uint8_t)(body >> 8 * (k - 1 - i));
    return 2 + k;
}

struct sv der_join_(struct arena *a, uint8_t tag, const struct sv *parts, size_t n)
{
    size_t body = 0;
    for (size_t i = 0; i < n; i++)
        body += parts[i].n;
    uint8_t head[6];
    size_t k = der_head_put(head, tag, body);
    char *p = arena_alloc(a, k + body), *to = p + k;
    memcpy(p, head, k);
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n)
            memcpy(to, parts[i].p, parts[i].n);
        to += parts[i].n;
    }
    return (struct sv){p, k + body};
}

struct sv der_tlv(struct arena *a, uint8_t tag, struct sv body)
{
    return der_join_(a, tag, &body, 1);
}

static int compare(const void *x, const void *y)
{
    const struct sv *s = x, *t = y;
    return sv_cmp(*s, *t);
}

struct sv der_set_of(struct arena *a, uint8_t tag, struct sv *items, size_t n)
{
    if (n > 1)
        qsort(items, n, sizeof(items[0]), compare);
    return der_join_(a, tag, items, n);
}

static size_t put_arc(uint8_t *out, uint64_t v)
{
    size_t k = 1;
    while (k < 9 && v >> 7 * k)
        k++;
    for (size_t i = 0; i < k; i++)
        out[i] = (uint8_t)((v >> 7 * (k - 1 - i) & 0x7f) | (i + 1 < k ? 0x80 : 0));
    return k;
}

struct sv der_oid_sv(struct arena *a, struct sv dotted)
{
    uint8_t out[64];
    size_t n = 0, arcs = 0;
    uint64_t first = 0, v;
    while (dotted.n) {
        if (!sv_u64(sv_cut(&dotted, '.'), UINT64_MAX >> 2, &v) || n + 10 > sizeof(out) || (arcs == 0 && v > 2))
            return SV("");
        if (arcs == 0)
            first = v;
        else
            n += put_arc(out + n, arcs == 1 ? first * 40 + v : v);
        arcs++;
    }
    return arcs < 2 ? SV("") : der_tlv(a, DER_OID, sv_of(out, n));
}

struct sv der_oid(struct arena *a, const char *dotted)
{
    struct sv oid = der_oid_sv(a, sv_from(dotted));
    must(oid.n > 0);
    return oid;
}

struct sv der_int(struct arena *a, int64_t v)
{
    uint8_t b[8];
    for (size_t i = 0; i < 8; i++)
        b[i] = (uint8_t)((uint64_t)v >> 8 * (7 - i));
    size_t skip = 0;
    while (skip < 7 && ((b[skip] == 0 && !(b[skip + 1] & 0x80)) || (b[skip] == 0xff && (b[skip + 1] & 0x80))))
        skip++;
    return der_tlv(a, DER_INTEGER, sv_of(b + skip, 8 - skip));
}

struct sv der_uint(struct arena *a, struct sv s)
{
    while (s.n > 1 && s.p[0] == 0)
        s = sv_skip(s, 1);
    bool pad = s.n == 0 || ((uint8_t)s.p[0] & 0x80);
    return der_make(a, DER_INTEGER, sv_of("", pad ? 1 : 0), s);
}

struct sv der_bits(struct arena *a, struct sv bytes)
{
    return der_make(a, DER_BITS, sv_of("", 1), bytes);
}

struct sv der_named_bits(struct arena *a, unsigned bits)
{
    uint8_t b[2] = {0, 0};
    for (unsigned i = 0; i < 8; i++)
        if (bits & 1u << i) {
            b[1] |= (uint8_t)(0x80 >> i);
            b[0] = (uint8_t)(7 - i);
        }
    return der_tlv(a, DER_BITS, sv_of(b, bits ? 2 : 1));
}

struct sv der_null(void)
{
    return sv_of("\x05\x00", 2);
}

struct sv der_true(void)
{
    return sv_of("\x01\x01\xff", 3);
}

/* YYYYMMDDHHMMSS */
static struct sv digits(struct arena *a, int64_t ms)
{
    int64_t s = ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
    int64_t days = s >= 0 ? s / 86400 : -((-s + 86399) / 86400);
    struct date d = date_from_days((int32_t)days);
    int left = (int)(s - days * 86400);
    return arena_printf(a, "%04d%02d%02d%02d%02d%02d", d.year, d.month, d.day, left / 3600, left / 60 % 60, left % 60);
}

struct sv der_time_general(struct arena *a, int64_t ms, bool with_ms)
{
    struct sv s = digits(a, ms);
    int frac = (int)(ms % 1000);
    if (!with_ms || frac <= 0)
        return der_make(a, DER_GENERAL_TIME, s, SV("Z"));
    /* No trailing zeros in the fraction (RFC 3161 2.4.2). */
    struct sv f = arena_printf(a, ".%03d", frac);
    while (f.p[f.n - 1] == '0')
        f.n--;
    return der_make(a, DER_GENERAL_TIME, s, f, SV("Z"));
}

struct sv der_time_x509(struct arena *a, int64_t ms)
{
    struct sv s = digits(a, ms);
    if (sv_cmp(sv_sub(s, 0, 4), SV("1950")) < 0 || sv_cmp(sv_sub(s, 0, 4), SV("2050")) >= 0)
        return der_make(a, DER_GENERAL_TIME, s, SV("Z"));
    return der_make(a, DER_UTC_TIME, sv_skip(s, 2), SV("Z"));
}
