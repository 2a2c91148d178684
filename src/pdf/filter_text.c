/* The filters that are neither Flate nor pictures: hexadecimal and base-85 text, run lengths, LZW (ISO 32000-2 7.4.2 to
 * 7.4.5). What they give is bounded by what they are given, and for run lengths and LZW by the caller's limit. */
#include <string.h>

#include "pdf/doc_priv.h"

/* ---- ASCIIHexDecode ---- */

static bool hex_text(struct arena *a, struct sv in, size_t limit, int64_t early UNUSED, struct sv *ret)
{
    char *out = in.n / 2 <= limit ? arena_try(a, in.n / 2 + 2) : NULL;
    size_t n = 0;
    int half = -1;
    for (size_t i = 0; out && i < in.n && in.p[i] != '>'; i++) {
        int digit = hex_digit(in.p[i]);
        if (digit < 0 && !pdf_is_blank(in.p[i]))
            return false;
        if (digit >= 0 && half >= 0)
            out[n++] = (char)(half << 4 | digit);
        if (digit >= 0)
            half = half >= 0 ? -1 : digit;
    }
    if (out && half >= 0)
        out[n++] = (char)(half << 4);
    *ret = sv_of(out, n);
    return out != NULL;
}

/* ---- ASCII85Decode ---- */

struct group {
    uint64_t value;
    size_t n;
};

/* n digits stand for n - 1 bytes; what is missing counts as the highest digit. */
static bool group_out(struct group *g, char *out, size_t *n)
{
    for (size_t i = g->n; i < 5; i++)
        g->value = g->value * 85 + 84;
    if (g->n == 1 || g->value > UINT32_MAX)
        return false;
    for (size_t i = 0; i + 1 < g->n; i++)
        out[(*n)++] = (char)(g->value >> (24 - 8 * i) & 0xFF);
    *g = (struct group){0};
    return true;
}

static bool base85(struct arena *a, struct sv in, size_t limit, int64_t early UNUSED, struct sv *ret)
{
    char *out = in.n * 4 + 8 <= limit ? arena_try(a, in.n * 4 + 8) : NULL;
    struct group g = {0};
    size_t n = 0;
    for (size_t i = 0; out && i < in.n && in.p[i] != '~'; i++) {
        char c = in.p[i];
        if (c == 'z' && g.n == 0) {
            memset(out + n, 0, 4);
            n += 4;
        } else if (c >= '!' && c <= 'u') {
            g.value = g.value * 85 + (uint64_t)(c - '!');
            if (++g.n == 5 && !group_out(&g, out, &n))
                return false;
        } else if (!pdf_is_blank(c)) {
            return false;
        }
    }
    *ret = sv_of(out, n);
    if (!out || (g.n && !group_out(&g, out, &n)))
        return false;
    ret->n = n;
    return true;
}

/* ---- RunLengthDecode ---- */

/* Length of the plain text, and the text where out is given. False: no end mark, or past the limit. */
static bool runs(struct sv in, size_t limit, char *out, size_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < in.n;) {
        unsigned char c = (unsigned char)in.p[i++];
        size_t n = c < 128 ? (size_t)c + 1 : 257 - (size_t)c, source = c < 128 ? n : 1;
        if (c == 128)
            return true;
        if (source > in.n - i || n > limit - *ret)
            return false;
        if (out && c < 128)
            memcpy(out + *ret, in.p + i, n);
        else if (out)
            memset(out + *ret, in.p[i], n);
        *ret += n;
        i += source;
    }
    return true;
}

static bool run_lengths(struct arena *a, struct sv in, size_t limit, int64_t early UNUSED, struct sv *ret)
{
    size_t n;
    if (!runs(in, limit, NULL, &n))
        return false;
    char *out = arena_try(a, n + 1);
    *ret = sv_of(out, n);
    return out && runs(in, limit, out, &n);
}

/* ---- LZWDecode ---- */

#define LZW_CODES 4096
#define LZW_MOST  ((size_t)16 << 20) /* nobody compresses more in this way any more */
#define LZW_CLEAR 256
#define LZW_END   257

struct lzw {
    struct sv in;
    size_t at;      /* in bits */
    int64_t early;  /* EarlyChange: codes grow one code early */
    unsigned count; /* codes known */
    unsigned width;
    /* Each code's text was written to the output when it was made: where, and how long. */
    size_t where[LZW_CODES];
    size_t length[LZW_CODES];
};

static bool next_code(struct lzw *z, unsigned *ret)
{
    *ret = 0;
    for (unsigned i = 0; i < z->width; i++, z->at++) {
        if (z->at / 8 >= z->in.n)
            return false;
        *ret = *ret << 1 | ((unsigned char)z->in.p[z->at / 8] >> (7 - z->at % 8) & 1);
    }
    return true;
}

static void lzw_clear(struct lzw *z)
{
    z->count = LZW_END + 1;
    z->width = 9;
}

static bool lzw_text(struct lzw *z, unsigned code, size_t limit, struct buf *out)
{
    if (code < LZW_CLEAR) {
        buf_add_char(out, (char)code);
        return out->n <= limit;
    }
    if (code >= z->count || z->length[code] > limit - out->n)
        return false;
    for (size_t i = 0; i < z->length[code]; i++) /* the text may run into what is being written */
        buf_add_char(out, out->p[z->where[code] + i]);
    return true;
}

static bool lzw_run(struct lzw *z, size_t limit, struct buf *out)
{
    unsigned code;
    bool follows = false; /* a code came before this one */
    size_t before = 0;    /* where its text begins */
    lzw_clear(z);
    while (next_code(z, &code) && code != LZW_END) {
        if (code == LZW_CLEAR) {
            lzw_clear(z);
            follows = false;
            continue;
        }
        size_t start = out->n;
        if (follows && z->count < LZW_CODES) { /* the last text and the first byte of this one */
            z->where[z->count] = before;
            z->length[z->count] = start - before + 1;
            z->count++;
        }
        if (!lzw_text(z, code, limit, out))
            return false;
        if (z->count + (unsigned)(z->early != 0) + 1 > 1u << z->width && z->width < 12)
            z->width++;
        before = start;
        follows = true;
    }
    return buf_ok(out);
}

static bool lzw(struct arena *a, struct sv in, size_t limit, int64_t early, struct sv *ret)
{
    limit = limit < LZW_MOST ? limit : LZW_MOST;
    struct arena work;
    arena_init(&work, sizeof(struct lzw) + 64);
    struct lzw *z = arena_new(&work, struct lzw);
    *z = (struct lzw){.in = in, .early = early};
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, limit + 8);
    bool fine = lzw_run(z, limit, &out);
    arena_done(&work);
    char *p = fine ? arena_try(a, out.n + 1) : NULL;
    if (!p)
        return false;
    if (out.n)
        memcpy(p, out.p, out.n);
    *ret = sv_of(p, out.n);
    return true;
}

bool text_decode(struct arena *a, const struct obj *filter, int64_t early, struct sv in, size_t limit, struct sv *ret)
{
    static const struct {
        const char *name, *shorter;
        bool (*decode)(struct arena *a, struct sv in, size_t limit, int64_t early, struct sv *ret);
    } rows[] = {
            {"ASCIIHexDecode",  "AHx", hex_text   },
            {"ASCII85Decode",   "A85", base85     },
            {"RunLengthDecode", "RL",  run_lengths},
            {"LZWDecode",       "LZW", lzw        },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (obj_is_name(filter, rows[i].name) || obj_is_name(filter, rows[i].shorter))
            return rows[i].decode(a, in, limit, early, ret);
    }
    return false;
}
