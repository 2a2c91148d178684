/* Reading DER; see der_priv.h. */
#include "crypto/der_priv.h"

#include <string.h>

struct der der_open(struct sv s)
{
    return (struct der){.rest = s};
}

bool der_head(struct sv s, struct der_head *ret)
{
    const uint8_t *p = (const uint8_t *)s.p;
    if (s.n < 2 || p[0] == 0 || (p[0] & 0x1f) == 0x1f)
        return false;
    *ret = (struct der_head){.tag = p[0], .size = 2, .body = p[1], .minimal = true};
    if (p[1] & 0x80) {
        size_t k = p[1] & 0x7f;
        if (k > 8 || s.n < 2 + k)
            return false;
        ret->indefinite = k == 0;
        ret->size = 2 + k;
        ret->body = 0;
        for (size_t i = 0; i < k; i++) {
            if (ret->body >> 48)
                return false;
            ret->body = ret->body << 8 | p[2 + i];
        }
        ret->minimal = k == 0 || (ret->body >= 0x80 && p[2] != 0);
    }
    return ret->body <= s.n - ret->size;
}

/* Header of the first element: false when it is not definite or does not fit into s. */
static bool header(struct sv s, uint8_t *tag, size_t *head, size_t *body)
{
    struct der_head h;
    if (!der_head(s, &h) || h.indefinite)
        return false;
    *tag = h.tag;
    *head = h.size;
    *body = h.body;
    return true;
}

size_t der_size(struct sv s)
{
    uint8_t tag;
    size_t head, body;
    return header(s, &tag, &head, &body) ? head + body : 0;
}

bool der_next(struct der *d, struct der_item *ret)
{
    size_t head, body;
    *ret = (struct der_item){0};
    if (d->bad || d->rest.n == 0)
        return false;
    if (!header(d->rest, &ret->tag, &head, &body)) {
        d->bad = true;
        return false;
    }
    ret->body = sv_sub(d->rest, head, body);
    ret->all = sv_sub(d->rest, 0, head + body);
    d->rest = sv_skip(d->rest, head + body);
    return true;
}

bool der_is_next(const struct der *d, uint8_t tag)
{
    return !d->bad && d->rest.n > 0 && (uint8_t)d->rest.p[0] == tag;
}

static bool expect(struct der *d, uint8_t tag, struct der_item *ret)
{
    if (!der_is_next(d, tag) || !der_next(d, ret)) {
        d->bad = true;
        return false;
    }
    return true;
}

struct sv der_take(struct der *d, uint8_t tag)
{
    struct der_item item;
    return expect(d, tag, &item) ? item.body : SV("");
}

struct sv der_take_all(struct der *d, uint8_t tag)
{
    struct der_item item;
    return expect(d, tag, &item) ? item.all : SV("");
}

struct der der_enter(struct der *d, uint8_t tag)
{
    struct der_item item;
    if (!expect(d, tag, &item))
        return (struct der){.bad = true};
    return der_open(item.body);
}

bool der_optional(struct der *d, uint8_t tag, struct sv *ret_body)
{
    if (!der_is_next(d, tag))
        return false;
    struct sv body = der_take(d, tag);
    if (d->bad)
        return false;
    *ret_body = body;
    return true;
}

bool der_done(const struct der *d)
{
    return !d->bad && d->rest.n == 0;
}

bool der_int_small(struct sv body, int64_t *ret)
{
    if (body.n == 0 || body.n > 8)
        return false;
    const uint8_t *p = (const uint8_t *)body.p;
    uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < body.n; i++)
        v = v << 8 | p[i];
    *ret = (int64_t)v;
    return true;
}

/* Two digits at *s, in [min, max]. */
static bool two(struct sv *s, int min, int max, int *ret)
{
    if (s->n < 2 || s->p[0] < '0' || s->p[0] > '9' || s->p[1] < '0' || s->p[1] > '9')
        return false;
    *ret = (s->p[0] - '0') * 10 + (s->p[1] - '0');
    *s = sv_skip(*s, 2);
    return *ret >= min && *ret <= max;
}

/* ".123456" -> ms; moves on. */
static bool fraction(struct sv *s, int *ret_ms)
{
    *ret_ms = 0;
    if (s->n == 0 || s->p[0] != '.')
        return true;
    *s = sv_skip(*s, 1);
    int scale = 100, digits = 0;
    while (s->n && s->p[0] >= '0' && s->p[0] <= '9') {
        *ret_ms += (s->p[0] - '0') * scale;
        scale /= 10;
        digits++;
        *s = sv_skip(*s, 1);
    }
    return digits > 0;
}

/* "Z", or the offset of old BER: "+0800". */
static bool zone(struct sv s, int *ret_minutes)
{
    int h, m;
    *ret_minutes = 0;
    if (sv_eq(s, SV("Z")))
        return true;
    if (s.n != 5 || (s.p[0] != '+' && s.p[0] != '-'))
        return false;
    bool west = s.p[0] == '-';
    s = sv_skip(s, 1);
    if (!two(&s, 0, 14, &h) || !two(&s, 0, 59, &m))
        return false;
    *ret_minutes = (h * 60 + m) * (west ? -1 : 1);
    return true;
}

bool der_time(uint8_t tag, struct sv s, int64_t *ret_ms)
{
    int century = 0, year, month, day, h, m, sec = 0, ms = 0, offset;
    if (tag == DER_GENERAL_TIME && !two(&s, 19, 99, &century))
        return false;
    if (!two(&s, 0, 99, &year) || !two(&s, 1, 12, &month) || !two(&s, 1, 31, &day) || !two(&s, 0, 23, &h) ||
        !two(&s, 0, 59, &m))
        return false;
    bool seconds = s.n && s.p[0] >= '0' && s.p[0] <= '9'; /* X.690 before DER let UTCTime do without */
    if ((seconds || tag != DER_UTC_TIME) && !two(&s, 0, 60, &sec))
        return false;
    if (tag == DER_UTC_TIME)
        century = year >= 50 ? 19 : 20;
    else if (tag != DER_GENERAL_TIME || !fraction(&s, &ms))
        return false;
    if (!zone(s, &offset))
        return false;
    struct date d = {(int16_t)(century * 100 + year), (int8_t)month, (int8_t)day};
    *ret_ms = (((int64_t)date_to_days(d) * 24 + h) * 60 + m - offset) * 60000 + (int64_t)sec * 1000 + ms;
    return date_from_days(date_to_days(d)).day == day;
}

bool der_bits_whole(struct sv body, struct sv *ret)
{
    if (body.n < 1 || body.p[0] != 0)
        return false;
    *ret = sv_skip(body, 1);
    return true;
}

struct sv hex_upper(struct arena *a, struct sv bytes)
{
    static const char digits[] = "0123456789ABCDEF";
    char *p = arena_alloc(a, bytes.n * 2 + 1);
    for (size_t i = 0; i < bytes.n; i++) {
        p[2 * i] = digits[(uint8_t)bytes.p[i] >> 4];
        p[2 * i + 1] = digits[bytes.p[i] & 15];
    }
    return (struct sv){p, bytes.n * 2};
}

struct sv der_serial_hex(struct arena *a, struct sv body)
{
    while (body.n > 1 && body.p[0] == 0)
        body = sv_skip(body, 1);
    return hex_upper(a, body);
}

struct sv der_oid_text(struct arena *a, struct sv body)
{
    if (body.n == 0 || body.n > 64 || ((uint8_t)body.p[body.n - 1] & 0x80))
        return SV("");
    struct buf b;
    buf_init(&b, 1024);
    uint64_t v = 0;
    bool first = true;
    for (size_t i = 0; i < body.n && buf_ok(&b); i++) {
        uint8_t c = (uint8_t)body.p[i];
        if (v > UINT64_MAX >> 7 || (v == 0 && c == 0x80)) {
            buf_done(&b);
            return SV("");
        }
        v = v << 7 | (c & 0x7f);
        if (c & 0x80)
            continue;
        if (first)
            buf_printf(&b, "%d.%llu", v < 80 ? (int)(v / 40) : 2, (unsigned long long)(v < 80 ? v % 40 : v - 80));
        else
            buf_printf(&b, ".%llu", (unsigned long long)v);
        first = false;
        v = 0;
    }
    return buf_to_arena(&b, a);
}

bool der_set_is_sorted(struct sv set_body)
{
    struct der d = der_open(set_body);
    struct der_item item;
    struct sv last = {0};
    while (der_next(&d, &item)) {
        size_t n = last.n < item.all.n ? last.n : item.all.n;
        int order = n ? memcmp(last.p, item.all.p, n) : 0;
        if (order > 0 || (order == 0 && last.n > item.all.n))
            return false;
        last = item.all;
    }
    return !d.bad;
}
