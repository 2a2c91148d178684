/* Smaller fonts: Cairo leaves the subroutines of all glyphs of a CJK font in its subset (half a megabyte for a
 * contract). HarfBuzz writes the few that are used into the glyphs and drops the rest; glyph numbers and CIDs stay, so
 * nothing else in the file changes. */
#include <hb-subset.h>

#include "typeset/page_priv.h"

/* Reading of Adobe Technical Note 5176; every step stays inside the font. */
struct reader {
    struct sv rest;
    bool failed;
};

static uint32_t read_number(struct reader *r, size_t size)
{
    uint32_t v = 0;
    if (r->rest.n < size) {
        r->failed = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        v = v << 8 | (unsigned char)r->rest.p[i];
    r->rest = sv_skip(r->rest, size);
    return v;
}

/* An INDEX: returns its first element and moves behind it. */
static struct sv read_index(struct reader *r)
{
    size_t count = read_number(r, 2);
    if (count == 0)
        return (struct sv){0};
    size_t size = read_number(r, 1);
    if (size < 1 || size > 4 || r->rest.n < (count + 1) * size) {
        r->failed = true;
        return (struct sv){0};
    }
    struct reader offsets = {.rest = sv_sub(r->rest, 0, (count + 1) * size)};
    struct sv data = sv_skip(r->rest, (count + 1) * size);
    uint32_t first = read_number(&offsets, size), second = read_number(&offsets, size);
    struct reader last = {.rest = sv_sub(r->rest, count * size, size)};
    uint32_t end = read_number(&last, size);
    if (first != 1 || second < 1 || end < 1 || data.n < end - 1 || second > end) {
        r->failed = true;
        return (struct sv){0};
    }
    r->rest = sv_skip(data, end - 1);
    return sv_sub(data, 0, second - 1);
}

static int32_t read_operand(struct reader *r, unsigned b)
{
    if (b == 28)
        return (int16_t)read_number(r, 2);
    if (b == 29)
        return (int32_t)read_number(r, 4);
    if (b >= 32 && b <= 246)
        return (int32_t)b - 139;
    if (b >= 247 && b <= 250)
        return (int32_t)((b - 247) * 256 + read_number(r, 1) + 108);
    if (b >= 251 && b <= 254)
        return -(int32_t)((b - 251) * 256 + read_number(r, 1) + 108);
    while (b == 30 && !r->failed) { /* a real number ends with a nibble of f */
        unsigned pair = read_number(r, 1);
        if ((pair & 15) == 15 || pair >> 4 == 15)
            break;
    }
    return 0;
}

/* Where the glyphs are: operator 17 of the Top DICT. */
static uint32_t glyphs_offset(struct sv top)
{
    struct reader r = {.rest = top};
    int32_t operand = 0;
    while (r.rest.n && !r.failed) {
        unsigned b = read_number(&r, 1);
        if (b == 17)
            return operand > 0 ? (uint32_t)operand : 0;
        if (b == 12)
            read_number(&r, 1);
        else if (b > 21)
            operand = read_operand(&r, b);
    }
    return 0;
}

static uint32_t glyph_count(struct sv cff)
{
    struct reader r = {.rest = cff};
    uint32_t header = read_number(&r, 4) >> 8 & 255;
    r.rest = sv_skip(cff, header);
    read_index(&r); /* names */
    struct sv top = read_index(&r);
    uint32_t offset = r.failed ? 0 : glyphs_offset(top);
    struct reader glyphs = {.rest = sv_skip(cff, offset)};
    return offset ? read_number(&glyphs, 2) : 0;
}

DEFINE_CLEANUP(hb_face_t *, face_free, hb_face_destroy)
DEFINE_CLEANUP(hb_blob_t *, blob_free, hb_blob_destroy)
DEFINE_CLEANUP(hb_subset_input_t *, input_free, hb_subset_input_destroy)

static hb_blob_t *blob_of(struct sv bytes)
{
    return hb_blob_create(bytes.p, (unsigned)bytes.n, HB_MEMORY_MODE_READONLY, NULL, NULL);
}

/* HarfBuzz wants a font with tables; the two it needs are enough. */
static hb_face_t *wrap(struct sv cff, uint32_t glyphs)
{
    const char maxp[] = {0, 0, 0x50, 0, (char)(glyphs >> 8), (char)glyphs};
    CLEANUP(face_free) hb_face_t *builder = hb_face_builder_create();
    CLEANUP(blob_free) hb_blob_t *table = blob_of(cff);
    CLEANUP(blob_free) hb_blob_t *profile = blob_of(sv_of(maxp, sizeof(maxp)));
    hb_face_builder_add_table(builder, HB_TAG('C', 'F', 'F', ' '), table);
    hb_face_builder_add_table(builder, HB_TAG('m', 'a', 'x', 'p'), profile);
    CLEANUP(blob_free) hb_blob_t *whole = hb_face_reference_blob(builder); /* copies the tables */
    return hb_face_create(whole, 0);
}

bool font_shrink(struct arena *a, struct sv cff, struct sv *ret, struct err *e)
{
    uint32_t glyphs = glyph_count(cff);
    if (glyphs == 0 || glyphs > UINT16_MAX)
        return err_set(e, ERR_INTERNAL, "the font that Cairo wrote cannot be read");
    CLEANUP(face_free) hb_face_t *face = wrap(cff, glyphs);
    CLEANUP(input_free) hb_subset_input_t *input = hb_subset_input_create_or_fail();
    must(input);
    hb_set_add_range(hb_subset_input_glyph_set(input), 0, glyphs - 1);
    hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_RETAIN_GIDS | HB_SUBSET_FLAGS_NOTDEF_OUTLINE |
                                             HB_SUBSET_FLAGS_DESUBROUTINIZE);
    CLEANUP(face_free) hb_face_t *small = hb_subset_or_fail(face, input);
    if (!small)
        return err_set(e, ERR_INTERNAL, "HarfBuzz cannot subset the font that Cairo wrote");
    CLEANUP(blob_free) hb_blob_t *table = hb_face_reference_table(small, HB_TAG('C', 'F', 'F', ' '));
    unsigned n = 0;
    const char *p = hb_blob_get_data(table, &n);
    if (n == 0)
        return err_set(e, ERR_INTERNAL, "HarfBuzz wrote no font");
    *ret = arena_sv(a, sv_of(p, n));
    return true;
}
