/* Growing buffers with a maximum; see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_done(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.max = b->max};
}

bool buf_ok(const struct buf *b)
{
    return !b->failed;
}

struct sv buf_sv(const struct buf *b)
{
    return (struct sv){b->p, b->n};
}

struct sv buf_to_arena(struct buf *b, struct arena *a)
{
    struct sv s = arena_sv(a, buf_sv(b));
    buf_done(b);
    return s;
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

/* Room for n more bytes and a NUL; false once the maximum is passed. */
static bool reserve(struct buf *b, size_t n)
{
    if (b->failed || n > b->max || b->n > b->max - n) {
        b->failed = true;
        return false;
    }
    size_t need = b->n + n + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 256;
    while (cap < need)
        cap *= 2;
    char *p = realloc(b->p, cap);
    must(p != NULL);
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_reserve(struct buf *b, size_t n)
{
    (void)reserve(b, n);
}

void buf_add_bytes(struct buf *b, const void *p, size_t n)
{
    if (!reserve(b, n))
        return;
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = 0;
}

void buf_add(struct buf *b, struct sv s)
{
    buf_add_bytes(b, s.p, s.n);
}

void buf_add_repeat(struct buf *b, char c, size_t n)
{
    if (!reserve(b, n))
        return;
    memset(b->p + b->n, c, n);
    b->n += n;
    b->p[b->n] = 0;
}

void buf_add_hex(struct buf *b, struct sv bytes)
{
    static const char digits[] = "0123456789ABCDEF";
    if (bytes.n > SIZE_MAX / 2 || !reserve(b, 2 * bytes.n))
        return;
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        b->p[b->n++] = digits[c >> 4];
        b->p[b->n++] = digits[c & 15];
    }
    b->p[b->n] = 0;
}

void buf_add_u64(struct buf *b, uint64_t v, size_t width)
{
    char text[40];
    size_t at = sizeof(text);
    must(width <= sizeof(text));
    do {
        text[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    while (sizeof(text) - at < width)
        text[--at] = '0';
    buf_add_bytes(b, text + at, sizeof(text) - at);
}

void buf_add_char(struct buf *b, char c)
{
    if (!b->failed && b->n < b->max && b->n + 2 <= b->cap) {
        b->p[b->n++] = c;
        b->p[b->n] = 0;
        return;
    }
    buf_add_bytes(b, &c, 1);
}

void buf_add_utf8(struct buf *b, uint32_t c)
{
    if (c < 0x80) {
        buf_add_char(b, (char)c);
    } else if (c < 0x800) {
        buf_add_bytes(b, (const char[]){(char)(0xC0 | c >> 6), (char)(0x80 | (c & 0x3F))}, 2);
    } else if (c < 0x10000) {
        buf_add_bytes(b,
                      (const char[]){(char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3F)), (char)(0x80 | (c & 0x3F))},
                      3);
    } else {
        buf_add_bytes(b,
                      (const char[]){(char)(0xF0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3F)),
                                     (char)(0x80 | (c >> 6 & 0x3F)), (char)(0x80 | (c & 0x3F))},
                      4);
    }
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    must(n >= 0);
    if (reserve(b, (size_t)n)) {
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}
