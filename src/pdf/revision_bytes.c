/* The bytes of one update: exactly objects, one cross-reference section, startxref and %%EOF. Whatever else stands
 * there could be shown by a reader that repairs files, or be switched on by a later cross reference (ISO
 * 32000-2 7.5.6). */
#include <stdlib.h>
#include <string.h>

#include "pdf/verify_priv.h"

/* Comments that some programs leave between objects. Nothing that a repairing reader could take for an object, the end
 * of a revision, or another document. */
static bool plain_comment(struct sv line)
{
    static const struct sv words[] = {SV_INIT("obj"),     SV_INIT("xref"), SV_INIT("stream"),
                                      SV_INIT("trailer"), SV_INIT("%PDF"), SV_INIT("%%EOF")};
    for (size_t i = 0; i < COUNT(words); i++) {
        if (sv_find(line, words[i]) != SIZE_MAX)
            return false;
    }
    return line.n <= 500;
}

/* Behind blanks and plain comments; where it stops for another reason, something else stands there. */
static uint64_t skip_between(struct sv in, uint64_t at, uint64_t limit)
{
    while (at < limit) {
        if (pdf_is_blank(in.p[at])) {
            at++;
            continue;
        }
        uint64_t end = at;
        while (end < limit && in.p[end] != '\n' && in.p[end] != '\r')
            end++;
        if (in.p[at] != '%' || !plain_comment(sv_sub(in, at, end - at)))
            break;
        at = end;
    }
    return at;
}

/* Some programs end a revision twice before they go on. */
static uint64_t skip_ends(struct sv in, uint64_t at, uint64_t limit)
{
    for (;;) {
        while (at < limit && pdf_is_blank(in.p[at]))
            at++;
        if (at + 5 >= limit || !sv_starts(sv_skip(in, at), SV("%%EOF")) || !pdf_is_blank(in.p[at + 5]))
            return at;
        at += 5;
    }
}

static const char *match_object(const struct xref_row *r, uint64_t at, uint32_t num, uint32_t gen)
{
    if (r->x.at != at)
        return "an object that no cross reference lists";
    if (r->num != num || r->x.gen != gen)
        return "a cross reference names another object than the one that stands there";
    return NULL;
}

/* A row with its place in the section: the first one for a number counts. */
struct own_row {
    struct xref_row row;
    size_t place;
};

static int by_number(const void *p, const void *q)
{
    const struct own_row *x = p, *y = q;
    if (x->row.num != y->row.num)
        return x->row.num < y->row.num ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static int by_place(const void *p, const void *q)
{
    const struct xref_row *x = p, *y = q;
    return x->x.at < y->x.at ? -1 : x->x.at > y->x.at;
}

static bool same_entry(struct xref x, struct xref y)
{
    return x.kind == y.kind && x.at == y.at && x.gen == y.gen && x.index == y.index;
}

static bool same_as_before(const struct doc *old, const struct xref_row *r)
{
    struct xref x = doc_xref(old, r->num);
    return r->x.kind == X_FREE ? x.kind <= X_FREE : same_entry(x, r->x);
}

/* NULL, or what is wrong with a row that says something new. */
static const char *check_row(const struct doc *now, const struct doc *old, const struct xref_row *r)
{
    if (r->x.kind != X_PACKED)
        return NULL; /* freed objects are reported with the differences */
    struct xref stream = doc_xref(now, (uint32_t)r->x.at), before = doc_xref(old, (uint32_t)r->x.at);
    if (stream.kind != X_PLAIN || before.kind > X_FREE)
        return "an object was taken from an object stream of an older revision";
    return NULL;
}

/* Rows that repeat what the older revision said anyway are dropped; the rest must be about this update. */
static const char *own_rows(struct doc *now, const struct doc *old, const struct section *s, struct section *ret)
{
    *ret = *s;
    struct own_row *all = arena_try(&now->arena, (s->rows_n + 1) * sizeof(*all));
    ret->rows = arena_try(&now->arena, (s->rows_n + 1) * sizeof(*ret->rows));
    if (!all || !ret->rows)
        return "too many objects";
    for (size_t i = 0; i < s->rows_n; i++)
        all[i] = (struct own_row){s->rows[i], i};
    qsort(all, s->rows_n, sizeof(*all), by_number);
    ret->rows_n = 0;
    for (size_t i = 0; i < s->rows_n; i++) {
        const struct xref_row *r = &all[i].row;
        if (i && r->num == all[i - 1].row.num) {
            /* In a hybrid section the table calls free what only the stream knows; not what readers of the table see
             * as an object of the older revision. */
            if (!s->hybrid || r->x.kind != X_FREE)
                return "an object number is listed twice";
            if (doc_xref(old, r->num).kind > X_FREE)
                return "an object that some readers see and others do not";
            continue;
        }
        if (same_as_before(old, r))
            continue;
        const char *wrong = check_row(now, old, r);
        if (wrong)
            return wrong;
        ret->rows[ret->rows_n++] = *r;
    }
    qsort(ret->rows, ret->rows_n, sizeof(*ret->rows), by_place);
    return NULL;
}

/* The cross-reference stream of a hybrid section need not be listed. */
static bool is_hybrid_stream(const struct section *s, uint64_t at, const struct obj *o)
{
    return s->hybrid && at == s->hybrid_at && obj_is_name(dict_get(o, "Type"), "XRef");
}

/* Objects come in the order of their offsets, so the rows are walked along. */
static const char *scan_update(struct doc *now, const struct doc *old, uint64_t from, struct section *s)
{
    struct section own;
    if (!section_rows(now, s))
        return "too many objects";
    const char *wrong = own_rows(now, old, s, &own);
    if (wrong)
        return wrong;
    size_t row = 0;
    uint64_t at = skip_ends(now->bytes, from, s->at);
    for (;;) {
        at = skip_between(now->bytes, at, s->at);
        while (row < own.rows_n && own.rows[row].x.kind != X_PLAIN)
            row++;
        if (at >= s->at)
            break;
        uint32_t num, gen;
        uint64_t end;
        const struct obj *o;
        if (!doc_parse_at(now, at, &num, &gen, &o, &end))
            return "bytes that are no object";
        bool listed = row < own.rows_n && own.rows[row].x.at == at;
        if (!listed && is_hybrid_stream(s, at, o)) {
            at = end;
            continue;
        }
        if (row == own.rows_n)
            return "an object that no cross reference lists";
        wrong = match_object(&own.rows[row++], at, num, gen);
        if (wrong)
            return wrong;
        at = end;
    }
    for (; row < own.rows_n; row++) {
        const struct xref_row *r = &own.rows[row];
        if (r->x.kind == X_PLAIN && !(s->is_stream && r->num == s->stream_num && r->x.at == s->at))
            return "a cross reference that leads outside its own update";
    }
    return at == s->at ? NULL : "objects and cross references overlap";
}

/* Between the end of the section and startxref nothing but blanks and comments. */
static bool nothing_before_start(const struct doc *d, const struct section *s)
{
    return s->end <= d->startxref_at && skip_between(d->bytes, s->end, d->startxref_at) == d->startxref_at;
}

bool revision_end(struct doc *d, const struct section *s, uint64_t *ret)
{
    struct lexer x = {.a = &d->arena, .in = d->bytes, .at = skip_between(d->bytes, s->end, d->bytes.n)};
    uint64_t value;
    if (!sv_starts(sv_skip(x.in, x.at), SV("startxref")))
        return false;
    x.at += 9;
    if (!lex_uint(&x, d->bytes.n, &value) || !doc_leads_to(d, value, s->at))
        return false;
    while (x.at < x.in.n && pdf_is_blank(x.in.p[x.at]))
        x.at++;
    if (!sv_starts(sv_skip(x.in, x.at), SV("%%EOF")))
        return false;
    *ret = x.at + 5;
    return true;
}

const char *revision_scan(struct doc *now, const struct doc *old)
{
    struct section *s = &now->sections[0];
    const char *wrong = scan_update(now, old, old->end, s);
    if (!wrong && !nothing_before_start(now, s))
        wrong = "bytes between the cross references and startxref";
    return wrong;
}
