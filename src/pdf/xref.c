/* The chain of cross-reference sections: tables, streams, hybrids (ISO 32000-2 7.5.4, 7.5.8), and opening a document by
 * it. Loops end the reading. */
#include <string.h>

#include "pdf/crypt_priv.h"

#define NEAR     32   /* how many bytes an offset may miss its section by */
#define LEADING  1024 /* how many blanks and comments may stand before it */
#define MAX_ROWS ((uint64_t)PDF_MAX_OBJECTS * 8)

static bool bad(struct doc *d, const char *what)
{
    if (!d->problem)
        d->problem = what;
    return false;
}

void doc_repaired(struct doc *d, const char *what)
{
    d->repaired = true;
    if (!d->repair)
        d->repair = what;
}

/* ---- where a section begins ---- */

enum place { NOTHING, TABLE, STREAM };

/* What stands at an offset, blanks and comments apart; *at moves to it. */
static enum place look(const struct doc *d, uint64_t *at)
{
    if (*at >= d->bytes.n)
        return NOTHING;
    struct lexer x = {.in = sv_sub(d->bytes, 0, *at + LEADING), .at = *at};
    lex_skip(&x);
    *at = x.at;
    uint64_t num, gen;
    char before = x.at ? x.in.p[x.at - 1] : '\n';
    if (lex_word(&x, SV("xref"))) /* not the end of startxref */
        return before == 't' ? NOTHING : TABLE;
    if (before >= '0' && before <= '9') /* not the end of a number */
        return NOTHING;
    bool object = lex_uint(&x, PDF_MAX_OBJECTS, &num) && lex_uint(&x, 65535, &gen) && lex_word(&x, SV("obj"));
    return object ? STREAM : NOTHING;
}

bool doc_leads_to(const struct doc *d, uint64_t value, uint64_t at)
{
    value += d->base;
    return value <= at && look(d, &value) != NOTHING && value == at;
}

/* Sections of one sort that begin a line within a few bytes. */
static size_t count_near(const struct doc *d, uint64_t at, enum place sort, uint64_t *ret)
{
    size_t found = 0;
    for (uint64_t i = at > NEAR ? at - NEAR : 1; i < at + NEAR && i < d->bytes.n; i++) {
        uint64_t here = i;
        char before = d->bytes.p[i - 1];
        if ((before == '\n' || before == '\r') && look(d, &here) == sort && here == i) {
            *ret = i;
            found++;
        }
    }
    return found;
}

/* Where an offset leads, or the only place nearby that it can mean. */
static enum place locate(struct doc *d, uint64_t *at)
{
    uint64_t meant = *at;
    enum place what = look(d, at);
    if (what != NOTHING || meant >= d->bytes.n)
        return what;
    size_t tables = count_near(d, meant, TABLE, at);
    what = tables ? TABLE : STREAM;
    if (tables > 1 || (!tables && count_near(d, meant, STREAM, at) != 1))
        return NOTHING;
    doc_repaired(d, "a cross-reference offset misses its section by a few bytes");
    return what;
}

/* ---- one section ---- */

struct limits {
    uint64_t size; /* largest number + 1 */
    uint64_t rows;
};

static bool note_row(void *ctx, const struct xref_row *row)
{
    struct limits *l = ctx;
    if (row->num >= l->size)
        l->size = (uint64_t)row->num + 1;
    return ++l->rows <= MAX_ROWS;
}

static bool read_stream(struct doc *d, uint64_t at, struct section *s, const struct obj **ret, uint64_t *ret_end)
{
    if (!doc_stream_at(d, at, &s->stream_num, ret, ret_end) || !obj_is_name(dict_get(*ret, "Type"), "XRef"))
        return bad(d, "no cross-reference section where one should be");
    return doc_stream(d, *ret, &s->data) || bad(d, "malformed cross-reference stream");
}

/* 7.5.8.4: a table with a stream beside it, for readers that know streams. */
static bool read_hybrid(struct doc *d, struct section *s)
{
    const struct obj *o = dict_get(s->trailer, "XRefStm");
    uint64_t end;
    if (o->kind == O_NULL)
        return true;
    if (o->kind != O_INT || o->integer <= 0 || (uint64_t)o->integer >= d->bytes.n)
        return bad(d, "malformed /XRefStm");
    s->hybrid = true;
    s->hybrid_at = (uint64_t)o->integer + d->base;
    return read_stream(d, s->hybrid_at, s, &s->inner, &end);
}

static bool read_table(struct doc *d, struct section *s, struct limits *l)
{
    s->rows_at = s->at + 4;
    if (!section_each(d, s, note_row, l))
        return false;
    struct lexer x = {.a = &d->arena, .in = d->bytes, .at = s->rows_end};
    s->trailer = lex_object(&x);
    s->end = x.at;
    if (!s->trailer || s->trailer->kind != O_DICT)
        return bad(d, "malformed trailer");
    return read_hybrid(d, s) && (!s->hybrid || section_each(d, s, note_row, l));
}

static bool read_section(struct doc *d, uint64_t at, struct section *s, struct limits *l)
{
    *s = (struct section){.at = at};
    if (at >= d->bytes.n)
        return bad(d, "cross-reference offset outside the file");
    if (locate(d, &s->at) == TABLE)
        return read_table(d, s, l);
    s->is_stream = true;
    return read_stream(d, s->at, s, &s->trailer, &s->end) && section_each(d, s, note_row, l);
}

/* ---- the chain ---- */

/* /Prev 0, which some writers put into the first section, is no offset. */
static bool prev_of(struct doc *d, const struct section *s, bool *ret_more, uint64_t *ret_at)
{
    const struct obj *prev = dict_get(s->trailer, "Prev");
    double real = 0;
    *ret_more = false;
    if (prev->kind == O_NULL)
        return true;
    if (!obj_number(prev, &real) || real < 0 || real >= (double)d->bytes.n)
        return bad(d, "malformed /Prev");
    *ret_more = real > 0;
    *ret_at = (uint64_t)real + d->base;
    return true;
}

static bool read_chain(struct doc *d, struct limits *l)
{
    size_t cap = 8;
    d->sections = arena_array(&d->arena, struct section, cap);
    uint64_t at = d->startxref;
    for (bool more = true; more;) {
        if (d->sections_n == PDF_MAX_REVISIONS)
            return bad(d, "too many revisions");
        if (d->sections_n == cap) {
            struct section *p = arena_array(&d->arena, struct section, cap * 2);
            memcpy(p, d->sections, cap * sizeof(*p));
            d->sections = p;
            cap *= 2;
        }
        struct section *s = &d->sections[d->sections_n];
        if (!read_section(d, at, s, l))
            return false;
        for (size_t i = 0; i < d->sections_n; i++) {
            if (d->sections[i].at == s->at)
                return bad(d, "cross-reference sections in a circle");
        }
        if (!prev_of(d, s, &more, &at))
            return false;
        d->sections_n++;
    }
    d->startxref = d->sections[0].at;
    return true;
}

static bool merge_row(void *ctx, const struct xref_row *row)
{
    struct doc *d = ctx;
    if (d->table[row->num].kind == X_ABSENT)
        d->table[row->num] = row->x;
    return true;
}

static uint64_t size_of(const struct obj *dict)
{
    const struct obj *o = dict_get(dict, "Size");
    return o->kind == O_INT && o->integer > 0 ? (uint64_t)o->integer : 0;
}

/* The largest /Size of all sections. */
static uint64_t declared_size(const struct doc *d)
{
    uint64_t most = 0;
    for (size_t i = 0; i < d->sections_n; i++) {
        const struct section *s = &d->sections[i];
        uint64_t outer = size_of(s->trailer), inner = s->hybrid ? size_of(s->inner) : 0;
        most = outer > most ? outer : most;
        most = inner > most ? inner : most;
    }
    return most;
}

/* An object takes at least a byte somewhere; without this a tiny file could ask for a huge table. A /Size that is too
 * small (poppler's pdfunite writes it) hides nothing from any reader, so it says nothing. */
static bool choose_size(struct doc *d, uint64_t used)
{
    uint64_t most = d->bytes.n + 1000, declared = declared_size(d);
    if (used > most || used > PDF_MAX_OBJECTS)
        return bad(d, "object numbers out of proportion to the file");
    if (declared > most || declared > PDF_MAX_OBJECTS) {
        doc_repaired(d, "/Size is out of proportion to the file");
        declared = used;
    }
    d->size = (uint32_t)(declared > used ? declared : used);
    return true;
}

/* The first row for a number wins, newest section first. */
static bool merge(struct doc *d, uint64_t used)
{
    if (!choose_size(d, used))
        return false;
    d->table = arena_try(&d->arena, (size_t)d->size * sizeof(*d->table));
    d->cache = arena_try(&d->arena, (size_t)d->size * sizeof(const struct obj *));
    if (!d->table || !d->cache)
        return bad(d, "cross references need too much memory");
    for (size_t i = 0; i < d->sections_n; i++) {
        if (!section_each(d, &d->sections[i], merge_row, d))
            return false;
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
        d->startxref_value = d->startxref;
        d->startxref_at = i;
        while (x.at < x.in.n && pdf_is_blank(x.in.p[x.at]))
            x.at++;
        if (sv_starts(sv_skip(x.in, x.at), SV("%%EOF")))
            d->end = x.at + 5;
        return true;
    }
    return bad(d, "no startxref");
}

/* With bytes before the header, offsets count from the start of the file or, as much software has it, from the header:
 * whichever leads to cross references. A file that can be read both ways is none. */
static bool choose_base(struct doc *d)
{
    uint64_t from_start = d->startxref, from_header = d->startxref + d->header_at;
    if (!d->header_at)
        return true;
    doc_repaired(d, "bytes before the header");
    bool start = look(d, &from_start) != NOTHING, header = look(d, &from_header) != NOTHING;
    if (start && header && from_start != from_header)
        return bad(d, "bytes before the header, and cross references in two places");
    if (!start && header) {
        d->base = d->header_at;
        d->startxref += d->base;
    }
    return true;
}

bool xref_load(struct doc *d)
{
    struct limits l = {.size = 1};
    if (!find_start(d) || !choose_base(d) || !read_chain(d, &l) || !merge(d, l.size))
        return bad(d, "too many cross references"); /* or what was said before */
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

static void doc_begin(struct doc *d, struct sv bytes)
{
    *d = (struct doc){.bytes = bytes};
    size_t memory = PDF_DOC_MEMORY_MOST;
    if (bytes.n < (PDF_DOC_MEMORY_MOST - PDF_DOC_MEMORY_LEAST) / PDF_DOC_MEMORY_PER_BYTE)
        memory = PDF_DOC_MEMORY_LEAST + bytes.n * PDF_DOC_MEMORY_PER_BYTE;
    arena_init(&d->arena, memory);
    d->work_limit = (uint64_t)bytes.n * 16 + (1 << 20);
}

static bool has_pages(struct doc *d)
{
    const struct obj *root = doc_root(d);
    if (root->kind != O_DICT || dict_get(d->trailer, "Root")->kind != O_REF)
        return bad(d, "no catalog");
    return obj_is_dict(doc_get(d, root, "Pages")) || bad(d, "no page tree");
}

bool doc_open_with(struct doc *d, struct sv bytes, struct sv password)
{
    doc_begin(d, bytes);
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
    return d->lock || has_pages(d);
}

/* ---- a revision behind one that is open ---- */

static bool forget_row(void *ctx, const struct xref_row *row)
{
    struct doc *d = ctx;
    d->table[row->num] = (struct xref){0};
    return true;
}

/* The older revision's view, and over it what the new section says. */
static bool merge_onto(struct doc *d, const struct doc *old, uint64_t used)
{
    if (!choose_size(d, used) || d->size < old->size)
        return false;
    d->table = arena_try(&d->arena, (size_t)d->size * sizeof(*d->table));
    d->cache = arena_try(&d->arena, (size_t)d->size * sizeof(const struct obj *));
    if (!d->table || !d->cache)
        return bad(d, "cross references need too much memory");
    memcpy(d->table, old->table, (size_t)old->size * sizeof(*d->table));
    return section_each(d, &d->sections[0], forget_row, d) && section_each(d, &d->sections[0], merge_row, d);
}

bool doc_open_next(struct doc *d, const struct doc *old, struct sv bytes)
{
    struct limits l = {old->size};
    uint64_t prev;
    bool more;
    doc_begin(d, bytes);
    if (old->encrypted || old->header_at || old->sections_n == PDF_MAX_REVISIONS || !find_start(d))
        return false;
    d->repaired = old->repaired;
    d->repair = old->repair;
    d->sections = arena_try(&d->arena, (old->sections_n + 1) * sizeof(*d->sections));
    if (!d->sections || !read_section(d, d->startxref, &d->sections[0], &l) ||
        !prev_of(d, &d->sections[0], &more, &prev) || !more || !doc_leads_to(d, prev, old->sections[0].at))
        return false;
    memcpy(&d->sections[1], old->sections, old->sections_n * sizeof(*d->sections));
    d->sections_n = old->sections_n + 1;
    d->startxref = d->sections[0].at;
    d->trailer = d->sections[0].trailer;
    return dict_get(d->trailer, "Encrypt")->kind == O_NULL && merge_onto(d, old, l.size) && has_pages(d);
}

void doc_close(struct doc *d)
{
    crypt_close(d);
    arena_done(&d->arena);
}
