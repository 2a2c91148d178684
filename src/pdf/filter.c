/* Flate and its predictors (ISO 32000-2 7.4.4). Output is bounded: by the caller's limit and by what deflate can reach
 * at most. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "pdf/doc_priv.h"

#define WINDOW ((size_t)64 << 10)

/* Inflates to the end: the first out->max bytes are kept, the rest is only counted. */
static bool inflate_count(struct sv in, size_t limit, struct buf *out, size_t *ret_total)
{
    z_stream z = {.avail_in = (uInt)in.n};
    memcpy(&z.next_in, &in.p, sizeof(z.next_in));
    if (inflateInit(&z) != Z_OK)
        return false;
    int status = Z_OK;
    *ret_total = 0;
    while (status == Z_OK && *ret_total <= limit) {
        unsigned char chunk[8192];
        z.next_out = chunk;
        z.avail_out = sizeof(chunk);
        status = inflate(&z, Z_NO_FLUSH);
        size_t n = sizeof(chunk) - z.avail_out;
        *ret_total += n;
        if (out->n + n <= out->max)
            buf_add_bytes(out, chunk, n);
        if (status == Z_BUF_ERROR || (z.avail_in == 0 && z.avail_out != 0))
            break;
    }
    inflateEnd(&z);
    return status == Z_STREAM_END && *ret_total <= limit;
}

static void inflate_into(struct sv in, char *out, size_t n)
{
    z_stream z = {.avail_in = (uInt)in.n, .next_out = (Bytef *)out, .avail_out = (uInt)n};
    memcpy(&z.next_in, &in.p, sizeof(z.next_in));
    must(inflateInit(&z) == Z_OK);
    must(inflate(&z, Z_FINISH) == Z_STREAM_END);
    inflateEnd(&z);
}

/* What is long is inflated twice, first to learn how long: nothing is reserved for a bomb. */
bool flate_decode(struct arena *a, struct sv in, size_t limit, struct sv *ret)
{
    size_t n;
    CLEANUP(buf_done) struct buf start;
    buf_init(&start, WINDOW);
    if (in.n > UINT32_MAX || limit > UINT32_MAX || !inflate_count(in, limit, &start, &n))
        return false;
    char *p = arena_try(a, n + 1);
    if (!p)
        return false;
    if (n > start.n)
        inflate_into(in, p, n);
    else if (n)
        memcpy(p, start.p, n);
    *ret = sv_of(p, n);
    return true;
}

struct sv flate_encode(struct arena *a, struct sv in)
{
    uLongf n = compressBound((uLong)in.n);
    unsigned char *out = arena_alloc(a, n);
    must(compress2(out, &n, (const Bytef *)in.p, (uLong)in.n, 9) == Z_OK);
    return sv_of(out, n);
}

static unsigned char paeth(int left, int up, int corner)
{
    int p = left + up - corner, pa = abs(p - left), pb = abs(p - up), pc = abs(p - corner);
    int best = pa <= pb && pa <= pc ? left : pb <= pc ? up : corner;
    return (unsigned char)best;
}

/* One row of a PNG predictor, in place; prior is the row before, all zero for the first. */
static bool png_row(int type, unsigned char *row, const unsigned char *prior, size_t n, size_t pixel)
{
    if (type < 0 || type > 4)
        return false;
    for (size_t i = 0; i < n && type; i++) {
        int left = i >= pixel ? row[i - pixel] : 0, up = prior[i], corner = i >= pixel ? prior[i - pixel] : 0;
        int add = type == 1 ? left : type == 2 ? up : type == 3 ? (left + up) / 2 : paeth(left, up, corner);
        row[i] = (unsigned char)(row[i] + add);
    }
    return true;
}

static bool png_undo(struct arena *a, size_t row, size_t pixel, struct sv in, struct sv *ret)
{
    size_t rows = in.n / (row + 1), rest = in.n % (row + 1);
    unsigned char *out = arena_try(a, rows * row + row + 1);
    unsigned char *zero = arena_try(a, row + 1);
    if (!out || !zero)
        return false;
    size_t n = 0;
    const unsigned char *prior = zero;
    for (size_t r = 0; r < rows + (rest > 1); r++) {
        const char *src = in.p + r * (row + 1);
        size_t have = r < rows ? row : rest - 1;
        memcpy(out + n, src + 1, have);
        if (!png_row((unsigned char)src[0], out + n, prior, have, pixel))
            return false;
        prior = out + n;
        n += have;
    }
    *ret = sv_of(out, n);
    return true;
}

/* TIFF predictor 2 for 8-bit components; others do not occur in cross references. */
static bool tiff_undo(struct arena *a, size_t row, size_t pixel, struct sv in, struct sv *ret)
{
    unsigned char *out = arena_try(a, in.n + 1);
    if (!out)
        return false;
    memcpy(out, in.p, in.n);
    for (size_t start = 0; start < in.n; start += row) {
        for (size_t i = start + pixel; i < start + row && i < in.n; i++)
            out[i] = (unsigned char)(out[i] + out[i - pixel]);
    }
    *ret = sv_of(out, in.n);
    return true;
}

bool predictor_undo(struct arena *a, const struct predictor *p, struct sv in, struct sv *ret)
{
    if (p->kind == 1) {
        *ret = in;
        return true;
    }
    if (p->colors < 1 || p->colors > 32 || p->bits < 1 || p->bits > 16 || p->columns < 1 || p->columns > 1 << 24)
        return false;
    size_t row = (size_t)(p->colors * p->bits * p->columns + 7) / 8;
    size_t pixel = (size_t)(p->colors * p->bits + 7) / 8;
    if (p->kind >= 10 && p->kind <= 15)
        return png_undo(a, row, pixel, in, ret);
    return p->kind == 2 && p->bits == 8 && in.n > 0 && tiff_undo(a, row, pixel, in, ret);
}
