/* The rows of one cross-reference section, one after the other (ISO 32000-2 7.5.4, 7.5.8). They are read where they
 * stand each time they are wanted: keeping them would cost more memory than all the rest of a document. */
#include "pdf/doc_priv.h"

static bool bad(struct doc *d, const char *what)
{
    if (!d->problem)
        d->problem = what;
    return false;
}

/* Where an offset of the file's own counting stands; beyond every file when it is no offset at all. */
static uint64_t place(const struct doc *d, uint64_t offset)
{
    return offset > PDF_MAX_FILE ? UINT64_MAX : offset + d->base;
}

/* ---- tables ---- */

static bool digits(const char *p, size_t n, uint64_t *ret)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        v = v * 10 + (uint64_t)(p[i] - '0');
    }
    *ret = v;
    return true;
}

/* The 20 bytes of an entry as the standard has them: nearly all there are. */
static bool regular_entry(struct lexer *x, uint64_t *offset, uint64_t *gen, bool *used)
{
    if (x->in.n - x->at < 20)
        return false;
    const char *p = x->in.p + x->at;
    if (!digits(p, 10, offset) || p[10] != ' ' || !digits(p + 11, 5, gen) || p[16] != ' ' ||
        (p[17] != 'n' && p[17] != 'f') || !pdf_is_blank(p[18]) || !pdf_is_blank(p[19]))
        return false;
    *used = p[17] == 'n';
    x->at += 20;
    return true;
}

static bool any_entry(struct lexer *x, uint64_t *offset, uint64_t *gen, bool *used)
{
    if (!lex_uint(x, UINT64_MAX, offset) || !lex_uint(x, 99999, gen))
        return false;
    *used = lex_word(x, SV("n"));
    return *used || lex_word(x, SV("f"));
}

static bool table_entry(struct doc *d, struct lexer *x, struct xref *ret)
{
    uint64_t offset, gen;
    bool used;
    if (!regular_entry(x, &offset, &gen, &used) && !any_entry(x, &offset, &gen, &used))
        return bad(d, "malformed entry in a cross-reference table");
    /* MuPDF gives the head of the free list the generation 65536, which says no more than 65535: not for use. */
    if (used && gen > 65535)
        return bad(d, "malformed entry in a cross-reference table");
    /* Offset 0 cannot be an object: some writers mean "free". */
    bool plain = used && offset > 0;
    *ret = (struct xref){.at = plain ? place(d, offset) : 0,
                         .gen = (uint16_t)(gen > 65535 ? 65535 : gen),
                         .kind = plain ? X_PLAIN : X_FREE};
    return true;
}

/* Some writers number the whole table from 1 though its first entry is the head of the free list, which is 0. */
static bool starts_at_one_too_many(const struct lexer *x, uint64_t first, uint64_t count)
{
    struct lexer look = *x;
    uint64_t offset, gen;
    return first == 1 && count > 0 && lex_uint(&look, 0, &offset) && lex_uint(&look, 65536, &gen) && gen >= 65535 &&
           lex_word(&look, SV("f"));
}

static bool each_of_table(struct doc *d, struct section *s, row_fn *fn, void *ctx)
{
    struct lexer x = {.a = &d->arena, .in = d->bytes, .at = s->rows_at};
    for (bool begin = true; !lex_word(&x, SV("trailer")); begin = false) {
        uint64_t first, count;
        if (!lex_uint(&x, PDF_MAX_OBJECTS, &first) || !lex_uint(&x, PDF_MAX_OBJECTS, &count))
            return bad(d, "malformed cross-reference table");
        if (count > (x.in.n - x.at) / 16)
            return bad(d, "cross-reference table larger than the file");
        if (begin && starts_at_one_too_many(&x, first, count)) {
            doc_repaired(d, "the cross-reference table begins with 1 instead of 0");
            first = 0;
        }
        for (lex_skip(&x); count; count--, first++) {
            struct xref_row row = {.num = (uint32_t)first};
            if (first >= PDF_MAX_OBJECTS)
                return bad(d, "object number beyond the limit");
            if (!table_entry(d, &x, &row.x) || !fn(ctx, &row))
                return false;
        }
    }
    s->rows_end = x.at;
    return true;
}

/* ---- streams ---- */

/* /W: three field widths of at most 8 bytes. */
static bool widths(struct doc *d, const struct obj *dict, size_t w[3])
{
    const struct obj *arr = doc_value(d, dict_get(dict, "W"));
    if (arr->kind != O_ARRAY || arr->array.n < 3)
        return false;
    for (size_t i = 0; i < 3; i++) {
        const struct obj *o = arr->array.items[i];
        if (o->kind != O_INT || o->integer < 0 || o->integer > 8)
            return false;
        w[i] = (size_t)o->integer;
    }
    return w[0] + w[1] + w[2] > 0;
}

static uint64_t field(const char **p, size_t width, uint64_t otherwise)
{
    if (!width)
        return otherwise;
    uint64_t v = 0;
    for (size_t i = 0; i < width; i++)
        v = v << 8 | (unsigned char)*(*p)++;
    return v;
}

struct stream_rows {
    struct sv data;
    size_t w[3];
};

static bool stream_run(struct doc *d, struct stream_rows *r, uint64_t first, uint64_t count, row_fn *fn, void *ctx)
{
    size_t row_n = r->w[0] + r->w[1] + r->w[2];
    if (count > r->data.n / row_n)
        return bad(d, "cross-reference stream is too short");
    if (first + count > PDF_MAX_OBJECTS)
        return bad(d, "object number beyond the limit");
    const char *p = r->data.p;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t type = field(&p, r->w[0], 1), second = field(&p, r->w[1], 0), third = field(&p, r->w[2], 0);
        struct xref_row row = {.num = (uint32_t)(first + i), .x = {.kind = X_FREE}};
        if (type == 1)
            row.x = (struct xref){.at = place(d, second), .gen = (uint16_t)third, .kind = X_PLAIN};
        else if (type == 2)
            row.x = (struct xref){.at = second, .index = (uint32_t)third, .kind = X_PACKED};
        if (third > (type == 2 ? UINT32_MAX : 65535) || (type == 2 && second >= PDF_MAX_OBJECTS))
            return bad(d, "malformed entry in a cross-reference stream");
        if (!fn(ctx, &row))
            return false;
    }
    r->data = sv_skip(r->data, count * row_n);
    return true;
}

static bool each_of_stream(struct doc *d, const struct obj *o, struct sv data, row_fn *fn, void *ctx)
{
    struct stream_rows r = {.data = data};
    const struct obj *index = doc_value(d, dict_get(o, "Index")), *size = doc_value(d, dict_get(o, "Size"));
    if (!widths(d, o, r.w))
        return bad(d, "malformed cross-reference stream");
    if (index->kind != O_ARRAY)
        return size->kind == O_INT && size->integer >= 0 && size->integer <= PDF_MAX_OBJECTS
                       ? stream_run(d, &r, 0, (uint64_t)size->integer, fn, ctx)
                       : bad(d, "malformed cross-reference stream");
    for (size_t i = 0; i + 1 < index->array.n; i += 2) {
        const struct obj *first = index->array.items[i], *count = index->array.items[i + 1];
        if (first->kind != O_INT || count->kind != O_INT || first->integer < 0 || count->integer < 0 ||
            first->integer > PDF_MAX_OBJECTS || count->integer > PDF_MAX_OBJECTS)
            return bad(d, "malformed cross-reference stream");
        if (!stream_run(d, &r, (uint64_t)first->integer, (uint64_t)count->integer, fn, ctx))
            return false;
    }
    return true;
}

/* ---- both ---- */

/* Only the rows of one sort come through. */
struct sifted {
    row_fn *fn;
    void *ctx;
    bool used;
};

static bool sift(void *ctx, const struct xref_row *row)
{
    struct sifted *s = ctx;
    return (row->x.kind == X_PLAIN) != s->used || s->fn(s->ctx, row);
}

bool section_each(struct doc *d, struct section *s, row_fn *fn, void *ctx)
{
    if (s->is_stream)
        return each_of_stream(d, s->trailer, s->data, fn, ctx);
    if (!s->hybrid)
        return each_of_table(d, s, fn, ctx);
    struct sifted used = {fn, ctx, true}, freed = {fn, ctx, false};
    return each_of_table(d, s, sift, &used) && each_of_stream(d, s->inner, s->data, fn, ctx) &&
           each_of_table(d, s, sift, &freed);
}

struct kept {
    struct section *s;
    size_t cap;
};

static bool count_row(void *ctx, const struct xref_row *row UNUSED)
{
    struct kept *k = ctx;
    k->cap++;
    return true;
}

static bool keep_row(void *ctx, const struct xref_row *row)
{
    struct kept *k = ctx;
    if (k->s->rows_n == k->cap)
        return false;
    k->s->rows[k->s->rows_n++] = *row;
    return true;
}

bool section_rows(struct doc *d, struct section *s)
{
    struct kept k = {.s = s};
    if (s->rows)
        return true;
    if (!section_each(d, s, count_row, &k))
        return false;
    s->rows = arena_try(&d->arena, (k.cap + 1) * sizeof(*s->rows));
    return s->rows ? section_each(d, s, keep_row, &k) : bad(d, "cross references need too much memory");
}
