/* From the first signed revision to the end of the file: each update must be exactly objects, one cross-reference
 * section, startxref and
 * %%EOF, with nothing between and nothing pointing back; then its changes are weighed against what the signatures
 * permit. */
#include <stdlib.h>
#include <string.h>

#include "pdf/verify_priv.h"

#define MAX_WORK ((uint64_t)40 << 20) /* objects times revisions */

static bool is_eol(struct sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\r' && s.p[i] != '\n')
            return false;
    }
    return s.n <= 4;
}

/* ---- the bytes of one update ---- */

static const char *match_object(const struct xref_row *r, uint64_t at, uint32_t num, uint32_t gen)
{
    if (r->x.at != at)
        return "an object that no cross reference lists";
    if (r->num != num || r->x.gen != gen)
        return "a cross reference names another object than the one that stands there";
    return NULL;
}

static int by_number(const void *p, const void *q)
{
    const struct xref_row *x = p, *y = q;
    return x->num < y->num ? -1 : x->num > y->num;
}

static int by_place(const void *p, const void *q)
{
    const struct xref_row *x = p, *y = q;
    return x->x.at < y->x.at ? -1 : x->x.at > y->x.at;
}

static bool same_as_before(const struct doc *old, const struct xref_row *r)
{
    struct xref x = doc_xref(old, r->num);
    if (r->x.kind == X_FREE)
        return x.kind <= X_FREE;
    return x.kind == r->x.kind && x.at == r->x.at && x.gen == r->x.gen && x.index == r->x.index;
}

/* Rows that repeat what the older revision said anyway are dropped; the rest must be about this update. */
static const char *own_rows(struct doc *now, const struct doc *old, const struct section *s, struct section *ret)
{
    *ret = *s;
    ret->rows = arena_try(&now->arena, (s->rows_n + 1) * sizeof(*ret->rows));
    if (!ret->rows)
        return "too many objects";
    ret->rows_n = 0;
    for (size_t i = 0; i < s->rows_n; i++) {
        if (!same_as_before(old, &s->rows[i]))
            ret->rows[ret->rows_n++] = s->rows[i];
    }
    qsort(ret->rows, ret->rows_n, sizeof(*ret->rows), by_number);
    for (size_t i = 0; i < ret->rows_n; i++) {
        const struct xref_row *r = &ret->rows[i];
        if (i && r->num == ret->rows[i - 1].num)
            return "an object number is listed twice";
        if (r->x.kind == X_FREE)
            return "an object was freed";
        struct xref stream = r->x.kind == X_PACKED ? doc_xref(now, (uint32_t)r->x.at) : (struct xref){0};
        struct xref before = r->x.kind == X_PACKED ? doc_xref(old, (uint32_t)r->x.at) : (struct xref){0};
        if (r->x.kind == X_PACKED && (stream.kind != X_PLAIN || before.kind > X_FREE))
            return "an object was taken from an object stream of an older revision";
    }
    qsort(ret->rows, ret->rows_n, sizeof(*ret->rows), by_place);
    return NULL;
}

/* NULL, or what is wrong. Objects come in the order of their offsets, so the rows are walked along. */
static const char *scan_update(struct doc *now, const struct doc *old, uint64_t from, struct section *s)
{
    struct section own;
    if (!section_rows(now, s))
        return "too many objects";
    const char *wrong = own_rows(now, old, s, &own);
    if (wrong)
        return wrong;
    size_t row = 0;
    uint64_t at = from;
    for (;;) {
        while (at < s->at && pdf_is_blank(now->bytes.p[at]))
            at++;
        while (row < own.rows_n && own.rows[row].x.kind != X_PLAIN)
            row++;
        if (at >= s->at)
            break;
        uint32_t num, gen;
        uint64_t end;
        const struct obj *o;
        if (!doc_parse_at(now, at, &num, &gen, &o, &end))
            return "bytes that are no object";
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

/* Between the end of the section and startxref only blanks. */
static bool nothing_before_start(const struct doc *d, const struct section *s)
{
    for (uint64_t i = s->end; i < d->startxref_at; i++) {
        if (!pdf_is_blank(d->bytes.p[i]))
            return false;
    }
    return s->end <= d->startxref_at;
}

/* ---- walking up ---- */

struct walk {
    struct verifying *v;
    struct doc old;
    const char *stopped; /* why the walk could not go on */
    uint64_t stopped_at;
};

/* End of the revision whose section is s, in the whole file: startxref, its offset, %%EOF. */
static bool revision_end(struct verifying *v, const struct section *s, uint64_t *ret)
{
    struct lexer x = {.a = &v->doc.arena, .in = v->bytes, .at = s->end};
    uint64_t value;
    while (x.at < x.in.n && pdf_is_blank(x.in.p[x.at]))
        x.at++;
    if (!sv_starts(sv_skip(x.in, x.at), SV("startxref")))
        return false;
    x.at += 9;
    if (!lex_uint(&x, v->bytes.n, &value) || !doc_leads_to(&v->doc, value, s->at))
        return false;
    while (x.at < x.in.n && pdf_is_blank(x.in.p[x.at]))
        x.at++;
    if (!sv_starts(sv_skip(x.in, x.at), SV("%%EOF")))
        return false;
    *ret = x.at + 5;
    return true;
}

static bool stop(struct walk *w, const char *why, uint64_t at)
{
    w->stopped = why;
    w->stopped_at = at;
    return false;
}

static bool same_chain(const struct doc *old, const struct doc *now)
{
    if (now->sections_n != old->sections_n + 1)
        return false;
    for (size_t i = 0; i < old->sections_n; i++) {
        if (now->sections[i + 1].at != old->sections[i].at)
            return false;
    }
    return true;
}

static bool one_step(struct walk *w, const struct section *s)
{
    struct verifying *v = w->v;
    uint64_t from = w->old.end, end;
    if (s->at < from)
        return stop(w, "a newer cross-reference section stands inside an older revision", s->at);
    if (s->hybrid)
        return stop(w, "an update with two kinds of cross references", s->at);
    if (!revision_end(v, s, &end))
        return stop(w, "an update that does not end with startxref and %%EOF", s->end);
    struct doc now = {0};
    if (!doc_open_with(&now, sv_sub(v->bytes, 0, end), v->o->password) || now.lock || now.startxref != s->at ||
        !same_chain(&w->old, &now)) {
        doc_close(&now);
        return stop(w, "an update that is no revision of its own", s->at);
    }
    const char *wrong = scan_update(&now, &w->old, from, &now.sections[0]);
    if (!wrong && !nothing_before_start(&now, &now.sections[0]))
        wrong = "bytes between the cross references and startxref";
    if (wrong) {
        doc_close(&now);
        return stop(w, wrong, from);
    }
    v->work += now.size;
    if (v->work > MAX_WORK) {
        doc_close(&now);
        return stop(w, "too many revisions for a file of this size", s->at);
    }
    struct step *step = &v->steps[v->steps_n];
    *step = (struct step){.end = end};
    diff_revisions(v->a, &w->old, &now, step);
    v->steps_n++;
    doc_close(&w->old);
    w->old = now;
    return true;
}

/* The bytes that a signature covers, as a document of their own. */
static bool open_prefix(struct verifying *v, const struct sig *s, struct doc *ret)
{
    return doc_open_with(ret, sv_sub(v->bytes, 0, s->end), v->o->password) && ret->end && ret->end <= s->end &&
           is_eol(sv_skip(ret->bytes, ret->end)) && ret->sections[0].end <= ret->startxref_at && !ret->lock;
}

/* The signed revision must itself hold the signature in the same field and object (dictionary spoofing, copied
 * signatures). */
static bool holds_itself(const struct sig *s, struct doc *prefix)
{
    struct form form;
    const struct field *f = form_read(prefix, &form) ? form_find(&form, s->field->name) : NULL;
    uint32_t num = 0;
    if (!f || f->num != s->field->num || !field_is_signature(f) || field_signature(prefix, f, &num)->kind != O_DICT)
        return false;
    struct xref x = doc_xref(prefix, num);
    return num == s->out.object && x.kind == X_PLAIN && x.at == s->dict_at;
}

static void anchor(struct verifying *v, struct sig *s)
{
    struct doc prefix = {0};
    bool opened = open_prefix(v, s, &prefix);
    if (!opened)
        sig_spoil(v, s, PDF_CHANGED, "not_a_revision", s->out.object,
                  "the signed bytes are not a complete document (%s)", prefix.problem ? prefix.problem : "end");
    else if (!holds_itself(s, &prefix))
        sig_spoil(v, s, PDF_CHANGED, "signature_moved", s->out.object,
                  "the signed revision does not hold this signature in this field");
    else
        s->anchored = true;
    if (s->anchored) {
        const struct obj *perms = doc_get(&prefix, doc_root(&prefix), "Perms"), *ref = dict_get(perms, "DocMDP");
        if (ref->kind == O_REF && ref->ref.num == s->out.object)
            s->out.docmdp = signature_docmdp(&prefix, s->dict) ? signature_docmdp(&prefix, s->dict) : 2;
        s->out.revision = sv_sub(v->bytes, 0, s->end);
    }
    doc_close(&prefix);
}

/* ---- permissions ---- */

static void apply_change(struct verifying *v, struct sig *s, const struct permissions *p, const struct change *c)
{
    bool locked = c->field.n && permissions_locked(p, c->field);
    bool allowed = c->level == CHANGE_ALWAYS || (c->level == CHANGE_FORM && p->p >= 2) ||
                   (c->level == CHANGE_ANNOT && p->p >= 3) ||
                   (c->level == CHANGE_UNCERTIFIED && p->p >= 3 && !p->certified);
    if (allowed && !locked)
        reasons_add(v->a, &s->out.reasons, false, c->code, c->object, "%.*s", SV_ARG(c->detail));
    else
        sig_spoil(v, s, PDF_CHANGED,
                  locked && allowed                     ? "locked_field"
                  : allowed || c->level == CHANGE_NEVER ? c->code
                                                        : "not_permitted",
                  c->object, "%.*s", SV_ARG(c->detail));
}

/* Permissions grow with each signature; step k is weighed by those of all signatures up to the revision before it. */
static void judge(struct verifying *v)
{
    struct permissions p = PERMISSIONS_INIT;
    for (size_t step = 0; step <= v->steps_n; step++) {
        for (size_t i = 0; i < v->n; i++) {
            if (v->sigs[i].end && v->sigs[i].step == step)
                permissions_add(&v->doc, v->a, v->sigs[i].field, v->sigs[i].dict, &p);
        }
        for (size_t i = 0; step < v->steps_n && i < v->n; i++) {
            struct sig *s = &v->sigs[i];
            for (size_t k = 0; s->end && s->step <= step && k < v->steps[step].n; k++)
                apply_change(v, s, &p, &v->steps[step].changes[k]);
        }
    }
}

/* After which step the signed prefix ends; SIZE_MAX: at none. */
static size_t step_of(struct verifying *v, const struct sig *s, uint64_t base_end)
{
    uint64_t end = base_end;
    for (size_t k = 0; k <= v->steps_n; k++) {
        if (k)
            end = v->steps[k - 1].end;
        if (s->end >= end && is_eol(sv_sub(v->bytes, end, s->end - end)))
            return k;
    }
    return SIZE_MAX;
}

static void coverage(struct verifying *v, struct sig *s)
{
    if (is_eol(sv_skip(v->bytes, s->end)))
        s->out.coverage = PDF_COVERS_WHOLE;
    else
        s->out.coverage = s->anchored ? PDF_COVERS_REVISION : PDF_COVERS_PARTIAL;
}

static struct sig *first_anchored(struct verifying *v)
{
    struct sig *first = NULL;
    for (size_t i = 0; i < v->n; i++) {
        if (v->sigs[i].anchored && (!first || v->sigs[i].end < first->end))
            first = &v->sigs[i];
    }
    return first;
}

static void walk_done(struct walk *w)
{
    doc_close(&w->old);
}

/* Sections that are newer than the signed revision, oldest first. */
static void walk_up(struct walk *w)
{
    struct verifying *v = w->v;
    const struct doc *d = &v->doc;
    if (d->sections_n < w->old.sections_n) {
        stop(w, "the file ends in an older revision", 0);
        return;
    }
    size_t newer = d->sections_n - w->old.sections_n;
    for (size_t i = 0; i < w->old.sections_n; i++) {
        if (d->sections[newer + i].at != w->old.sections[i].at) {
            stop(w, "the chain of revisions does not lead to the signed one", 0);
            return;
        }
    }
    v->steps = arena_array(v->a, struct step, newer + 1);
    for (size_t i = newer; i-- > 0;) {
        if (!one_step(w, &d->sections[i]))
            return;
    }
    if (!is_eol(sv_skip(v->bytes, w->old.end)))
        stop(w, "bytes after the last revision", w->old.end);
}

void revisions_check(struct verifying *v)
{
    for (size_t i = 0; i < v->n; i++) {
        if (v->sigs[i].end)
            anchor(v, &v->sigs[i]);
    }
    struct sig *first = first_anchored(v);
    if (!first)
        return;
    CLEANUP(walk_done) struct walk w = {.v = v};
    if (!open_prefix(v, first, &w.old))
        return;
    uint64_t base_end = w.old.end;
    walk_up(&w);
    for (size_t i = 0; i < v->n; i++) {
        struct sig *s = &v->sigs[i];
        if (!s->end)
            continue;
        coverage(v, s);
        s->step = step_of(v, s, base_end);
        bool whole = s->out.coverage == PDF_COVERS_WHOLE;
        if (w.stopped && !whole)
            sig_spoil(v, s, PDF_CHANGED, "unexplained_bytes", 0, "behind the signed revision: %s (byte %llu)",
                      w.stopped, (unsigned long long)w.stopped_at);
        else if (s->step == SIZE_MAX)
            sig_spoil(v, s, PDF_CHANGED, "not_a_revision", s->out.object,
                      "the signed bytes do not end with a revision");
    }
    judge(v);
}
