/* Objects of a document on demand: in the body, in object streams, with stream data; see doc_priv.h. */
#include <string.h>

#include "pdf/crypt_priv.h"

#define MAX_LOADING 16
#define MAX_PACKED  (1u << 20)

struct packed {
    struct packed *next;
    uint32_t num;
    bool ok;
    struct sv data;
    uint32_t *nums;
    uint64_t *offsets;
    size_t n;
};

static void problem(struct doc *d, uint32_t num, const char *what)
{
    if (!d->problem) {
        d->problem = what;
        d->problem_object = num;
    }
}

struct xref doc_xref(const struct doc *d, uint32_t num)
{
    return num < d->size ? d->table[num] : (struct xref){0};
}

/* Counts bytes looked at; false once it is far more than reading each object a few times. */
static bool spend(struct doc *d, uint64_t bytes)
{
    d->work += bytes;
    return d->work <= d->work_limit;
}

/* ---- streams ---- */

/* /Length as a number: direct, or an indirect integer. */
static bool stream_length(struct doc *d, const struct obj *dict, uint64_t *ret)
{
    const struct obj *length = doc_get(d, dict, "Length");
    if (length->kind != O_INT || length->integer < 0)
        return false;
    *ret = (uint64_t)length->integer;
    return true;
}

/* Behind "stream" stands CRLF or LF (7.3.8.1). Blanks before it, and CR alone, are slips with one meaning as long as
 * /Length agrees. */
static bool stream_start(struct lexer *x, bool *ret_regular)
{
    size_t from = x->at;
    while (x->at < x->in.n && (x->in.p[x->at] == ' ' || x->in.p[x->at] == '\t'))
        x->at++;
    *ret_regular = x->at == from;
    if (x->at < x->in.n && x->in.p[x->at] == '\r') {
        x->at++;
        if (x->at == x->in.n || x->in.p[x->at] != '\n') {
            *ret_regular = false;
            return true;
        }
    }
    if (x->at < x->in.n && x->in.p[x->at] == '\n') {
        x->at++;
        return true;
    }
    return false;
}

static bool endstream_at(struct lexer *x, uint64_t at)
{
    if (at > x->in.n)
        return false;
    struct lexer look = *x;
    look.at = at;
    while (look.at < look.in.n && pdf_is_blank(look.in.p[look.at]) && look.at < at + 3)
        look.at++;
    if (!sv_starts(sv_skip(look.in, look.at), SV("endstream")))
        return false;
    x->at = look.at + 9;
    return true;
}

static bool stream_data(struct doc *d, struct lexer *x, struct obj *o, uint32_t num)
{
    bool regular;
    if (!stream_start(x, &regular)) {
        problem(d, num, "no end of line behind the word stream");
        return false;
    }
    size_t from = x->at;
    uint64_t length = 0;
    if (stream_length(d, o, &length) && length <= x->in.n - from && endstream_at(x, from + length)) {
        o->data = sv_sub(x->in, from, length);
        if (!regular)
            doc_repaired(d, "no proper end of line behind the word stream");
    } else if (!regular) {
        problem(d, num, "no end of line behind the word stream");
        return false;
    } else {
        size_t found = sv_find(sv_skip(x->in, from), SV("endstream"));
        if (!spend(d, found == SIZE_MAX ? x->in.n - from : found)) {
            problem(d, num, "too much work");
            return false;
        }
        if (found == SIZE_MAX) {
            problem(d, num, "stream without end");
            return false;
        }
        doc_repaired(d, "a wrong stream length");
        o->data = sv_sub(x->in, from, found);
        x->at = from + found + 9;
    }
    o->kind = O_STREAM;
    return true;
}

/* Some writers forget endobj: what follows must then be the next object or the end of all objects. */
static bool ends_without_word(struct doc *d, const struct lexer *x)
{
    static const struct sv words[] = {SV_INIT("xref"), SV_INIT("trailer"), SV_INIT("startxref")};
    struct lexer look = *x;
    uint64_t num, gen;
    bool ends = lex_uint(&look, PDF_MAX_OBJECTS, &num) && lex_uint(&look, 65535, &gen) && lex_word(&look, SV("obj"));
    for (size_t i = 0; i < COUNT(words) && !ends; i++) {
        look = *x;
        ends = lex_word(&look, words[i]);
    }
    if (ends)
        doc_repaired(d, "an object without endobj");
    return ends;
}

bool doc_parse_at(struct doc *d, uint64_t at, uint32_t *ret_num, uint32_t *ret_gen, const struct obj **ret,
                  uint64_t *ret_end)
{
    if (at >= d->bytes.n || !spend(d, 0))
        return false;
    struct lexer x = {.a = &d->arena, .in = d->bytes, .at = at};
    uint64_t num = 0, gen = 0;
    bool head = lex_uint(&x, PDF_MAX_OBJECTS, &num) && lex_uint(&x, 65535, &gen) && lex_word(&x, SV("obj"));
    struct obj *o = head ? lex_object(&x) : NULL;
    (void)spend(d, x.at - at);
    if (!head)
        return false;
    *ret_num = (uint32_t)num;
    *ret_gen = (uint32_t)gen;
    if (!o) {
        problem(d, *ret_num, x.problem);
        return false;
    }
    if (o->kind == O_DICT) {
        lex_skip(&x);
        if (sv_starts(sv_skip(x.in, x.at), SV("stream"))) {
            x.at += 6;
            if (!stream_data(d, &x, o, *ret_num))
                return false;
        }
    }
    if (!lex_word(&x, SV("endobj")) && !ends_without_word(d, &x)) {
        problem(d, *ret_num, "object without endobj");
        return false;
    }
    crypt_object(d, o, *ret_num, *ret_gen);
    *ret = o;
    *ret_end = x.at;
    return true;
}

bool doc_stream_at(struct doc *d, uint64_t at, uint32_t *ret_num, const struct obj **ret, uint64_t *ret_end)
{
    uint32_t gen;
    return doc_parse_at(d, at, ret_num, &gen, ret, ret_end) && (*ret)->kind == O_STREAM;
}

static int64_t int_or(struct doc *d, const struct obj *dict, const char *key, int64_t otherwise)
{
    const struct obj *o = doc_get(d, dict, key);
    return o->kind == O_INT ? o->integer : otherwise;
}

#define MAX_FILTERS 8

/* The n-th filter and its parameters; obj_null behind the last. */
static const struct obj *filter_of(struct doc *d, const struct obj *stream, size_t n, const struct obj **ret_parms)
{
    const struct obj *filter = doc_get(d, stream, "Filter"), *parms = doc_get(d, stream, "DecodeParms");
    if (filter->kind != O_ARRAY) {
        *ret_parms = parms->kind == O_ARRAY && parms->array.n ? doc_value(d, parms->array.items[0]) : parms;
        return n ? &obj_null : filter;
    }
    bool many = parms->kind == O_ARRAY;
    *ret_parms = !many ? (n ? &obj_null : parms) : n < parms->array.n ? doc_value(d, parms->array.items[n]) : &obj_null;
    return n < filter->array.n ? doc_value(d, filter->array.items[n]) : &obj_null;
}

/* How much a filter may give: what deflate can reach, what the document has left of memory and of all it may inflate.
 */
static size_t decode_limit(const struct doc *d, struct sv in)
{
    size_t limit = in.n > PDF_MAX_DECODED / 1100 ? PDF_MAX_DECODED : in.n * 1100 + 1024;
    size_t left = d->arena.limit - d->arena.used;
    limit = limit < left ? limit : left;
    return limit < PDF_MAX_DECODED - d->inflated ? limit : PDF_MAX_DECODED - d->inflated;
}

static bool decode_one(struct doc *d, const struct obj *filter, const struct obj *parms, struct sv in, struct sv *ret)
{
    size_t limit = decode_limit(d, in);
    struct sv plain;
    bool flate = obj_is_name(filter, "FlateDecode") || obj_is_name(filter, "Fl");
    bool fine = flate ? flate_decode(&d->arena, in, limit, &plain)
                      : text_decode(&d->arena, filter, int_or(d, parms, "EarlyChange", 1), in, limit, &plain);
    d->inflated += fine ? plain.n : limit;
    if (!fine)
        return false;
    struct predictor p = {int_or(d, parms, "Predictor", 1), int_or(d, parms, "Colors", 1),
                          int_or(d, parms, "BitsPerComponent", 8), int_or(d, parms, "Columns", 1)};
    return predictor_undo(&d->arena, &p, plain, ret);
}

bool doc_stream(struct doc *d, const struct obj *stream, struct sv *ret)
{
    if (stream->kind != O_STREAM)
        return false;
    const struct obj *parms, *filter = filter_of(d, stream, 0, &parms);
    bool named = obj_is_name(filter, "Crypt");
    struct sv data;
    if (!crypt_stream(d, stream, named ? doc_get(d, parms, "Name") : NULL, &data))
        return false;
    for (size_t i = named ? 1 : 0; i < MAX_FILTERS; i++) {
        filter = filter_of(d, stream, i, &parms);
        if (filter->kind == O_NULL) {
            *ret = data;
            return true;
        }
        if (filter->kind != O_NAME || !decode_one(d, filter, parms, data, &data))
            return false;
    }
    return false;
}

/* ---- object streams (7.5.7) ---- */

static bool packed_read(struct doc *d, struct packed *p, const struct obj *stream)
{
    int64_t n = int_or(d, stream, "N", -1), first = int_or(d, stream, "First", -1);
    if (!obj_is_name(doc_get(d, stream, "Type"), "ObjStm") || n < 0 || n > MAX_PACKED || first < 0)
        return false;
    if (!doc_stream(d, stream, &p->data) || (uint64_t)first > p->data.n || (uint64_t)n > p->data.n)
        return false;
    p->nums = arena_try(&d->arena, ((size_t)n + 1) * sizeof(*p->nums));
    p->offsets = arena_try(&d->arena, ((size_t)n + 1) * sizeof(*p->offsets));
    if (!p->nums || !p->offsets)
        return false;
    struct lexer x = {.a = &d->arena, .in = sv_sub(p->data, 0, (size_t)first)};
    for (int64_t i = 0; i < n; i++) {
        uint64_t num, offset;
        if (!lex_uint(&x, PDF_MAX_OBJECTS, &num) || !lex_uint(&x, p->data.n - (uint64_t)first, &offset))
            return false;
        p->nums[i] = (uint32_t)num;
        p->offsets[i] = offset + (uint64_t)first;
    }
    p->n = (size_t)n;
    return true;
}

static struct packed *packed_get(struct doc *d, uint32_t num)
{
    for (struct packed *p = d->packed; p; p = p->next) {
        if (p->num == num)
            return p;
    }
    struct xref x = doc_xref(d, num);
    if (x.kind != X_PLAIN)
        return NULL;
    struct packed *p = arena_try(&d->arena, sizeof(*p));
    if (!p)
        return NULL;
    p->num = num;
    const struct obj *stream = doc_object(d, num, 0);
    p->ok = stream->kind == O_STREAM && packed_read(d, p, stream);
    d->work_limit += (uint64_t)p->data.n * 16;
    p->next = d->packed;
    d->packed = p;
    return p;
}

static const struct obj *load_packed(struct doc *d, uint32_t num, const struct xref *x)
{
    struct packed *p = packed_get(d, (uint32_t)x->at);
    if (!p || !p->ok || x->index >= p->n || p->nums[x->index] != num) {
        problem(d, num, "not where its object stream should have it");
        return &obj_null;
    }
    struct lexer lex = {.a = &d->arena, .in = p->data, .at = p->offsets[x->index]};
    const struct obj *o = spend(d, 0) ? lex_object(&lex) : NULL;
    (void)spend(d, lex.at - p->offsets[x->index]);
    if (!o) {
        problem(d, num, lex.problem ? lex.problem : "too much work");
        return &obj_null;
    }
    return o;
}

static const struct obj *load_plain(struct doc *d, uint32_t num, const struct xref *x)
{
    uint32_t found_num, found_gen;
    const struct obj *o;
    uint64_t end;
    if (!doc_parse_at(d, x->at, &found_num, &found_gen, &o, &end)) {
        problem(d, num, "cannot be read where the cross references say it is");
        return &obj_null;
    }
    if (found_num != num || found_gen != x->gen) {
        problem(d, num, "another object is where the cross references say it is");
        return &obj_null;
    }
    return o;
}

const struct obj *doc_object(struct doc *d, uint32_t num, uint32_t gen)
{
    struct xref x = doc_xref(d, num);
    if ((x.kind != X_PLAIN && x.kind != X_PACKED) || x.gen != gen)
        return &obj_null;
    if (d->cache[num])
        return d->cache[num];
    if (d->loading >= MAX_LOADING)
        return &obj_null;
    d->loading++;
    const struct obj *o = x.kind == X_PLAIN ? load_plain(d, num, &x) : load_packed(d, num, &x);
    d->loading--;
    d->cache[num] = o;
    return o;
}

const struct obj *doc_value(struct doc *d, const struct obj *o)
{
    for (int hops = 0; o->kind == O_REF && hops < 32; hops++)
        o = doc_object(d, o->ref.num, o->ref.gen);
    return o->kind == O_REF ? &obj_null : o;
}

const struct obj *doc_get(struct doc *d, const struct obj *dict, const char *key)
{
    return doc_value(d, dict_get(dict, key));
}

const struct obj *doc_root(struct doc *d)
{
    return doc_get(d, d->trailer, "Root");
}
