/* JPEG and PNG for appearances; see image.h. Only what a signature picture needs: 8-bit samples or palettes, not
 * interlaced. */
#include "pdf/image.h"

#include <string.h>
#include <zlib.h>

#include "pdf/doc_priv.h"

#define MAX_PIXELS ((uint64_t)25000000)

static bool damaged(struct err *e, const char *what)
{
    return err_user(e, ERR_BAD_INPUT, "image_damaged", NULL, "%s", what);
}

static bool variant(struct err *e, const char *what)
{
    return err_user(e, ERR_UNSUPPORTED, "image_variant", NULL, "%s", what);
}

static bool check_size(uint64_t width, uint64_t height, struct err *e)
{
    if (width == 0 || height == 0)
        return damaged(e, "no size");
    if (width > 30000 || height > 30000 || width * height > MAX_PIXELS)
        return err_user(e, ERR_TOO_LARGE, "image_too_large", NULL, "%llu x %llu pixels", (unsigned long long)width,
                        (unsigned long long)height);
    return true;
}

static uint32_t be(struct sv s, size_t at, size_t n)
{
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | (unsigned char)s.p[at + i];
    return v;
}

/* ---- JPEG (ISO 10918-1): up to the frame header ---- */

static bool is_frame(unsigned marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static bool read_frame(struct sv segment, unsigned marker, struct pdf_image *ret, struct err *e)
{
    if (segment.n < 8)
        return damaged(e, "JPEG frame header");
    ret->height = be(segment, 3, 2);
    ret->width = be(segment, 5, 2);
    ret->components = be(segment, 7, 1);
    if (marker > 0xC2 || segment.p[2] != 8)
        return variant(e, "JPEG that is neither baseline nor progressive with 8 bits");
    if (ret->components != 1 && ret->components != 3 && ret->components != 4)
        return variant(e, "JPEG components");
    return check_size(ret->width, ret->height, e);
}

static bool read_jpeg(struct sv in, struct pdf_image *ret, struct err *e)
{
    bool adobe = false;
    for (size_t at = 2; at + 4 <= in.n;) {
        if ((unsigned char)in.p[at] != 0xFF)
            return damaged(e, "JPEG marker");
        unsigned marker = (unsigned char)in.p[at + 1];
        if (marker == 0xFF) {
            at++;
            continue;
        }
        size_t n = be(in, at + 2, 2);
        if (n < 2 || n > in.n - at - 2)
            return damaged(e, "JPEG segment");
        struct sv segment = sv_sub(in, at + 2, n);
        adobe = adobe || (marker == 0xEE && sv_starts(sv_skip(segment, 2), SV("Adobe")));
        if (is_frame(marker)) {
            if (!read_frame(segment, marker, ret, e))
                return false;
            ret->jpeg = true;
            ret->inverted = adobe && ret->components == 4;
            ret->data = in;
            return true;
        }
        at += 2 + n;
    }
    return damaged(e, "JPEG without a frame");
}

/* ---- PNG (ISO 15948) ---- */

struct png {
    uint32_t width, height;
    unsigned depth, type, channels;
    struct sv palette, alpha; /* PLTE, tRNS */
    struct buf data;
};

static bool read_header(struct png *p, struct sv c, struct err *e)
{
    static const unsigned char channels[7] = {1, 0, 3, 1, 2, 0, 4};
    if (c.n != 13)
        return damaged(e, "PNG header");
    p->width = be(c, 0, 4);
    p->height = be(c, 4, 4);
    p->depth = be(c, 8, 1);
    p->type = be(c, 9, 1);
    if (!check_size(p->width, p->height, e))
        return false;
    p->channels = p->type < 7 ? channels[p->type] : 0;
    if (!p->channels || (p->depth != 8 && !(p->type == 3 && p->depth < 8 && p->depth)) || c.p[12] != 0)
        return variant(e, "PNG that is interlaced or has not 8 bits a sample");
    return true;
}

static bool read_chunks(struct png *p, struct sv in, struct err *e)
{
    for (size_t at = 8; in.n - at >= 12;) {
        size_t n = be(in, at, 4);
        if (n > in.n - at - 12)
            return damaged(e, "PNG chunk");
        struct sv name = sv_sub(in, at + 4, 4), c = sv_sub(in, at + 8, n);
        if (crc32(0, (const Bytef *)name.p, (uInt)(n + 4)) != be(in, at + 8 + n, 4))
            return damaged(e, "PNG check sum");
        if (sv_eq(name, SV("IEND")))
            return p->width ? true : damaged(e, "PNG without a header");
        if (sv_eq(name, SV("IHDR")) && !read_header(p, c, e))
            return false;
        if (sv_eq(name, SV("PLTE")))
            p->palette = c;
        if (sv_eq(name, SV("tRNS")))
            p->alpha = c;
        if (sv_eq(name, SV("IDAT")))
            buf_add(&p->data, c);
        at += 12 + n;
    }
    return damaged(e, "PNG without an end");
}

static unsigned palette_index(const struct png *p, const char *row, size_t x)
{
    size_t bit = x * p->depth;
    unsigned byte = (unsigned char)row[bit / 8];
    return byte >> (8 - p->depth - bit % 8) & ((1u << p->depth) - 1);
}

/* Samples into colour and alpha planes. */
static bool split(const struct png *p, struct sv plain, char *colour, char *alpha, struct err *e)
{
    size_t row = ((size_t)p->width * p->channels * p->depth + 7) / 8, n = 0;
    for (size_t y = 0; y < p->height; y++) {
        const char *line = plain.p + y * row;
        for (size_t x = 0; x < p->width; x++, n++) {
            const char *s = line + x * p->channels;
            unsigned index = p->type == 3 ? palette_index(p, line, x) : 0;
            switch (p->type) {
            case 0:
            case 4:
                colour[n] = s[0];
                alpha[n] = p->type == 4 ? s[1] : (char)0xFF;
                break;
            case 3:
                if (index * 3 + 3 > p->palette.n)
                    return damaged(e, "PNG palette");
                memcpy(colour + 3 * n, p->palette.p + (size_t)3 * index, 3);
                alpha[n] = index < p->alpha.n ? p->alpha.p[index] : (char)0xFF;
                break;
            default:
                memcpy(colour + 3 * n, s, 3);
                alpha[n] = p->type == 6 ? s[3] : (char)0xFF;
            }
        }
    }
    return true;
}

static bool decode_png(struct arena *a, struct png *p, struct pdf_image *ret, struct err *e)
{
    size_t row = ((size_t)p->width * p->channels * p->depth + 7) / 8, pixels = (size_t)p->width * p->height;
    struct arena work;
    arena_init(&work, (size_t)512 << 20);
    struct predictor pred = {15, p->channels, p->depth, p->width};
    struct sv packed, plain;
    bool fine = flate_decode(&work, buf_sv(&p->data), (row + 1) * p->height, &packed) &&
                packed.n == (row + 1) * p->height && predictor_undo(&work, &pred, packed, &plain);
    ret->components = p->type == 0 || p->type == 4 ? 1 : 3;
    char *colour = fine ? arena_try(&work, pixels * ret->components) : NULL,
         *alpha = fine ? arena_try(&work, pixels) : NULL;
    if (!colour || !alpha)
        fine = damaged(e, "PNG data");
    else
        fine = split(p, plain, colour, alpha, e);
    if (fine) {
        bool opaque = true;
        for (size_t i = 0; i < pixels && opaque; i++)
            opaque = alpha[i] == (char)0xFF;
        ret->width = p->width;
        ret->height = p->height;
        ret->data = flate_encode(a, sv_of(colour, pixels * ret->components));
        ret->mask = opaque ? (struct sv){0} : flate_encode(a, sv_of(alpha, pixels));
    }
    arena_done(&work);
    return fine;
}

static void png_done(struct png *p)
{
    buf_done(&p->data);
}

static bool read_png(struct arena *a, struct sv in, struct pdf_image *ret, struct err *e)
{
    CLEANUP(png_done) struct png p = {0};
    buf_init(&p.data, in.n);
    if (!read_chunks(&p, in, e))
        return false;
    if (p.alpha.n && p.type != 3)
        return variant(e, "PNG with a transparent colour");
    return decode_png(a, &p, ret, e);
}

bool pdf_image_read(struct arena *a, struct sv file, struct pdf_image *ret, struct err *e)
{
    *ret = (struct pdf_image){0};
    if (sv_starts(file, SV("\x89PNG\r\n\x1A\n")))
        return read_png(a, file, ret, e);
    if (sv_starts(file, SV("\xFF\xD8\xFF")))
        return read_jpeg(file, ret, e);
    return err_user(e, ERR_MEDIA_TYPE, "image_kind", NULL, "neither PNG nor JPEG");
}
