/* The file as it came, in our strict reading: what the rewriting drops or merges is where shadow attacks are prepared
 * (objects twice, objects that nothing lists or uses, earlier revisions, removed signatures). */
#include <stdlib.h>
#include <string.h>

#include "pdf/intake_priv.h"

/* Where an object stands, from its number to behind endobj. */
struct body {
    uint64_t at, end;
    uint32_t num;
};

struct origin {
    struct intake *in;
    struct doc doc;
    struct body *bodies; /* of all revisions, and cross-reference sections (num 0), ascending */
    size_t n;
    bool linearised;
};

static struct intake_place place(uint32_t num)
{
    return (struct intake_place){.object = num, .in_original = true};
}

/* ---- bodies ---- */

static int by_offset(const void *p, const void *q)
{
    const struct body *x = p, *y = q;
    return x->at < y->at ? -1 : x->at > y->at;
}

static void was_signed(struct origin *g, uint32_t num, const char *where)
{
    struct intake *in = g->in;
    if (!in->counts[PDF_INTAKE_signed_already] && !in->counts[PDF_INTAKE_usage_rights])
        intake_found(in, PDF_INTAKE_signed_already, place(num), "%s", where);
}

/* Where nothing can be parsed, the word is enough: what was signed once must not become unsigned by damaging it. */
static void look_for_traces(struct origin *g, struct sv bytes, const char *where)
{
    if (sv_find(bytes, SV("/ByteRange")) != SIZE_MAX)
        was_signed(g, 0, where);
}

static void look_at_body(struct origin *g, const struct obj *o, uint32_t num)
{
    if (obj_is_dict(o) && dict_get(o, "Linearized")->kind != O_NULL)
        g->linearised = true;
    if (obj_is_dict(o) && dict_get(o, "ByteRange")->kind != O_NULL)
        was_signed(g, num, "signature dictionary in an earlier revision or unused object");
}

/* Rows without an object where they point (common in old sections) are left out. */
static bool find_bodies(struct origin *g)
{
    struct doc *d = &g->doc;
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < d->sections_n; i++)
        n += d->sections[i].rows_n + 2;
    g->bodies = arena_try(&d->arena, n * sizeof(*g->bodies));
    if (!g->bodies)
        return false;
    for (size_t i = 0; i < d->sections_n; i++) {
        const struct section *s = &d->sections[i];
        g->bodies[g->n++] = (struct body){s->at, s->end, 0};
        if (s->hybrid)
            g->bodies[g->n++] = (struct body){.at = s->hybrid_at};
        for (size_t k = 0; k < s->rows_n; k++) {
            if (s->rows[k].x.kind == X_PLAIN)
                g->bodies[g->n++] = (struct body){.at = s->rows[k].x.at};
        }
    }
    qsort(g->bodies, g->n, sizeof(*g->bodies), by_offset);
    for (size_t i = 0; i < g->n; i++) {
        struct body b = g->bodies[i];
        const struct obj *o;
        uint32_t gen;
        if (kept && g->bodies[kept - 1].at == b.at)
            continue;
        if (!b.end) {
            if (!doc_parse_at(d, b.at, &b.num, &gen, &o, &b.end))
                continue;
            look_at_body(g, o, b.num);
        }
        g->bodies[kept++] = b;
    }
    g->n = kept;
    return true;
}

/* ---- objects that no cross reference lists ---- */

/* "n g obj" that ends at the keyword. SIZE_MAX: it does not. */
static size_t object_start(struct sv in, size_t keyword)
{
    size_t i = keyword;
    for (int part = 0; part < 2; part++) {
        size_t blanks = i, digits;
        while (i > 0 && pdf_is_blank(in.p[i - 1]))
            i--;
        digits = i;
        while (i > 0 && in.p[i - 1] >= '0' && in.p[i - 1] <= '9')
            i--;
        if (blanks == digits || digits == i || digits - i > 10)
            return SIZE_MAX;
    }
    return i;
}

static bool no_end_between(struct sv in, uint64_t from, uint64_t to)
{
    return from <= to && sv_find(sv_sub(in, from, to - from), SV("%%EOF")) == SIZE_MAX;
}

/* Another object of this number stands in the same revision: no end of file lies between. */
static bool is_twice(const struct origin *g, uint32_t num, uint64_t at)
{
    const struct body *before = NULL, *behind = NULL;
    for (size_t i = 0; num && i < g->n; i++) {
        const struct body *b = &g->bodies[i];
        if (b->num == num && b->at < at)
            before = b;
        if (b->num == num && b->at > at && !behind)
            behind = b;
    }
    return (before && no_end_between(g->doc.bytes, before->end, at)) ||
           (behind && no_end_between(g->doc.bytes, at, behind->at));
}

static void unlisted(struct origin *g, size_t at, uint64_t *ret_end)
{
    struct intake *in = g->in;
    uint32_t num = 0, gen;
    const struct obj *o = &obj_null;
    size_t seen = in->counts[PDF_INTAKE_object_twice] + in->counts[PDF_INTAKE_object_unlisted];
    bool readable = doc_parse_at(&g->doc, at, &num, &gen, &o, ret_end);
    if (readable)
        look_at_body(g, o, num);
    bool twice = readable && seen < 30 && is_twice(g, num, at);
    intake_found(in, twice ? PDF_INTAKE_object_twice : PDF_INTAKE_object_unlisted, place(num), "at offset %zu%s", at,
                 readable ? "" : ", not readable");
}

static void scan_gap(struct origin *g, uint64_t from, uint64_t to)
{
    struct sv in = g->doc.bytes;
    look_for_traces(g, sv_sub(in, from, to - from), "/ByteRange outside of objects");
    while (from < to) {
        size_t found = sv_find(sv_sub(in, from, to - from), SV("obj"));
        if (found == SIZE_MAX)
            return;
        size_t keyword = from + found, start = object_start(in, keyword);
        uint64_t end = keyword + 3;
        if (start != SIZE_MAX && start >= from)
            unlisted(g, start, &end);
        from = end > keyword + 3 ? end : keyword + 3;
    }
}

static void scan_gaps(struct origin *g)
{
    uint64_t at = 0;
    for (size_t i = 0; i < g->n; i++) {
        if (g->bodies[i].at > at)
            scan_gap(g, at, g->bodies[i].at);
        at = g->bodies[i].end > at ? g->bodies[i].end : at;
    }
    scan_gap(g, at, g->doc.bytes.n);
}

/* One section that lists a number twice, at two places. */
static int by_number(const void *p, const void *q)
{
    const struct xref_row *x = p, *y = q;
    return x->num < y->num ? -1 : x->num > y->num;
}

static bool listed_twice(struct origin *g)
{
    for (size_t i = 0; i < g->doc.sections_n; i++) {
        const struct section *s = &g->doc.sections[i];
        if (s->hybrid || !s->rows_n)
            continue;
        struct xref_row *rows = arena_try(&g->doc.arena, s->rows_n * sizeof(*rows));
        if (!rows)
            return false;
        memcpy(rows, s->rows, s->rows_n * sizeof(*rows));
        qsort(rows, s->rows_n, sizeof(*rows), by_number);
        for (size_t k = 1; k < s->rows_n; k++) {
            if (rows[k].num == rows[k - 1].num && rows[k].x.kind == X_PLAIN && rows[k - 1].x.kind == X_PLAIN &&
                rows[k].x.at != rows[k - 1].x.at)
                intake_found(g->in, PDF_INTAKE_object_twice, place(rows[k].num), "listed twice");
        }
    }
    return true;
}

/* ---- objects in object streams ---- */

static int by_stream(const void *p, const void *q)
{
    const struct xref *x = p, *y = q;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static bool collect_packed(struct origin *g, struct xref **ret, size_t *ret_n)
{
    struct doc *d = &g->doc;
    size_t n = 0;
    for (size_t i = 0; i < d->sections_n; i++)
        n += d->sections[i].rows_n;
    *ret = arena_try(&d->arena, (n + 1) * sizeof(**ret));
    *ret_n = 0;
    for (size_t i = 0; *ret && i < d->sections_n; i++) {
        for (size_t k = 0; k < d->sections[i].rows_n; k++) {
            if (d->sections[i].rows[k].x.kind == X_PACKED)
                (*ret)[(*ret_n)++] = d->sections[i].rows[k].x;
        }
    }
    if (*ret)
        qsort(*ret, *ret_n, sizeof(**ret), by_stream);
    return *ret != NULL;
}

/* Places of an object stream that no section points to: a second version, waiting for an update of cross references. */
static void look_at_object_stream(struct origin *g, uint32_t num, const struct obj *o, const struct xref *rows,
                                  size_t n)
{
    CLEANUP(arena_done) struct arena scratch;
    struct sv data;
    int64_t count = dict_get(o, "N")->kind == O_INT ? dict_get(o, "N")->integer : 0;
    arena_init(&scratch, INTAKE_SCRATCH);
    if (!intake_decode(&g->doc, o, &scratch, &g->in->budget, &data))
        return;
    look_for_traces(g, data, "/ByteRange in an object stream");
    struct lexer x = {.a = &scratch, .in = data};
    for (int64_t i = 0; i < count; i++) {
        uint64_t inner, offset;
        if (!lex_uint(&x, PDF_MAX_OBJECTS, &inner) || !lex_uint(&x, data.n, &offset))
            return;
        struct xref key = {.at = num, .index = (uint32_t)i};
        if (!bsearch(&key, rows, n, sizeof(*rows), by_stream))
            intake_found(g->in, PDF_INTAKE_object_unlisted, place((uint32_t)inner), "in object stream %u", num);
    }
}

static bool look_into_object_streams(struct origin *g)
{
    struct xref *rows;
    size_t n;
    if (!collect_packed(g, &rows, &n))
        return false;
    for (uint32_t num = 1; num < g->doc.size; num++) {
        struct xref x = doc_xref(&g->doc, num);
        const struct obj *o = x.kind == X_PLAIN ? doc_object(&g->doc, num, x.gen) : &obj_null;
        if (o->kind == O_STREAM && obj_is_name(dict_get(o, "Type"), "ObjStm"))
            look_at_object_stream(g, num, o, rows, n);
    }
    return true;
}

/* ---- what nothing uses ---- */

struct reaching {
    struct intake_set seen;
    uint32_t *queue;
    size_t n;
};

static void reach(void *context, const struct obj *ref, struct sv key)
{
    struct reaching *r = context;
    (void)key;
    if (intake_set_add(&r->seen, ref->ref.num))
        r->queue[r->n++] = ref->ref.num;
}

static const struct obj *current(struct doc *d, uint32_t num)
{
    return doc_object(d, num, doc_xref(d, num).gen);
}

static bool is_bookkeeping(struct origin *g, const struct obj *o)
{
    if (obj_is_name(dict_get(o, "Type"), "XRef") || obj_is_name(dict_get(o, "Type"), "ObjStm"))
        return true;
    /* the linearisation dictionary and its hints, which are found by offset (ISO 32000-2 annex F) */
    return dict_get(o, "Linearized")->kind != O_NULL ||
           (g->linearised && o->kind == O_STREAM && dict_get(o, "S")->kind == O_INT);
}

static bool find_unused(struct origin *g)
{
    struct doc *d = &g->doc;
    struct reaching r = {0};
    size_t others = 0;
    uint32_t first = 0;
    r.queue = arena_try(&d->arena, ((size_t)d->size + 1) * sizeof(*r.queue));
    if (!r.queue || !intake_set_init(d, &r.seen) || !intake_each_ref(d, d->trailer, reach, &r))
        return false;
    for (size_t i = 0; i < r.n; i++) {
        if (!intake_each_ref(d, current(d, r.queue[i]), reach, &r))
            return false;
    }
    for (uint32_t num = 1; num < d->size; num++) {
        const struct obj *o = intake_set_has(&r.seen, num) ? &obj_null : current(d, num);
        if (o->kind == O_NULL || is_bookkeeping(g, o))
            continue;
        look_at_body(g, o, num);
        if (obj_is_name(dict_get(o, "Type"), "Page")) {
            intake_found(g->in, PDF_INTAKE_unused_page, place(num), NULL);
        } else if (intake_looks_like_content(d, o, &g->in->budget)) {
            intake_found(g->in, PDF_INTAKE_unused_content, place(num), NULL);
        } else {
            others++;
            first = first ? first : num;
        }
    }
    if (others)
        intake_found(g->in, PDF_INTAKE_unused_objects, place(first), "%zu", others);
    return true;
}

/* ---- the whole ---- */

static void look_at_ends(struct origin *g)
{
    struct doc *d = &g->doc;
    uint64_t end = d->end;
    if (d->header_at)
        intake_found(g->in, PDF_INTAKE_trailing_bytes, place(0), "%llu bytes before the header",
                     (unsigned long long)d->header_at);
    if (!end)
        return;
    while (end < d->bytes.n && pdf_is_blank(d->bytes.p[end]))
        end++;
    if (end < d->bytes.n)
        intake_found(g->in, PDF_INTAKE_trailing_bytes, place(0), "%llu bytes behind the end",
                     (unsigned long long)(d->bytes.n - end));
}

static bool examine(struct origin *g, unsigned *ret_revisions)
{
    struct doc *d = &g->doc;
    for (size_t i = 0; i < d->sections_n; i++) {
        if (!section_rows(d, &d->sections[i]))
            return false;
    }
    if (!find_bodies(g))
        return false;
    scan_gaps(g);
    look_at_ends(g);
    if (!listed_twice(g) || !look_into_object_streams(g) || !find_unused(g))
        return false;
    *ret_revisions = (unsigned)(d->sections_n - (g->linearised && d->sections_n > 1));
    if (*ret_revisions > 1)
        intake_found(g->in, PDF_INTAKE_revisions, place(0), "%u revisions", *ret_revisions);
    return intake_compare(g->in, d);
}

static void origin_done(struct origin *g)
{
    doc_close(&g->doc);
}

bool intake_origin(struct intake *in, struct sv bytes, struct sv warning, unsigned *ret_revisions)
{
    CLEANUP(origin_done) struct origin g = {.in = in};
    struct doc *d = &g.doc;
    bool opened = doc_open(d, bytes);
    *ret_revisions = 0;
    if (opened) {
        d->arena.limit = INTAKE_MEMORY + bytes.n / 2;
        if (!examine(&g, ret_revisions))
            intake_found(in, PDF_INTAKE_not_examined, place(0), "the file as it came: too large");
    } else {
        look_for_traces(&g, bytes, "/ByteRange in a damaged file");
    }
    const char *said = d->repair ? d->repair : d->problem ? d->problem : "";
    if (!opened || *said || warning.n)
        intake_found(in, PDF_INTAKE_repaired, place(d->problem_object), "%s%s%.*s", said,
                     *said && warning.n ? "; " : "", SV_ARG(warning));
    return true;
}
