/* The chain of cross-reference sections: tables, streams, hybrids (ISO 32000-2 7.5.4, 7.5.8). Loops end the reading. */
#include <string.h>

#include "pdf/crypt_priv.h"

static bool bad(struct doc *d, const char *what)
{
    if (!d->problem)
        d->problem = what;
    return false;
}

/* Rows while a section is being read. */
struct rows {
    struct xref_row *p;
    size_t n, cap;
};

static bool rows_add(struct doc *d, struct rows *r, uint64_t num, struct xref x)
{
    if (num >= PDF_MAX_OBJECTS)
        return bad(d, "object number beyond the limit");
    if (r->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 64;
        struct xref_row *p = arena_try(&d->arena, cap * sizeof(*p));
        if (!p)
            return bad(d, "cross references need too much memory");
        if (r->n)
            memcpy(p, r->p, r->n * sizeof(*p));
        r->p = p;
        r->cap = cap;
    }
    r->p[r->n++] = (struct xref_row){(uint32_t)num, x};
    return true;
}

static bool table_entry(struct doc *d, struct lexer *x, struct xref *ret)
{
    uint64_t offset, gen;
    if (!lex_uint(x, UINT64_MAX, &offset) || !lex_uint(x, 99999, &gen))
        return bad(d, "malformed entry in a cross-reference table");
    bool used = lex_word(x, SV("n"));
    /* MuPDF gives the head of the free list the generation 65536, which says no more than 65535: not for use. */
    if ((!used && !lex_word(x, SV("f"))) || (used && gen > 65535))
        return bad(d, "malformed entry in a cross-reference table");
    if (gen > 65535)
        gen = 65535;
    /* Offset 0 cannot be an object: some writers mean "free". */
    bool plain = used && offset > 0;
    *ret = (struct xref){.at = plain ? offset : 0, .gen = (uint16_t)gen, .kind = plain ? X_PLAIN : X_FREE};
    return true;
}

static bool read_table(struct doc *d, struct lexer *x, struct section *s)
{
    struct rows rows = {0};
    while (!lex_word(x, SV("trailer"))) {
        uint64_t first, count;
        if (!lex_uint(x, PDF_MAX_OBJECTS, &first) || !lex_uint(x, PDF_MAX_OBJECTS, &count))
            return bad(d, "malformed cross-reference table");
        if (count > (x->in.n - x->at) / 16)
            return bad(d, "cross-reference table larger than the file");
        for (uint64_t i = 0; i < count; i++) {
            struct xref entry;
            if (!table_entry(d, x, &entry) || !rows_add(d, &rows, first + i, entry))
                return false;
        }
    }
    const struct obj *trailer = lex_object(x);
    if (!trailer || trailer->kind != O_DICT)
        return bad(d, "malformed trailer");
    s->trailer = trailer;
    s->rows = rows.p;
    s->rows_n = rows.n;
    s->end = x->at;
    return true;
}

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

static bool stream_rows(struct doc *d, struct rows *rows, struct sv *data, const size_t w[3], uint64_t first,
                        uint64_t count)
{
    size_t row = w[0] + w[1] + w[2];
    if (count > data->n / row)
        return bad(d, "cross-reference stream is too short");
    const char *p = data->p;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t type = field(&p, w[0], 1), second = field(&p, w[1], 0), third = field(&p, w[2], 0);
        struct xref x = {.kind = X_FREE};
        if (type == 1)
            x = (struct xref){.at = second, .gen = (uint16_t)third, .kind = X_PLAIN};
        else if (type == 2)
            x = (struct xref){.at = second, .index = (uint32_t)third, .kind = X_PACKED};
        if (third > (type == 2 ? UINT32_MAX : 65535) || (type == 2 && second >= PDF_MAX_OBJECTS))
            return bad(d, "malformed entry in a cross-reference stream");
        if (!rows_add(d, rows, first + i, x))
            return false;
    }
    *data = sv_skip(*data, count * row);
    return true;
}

static bool read_stream(struct doc *d, uint64_t at, struct section *s)
{
    const struct obj *o;
    if (!doc_stream_at(d, at, &s->stream_num, &o, &s->end) || !obj_is_name(dict_get(o, "Type"), "XRef"))
        return bad(d, "no cross-reference section where one should be");
    size_t w[3];
    struct sv data;
    if (!widths(d, o, w) || !doc_stream(d, o, &data))
        return bad(d, "malformed cross-reference stream");
    struct rows rows = {0};
    const struct obj *index = dict_get(o, "Index"), *size = dict_get(o, "Size");
    if (index->kind == O_ARRAY) {
        for (size_t i = 0; i + 1 < index->array.n; i += 2) {
            const struct obj *first = index->array.items[i], *count = index->array.items[i + 1];
            if (first->kind != O_INT || count->kind != O_INT || first->integer < 0 || count->integer < 0)
                return bad(d, "malformed cross-reference stream");
            if (!stream_rows(d, &rows, &data, w, (uint64_t)first->integer, (uint64_t)count->integer))
                return false;
        }
    } else if (size->kind != O_INT || size->integer < 0 ||
               !stream_rows(d, &rows, &data, w, 0, (uint64_t)size->integer)) {
        return bad(d, "malformed cross-reference stream");
    }
    s->is_stream = true;
    s->trailer = o;
    s->rows = rows.p;
    s->rows_n = rows.n;
    return true;
}

/* The order in which a hybrid section is looked up (7.5.8.4): used entries of the table, the stream, then what the
 * table says is free. Rows earlier in the list win. */
static bool add_hybrid(struct doc *d, struct section *s)
{
    const struct obj *o = dict_get(s->trailer, "XRefStm");
    if (o->kind == O_NULL)
        return true;
    if (o->kind != O_INT || o->integer <= 0 || (uint64_t)o->integer >= d->bytes.n)
        return bad(d, "malformed /XRefStm");
    struct section inner = {0};
    if (!read_stream(d, (uint64_t)o->integer, &inner))
        return false;
    struct rows rows = {0};
    for (size_t i = 0; i < s->rows_n; i++) {
        if (s->rows[i].x.kind == X_PLAIN && !rows_add(d, &rows, s->rows[i].num, s->rows[i].x))
            return false;
    }
    for (size_t i = 0; i < inner.rows_n; i++) {
        if (!rows_add(d, &rows, inner.rows[i].num, inner.rows[i].x))
            return false;
    }
    for (size_t i = 0; i < s->rows_n; i++) {
        if (s->rows[i].x.kind != X_PLAIN && !rows_add(d, &rows, s->rows[i].num, s->rows[i].x))
            return false;
    }
    s->hybrid = true;
    s->hybrid_at = (uint64_t)o->integer;
    s->rows = rows.p;
    s->rows_n = rows.n;
    return true;
}

static bool read_section(struct doc *d, uint64_t at, struct section *s)
{
    *s = (struct section){.at = at};
    if (at >= d->bytes.n)
        return bad(d, "cross-reference offset outside the file");
    struct lexer x = {.a = &d->arena, .in = d->bytes, .at = at};
    if (lex_word(&x, SV("xref")))
        return read_table(d, &x, s) && add_hybrid(d, s);
    return read_stream(d, at, s);
}

static bool prev_of(struct doc *d, const struct section *s, bool *ret_more, uint64_t *ret_at)
{
    const struct obj *prev = dict_get(s->trailer, "Prev");
    *ret_more = prev->kind != O_NULL;
    double real;
    if (!*ret_more)
        return true;
    if (!obj_number(prev, &real) || real < 0 || real >= (double)d->bytes.n)
        return bad(d, "malformed /Prev");
    *ret_at = (uint64_t)real;
    return true;
}

static bool read_chain(struct doc *d)
{
    size_t cap = 8;
    d->sections = arena_array(&d->arena, struct section, cap);
    uint64_t at = d->startxref;
    for (bool more = true; more;) {
        for (size_t i = 0; i < d->sections_n; i++) {
            if (d->sections[i].at == at)
                return bad(d, "cross-reference sections in a circle");
        }
        if (d->sections_n == PDF_MAX_REVISIONS)
            return bad(d, "too many revisions");
        if (d->sections_n == cap) {
            struct section *p = arena_array(&d->arena, struct section, cap * 2);
            memcpy(p, d->sections, cap * sizeof(*p));
            d->sections = p;
            cap *= 2;
        }
        struct section *s = &d->sections[d->sections_n];
        if (!read_section(d, at, s) || !prev_of(d, s, &more, &at))
            return false;
        d->sections_n++;
    }
    return true;
}

/* The first row for a number wins, newest section first. */
static bool merge(struct doc *d)
{
    uint64_t size = 1, declared = 0;
    for (size_t i = 0; i < d->sections_n; i++) {
        const struct section *s = &d->sections[i];
        for (size_t k = 0; k < s->rows_n; k++)
            size = s->rows[k].num >= size ? (uint64_t)s->rows[k].num + 1 : size;
        const struct obj *o = dict_get(s->trailer, "Size");
        if (o->kind == O_INT && o->integer > 0 && (uint64_t)o->integer > declared)
            declared = (uint64_t)o->integer;
    }
    /* An object takes at least a byte somewhere; without this a tiny file could ask for a huge table. */
    if (size > d->bytes.n + 1000 || declared > PDF_MAX_OBJECTS)
        return bad(d, "object numbers out of proportion to the file");
    size = declared > size && declared <= d->bytes.n + 1000 ? declared : size;
    d->table = arena_try(&d->arena, (size_t)size * sizeof(*d->table));
    d->cache = arena_try(&d->arena, (size_t)size * sizeof(const struct obj *));
    if (!d->table || !d->cache)
        return bad(d, "cross references need too much memory");
    d->size = (uint32_t)size;
    for (size_t i = 0; i < d->sections_n; i++) {
        const struct section *s = &d->sections[i];
        for (size_t k = 0; k < s->rows_n; k++) {
            if (d->table[s->rows[k].num].kind == X_ABSENT)
                d->table[s->rows[k].num] = s->rows[k].x;
        }
    }
    return true;
}

/* The last startxref of the bytes. */
static bool find_start(struct doc *d)
{
    static const struct sv word = SV_INIT("startxref");
    if (d->bytes.n < word.n)
        return bad(d, "no startxref");
    for (size_t i = d->bytes.n - word.n + 1; i-- > 0;) {
        if (d->bytes.p[i] != 's' || !sv_starts(sv_skip(d->bytes, i), word))
            continue;
        struct lexer x = {.a = &d->arena, .in = d->bytes, .at = i + word.n};
        while (x.at < x.in.n && pdf_is_blank(x.in.p[x.at]))
            x.at++;
        if (!lex_uint(&x, d->bytes.n, &d->startxref))
            return bad(d, "malformed startxref");
        d->startxref_at = i;
        while (x.at < x.in.n && pdf_is_blank(x.in.p[x.at]))
            x.at++;
        if (sv_starts(sv_skip(x.in, x.at), SV("%%EOF")))
            d->end = x.at + 5;
        return true;
    }
    return bad(d, "no startxref");
}

bool xref_load(struct doc *d)
{
    if (!find_start(d) || !read_chain(d) || !merge(d))
        return false;
    d->trailer = d->sections[0].trailer;
    d->encrypted = dict_get(d->trailer, "Encrypt")->kind != O_NULL;
    return true;
}

bool doc_open(struct doc *d, struct sv bytes)
{
    return doc_open_with(d, bytes, (struct sv){0});
}

bool doc_locked(const struct doc *d, struct err *e)
{
    if (d->lock == DOC_PASSWORD)
        return err_user(e, ERR_BAD_INPUT, "pdf_password", NULL, "encrypted; the password is missing or wrong");
    return err_user(e, ERR_UNSUPPORTED, "pdf_encrypted", NULL, "encrypted in a way that is not supported");
}

bool doc_open_with(struct doc *d, struct sv bytes, struct sv password)
{
    *d = (struct doc){.bytes = bytes};
    arena_init(&d->arena, PDF_DOC_MEMORY);
    d->work_limit = (uint64_t)bytes.n * 16 + (1 << 20);
    if (bytes.n > PDF_MAX_FILE)
        return bad(d, "larger than 2 GiB");
    size_t header = sv_find(sv_sub(bytes, 0, 1024), SV("%PDF-"));
    if (header == SIZE_MAX)
        return bad(d, "no %PDF header");
    d->header_at = header;
    if (!xref_load(d))
        return false;
    if (d->encrypted && !crypt_open(d, password))
        return false;
    if (d->lock)
        return true;
    const struct obj *root = doc_root(d);
    if (root->kind != O_DICT || dict_get(d->trailer, "Root")->kind != O_REF)
        return bad(d, "no catalog");
    if (!obj_is_dict(doc_get(d, root, "Pages")))
        return bad(d, "no page tree");
    return true;
}

void doc_close(struct doc *d)
{
    crypt_close(d);
    arena_done(&d->arena);
}
