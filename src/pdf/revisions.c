/* From the first signed revision to the end of the file, update by update: each must be clean in its bytes
 * (revision_bytes.c) and explained in what it changes (diff.c); then the changes are weighed (judge.c). */
#include <string.h>

#include "pdf/verify_priv.h"

#define MAX_WORK ((uint64_t)4 << 20) /* objects times revisions: some three seconds */
#define MAX_HELD ((size_t)192 << 20) /* memory of older revisions kept open, so that objects are read once */

static bool is_eol(struct sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\r' && s.p[i] != '\n')
            return false;
    }
    return s.n <= 4;
}

/* Revisions that were opened, oldest first. */
struct walk {
    struct verifying *v;
    struct doc *docs;
    size_t n;
    size_t held;
    const char *stopped; /* why the walk could not go on */
    uint64_t stopped_at;
};

static struct doc *newest(struct walk *w)
{
    return &w->docs[w->n - 1];
}

static void close_all(struct walk *w)
{
    while (w->n)
        doc_close(&w->docs[--w->n]);
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

static bool same_entry(const struct doc *old, const struct doc *now, uint32_t num)
{
    struct xref x = doc_xref(old, num), y = doc_xref(now, num);
    return x.kind == y.kind && x.at == y.at && x.index == y.index && x.gen == y.gen;
}

/* Objects that stand where they stood need not be read again. */
static void share_objects(const struct doc *old, struct doc *now)
{
    for (uint32_t num = 0; num < old->size && num < now->size; num++) {
        if (!old->cache[num] || !same_entry(old, now, num))
            continue;
        struct xref x = doc_xref(old, num);
        if (x.kind == X_PLAIN || (x.kind == X_PACKED && same_entry(old, now, (uint32_t)x.at)))
            now->cache[num] = old->cache[num];
    }
}

/* ---- signatures and the revisions that they signed ---- */

/* The bytes that a signature covers, as a document of their own. */
static bool open_prefix(struct verifying *v, const struct sig *s, struct doc *ret)
{
    return doc_open_with(ret, sv_sub(v->bytes, 0, s->end), v->o->password) && ret->end && ret->end <= s->end &&
           is_eol(sv_skip(ret->bytes, ret->end)) && ret->sections[0].end <= ret->startxref_at && !ret->lock;
}

/* The signed revision must itself hold the signature in the same field and object (dictionary spoofing, copied
 * signatures). */
static bool holds_itself(const struct sig *s, struct doc *prefix, const struct form *form)
{
    const struct field *f = form_find(form, s->field->name);
    uint32_t num = 0;
    if (!f || f->num != s->field->num || !field_is_signature(f) || field_signature(prefix, f, &num)->kind != O_DICT)
        return false;
    struct xref x = doc_xref(prefix, num);
    return num == s->out.object && x.kind == X_PLAIN && x.at == s->dict_at;
}

static void anchor(struct verifying *v, struct sig *s, struct doc *prefix)
{
    struct form form;
    if (!form_read(prefix, &form) || !holds_itself(s, prefix, &form)) {
        sig_spoil(v, s, PDF_CHANGED, "signature_moved", s->out.object,
                  "the signed revision does not hold this signature in this field");
        return;
    }
    s->anchored = true;
    s->asks = PERMISSIONS_INIT;
    permissions_add(prefix, v->a, form_find(&form, s->field->name), s->dict, &s->asks);
    const struct obj *ref = dict_get(doc_get(prefix, doc_root(prefix), "Perms"), "DocMDP");
    if (ref->kind == O_REF && ref->ref.num == s->out.object) {
        int level = signature_docmdp(prefix, s->dict);
        s->out.docmdp = level ? level : 2;
    }
    s->out.revision = sv_sub(v->bytes, 0, s->end);
}

/* Signatures whose bytes end with the revision that was just reached. */
static void anchor_here(struct walk *w, size_t step)
{
    struct doc *d = newest(w);
    for (size_t i = 0; i < w->v->n; i++) {
        struct sig *s = &w->v->sigs[i];
        if (!s->end || s->step != SIZE_MAX || s->end < d->end || !is_eol(sv_sub(w->v->bytes, d->end, s->end - d->end)))
            continue;
        s->step = step;
        anchor(w->v, s, d);
    }
}

static void coverage(struct verifying *v, struct sig *s)
{
    if (is_eol(sv_skip(v->bytes, s->end)))
        s->out.coverage = PDF_COVERS_WHOLE;
    else
        s->out.coverage = s->anchored ? PDF_COVERS_REVISION : PDF_COVERS_PARTIAL;
}

/* ---- walking up ---- */

static bool open_next(struct walk *w, struct doc *now, struct sv bytes, bool share)
{
    if (share) {
        if (doc_open_next(now, newest(w), bytes))
            return true;
        doc_close(now);
    }
    return doc_open_with(now, bytes, w->v->o->password) && !now->lock;
}

/* Opens the next revision behind the newest one. */
static bool next_revision(struct walk *w, const struct section *s, bool share)
{
    struct verifying *v = w->v;
    struct doc *old = newest(w), *now = &w->docs[w->n];
    uint64_t end;
    if (s->at < old->end)
        return stop(w, "a newer cross-reference section stands inside an older revision", s->at);
    if (!revision_end(&v->doc, s, &end))
        return stop(w, "an update that does not end with startxref and %%EOF", s->end);
    bool opened = open_next(w, now, sv_sub(v->bytes, 0, end), share) && now->startxref == s->at && same_chain(old, now);
    w->n++;
    if (!opened)
        return stop(w, "an update that is no revision of its own", s->at);
    const char *wrong = revision_scan(now, old);
    if (wrong)
        return stop(w, wrong, old->end);
    v->work += now->size;
    return v->work <= MAX_WORK || stop(w, "too many revisions for a file of this size", s->at);
}

static bool one_step(struct walk *w, const struct section *s)
{
    struct verifying *v = w->v;
    bool share = w->held < MAX_HELD;
    if (!next_revision(w, s, share))
        return false;
    struct doc *now = newest(w), *old = now - 1;
    if (share)
        share_objects(old, now);
    struct step *step = &v->steps[v->steps_n++];
    *step = (struct step){.end = now->end};
    diff_revisions(v->a, old, now, step);
    w->held += old->arena.used;
    if (!share) {
        struct doc last = *now;
        w->n--;
        close_all(w);
        w->docs[w->n++] = last;
        w->held = 0;
    }
    anchor_here(w, v->steps_n);
    return true;
}

/* Sections that are newer than the signed revision, oldest first. */
static void walk_up(struct walk *w)
{
    struct verifying *v = w->v;
    const struct doc *d = &v->doc, *base = newest(w);
    if (d->sections_n < base->sections_n) {
        stop(w, "the file ends in an older revision", 0);
        return;
    }
    size_t newer = d->sections_n - base->sections_n;
    for (size_t i = 0; i < base->sections_n; i++) {
        if (d->sections[newer + i].at != base->sections[i].at) {
            stop(w, "the chain of revisions does not lead to the signed one", 0);
            return;
        }
    }
    for (size_t i = newer; i-- > 0;) {
        if (!one_step(w, &d->sections[i]))
            return;
    }
    if (!is_eol(sv_skip(v->bytes, newest(w)->end)))
        stop(w, "bytes after the last revision", newest(w)->end);
}

/* Opens the earliest signed revision that can be opened. */
static bool open_first(struct walk *w)
{
    struct verifying *v = w->v;
    w->docs = arena_array(v->a, struct doc, v->doc.sections_n + 2);
    v->steps = arena_array(v->a, struct step, v->doc.sections_n + 2);
    for (size_t i = 0; i < v->n; i++) {
        struct sig *s = &v->sigs[i];
        if (!s->end)
            continue;
        w->n = 1;
        if (open_prefix(v, s, &w->docs[0]))
            return true;
        sig_spoil(v, s, PDF_CHANGED, "not_a_revision", s->out.object,
                  "the signed bytes are not a complete document (%s)", w->docs[0].problem ? w->docs[0].problem : "end");
        close_all(w);
    }
    return false;
}

static void conclude(struct walk *w, struct sig *s)
{
    struct verifying *v = w->v;
    coverage(v, s);
    if (w->stopped && s->out.coverage != PDF_COVERS_WHOLE)
        sig_spoil(v, s, PDF_CHANGED, "unexplained_bytes", 0, "behind the signed revision: %s (byte %llu)", w->stopped,
                  (unsigned long long)w->stopped_at);
    else if (s->step == SIZE_MAX && !(s->anchored && s->out.coverage == PDF_COVERS_WHOLE))
        sig_spoil(v, s, PDF_CHANGED, "not_a_revision", s->out.object, "the signed bytes do not end with a revision");
}

/* A signature that the walk did not reach: is it at least about a revision of its own? */
static void anchor_alone(struct verifying *v, struct sig *s)
{
    struct doc prefix = {0};
    if (open_prefix(v, s, &prefix))
        anchor(v, s, &prefix);
    doc_close(&prefix);
}

void revisions_check(struct verifying *v)
{
    CLEANUP(close_all) struct walk w = {.v = v};
    for (size_t i = 0; i < v->n; i++)
        v->sigs[i].step = SIZE_MAX;
    if (!open_first(&w))
        return;
    anchor_here(&w, 0);
    walk_up(&w);
    for (size_t i = 0; i < v->n; i++) {
        struct sig *s = &v->sigs[i];
        if (!s->end)
            continue;
        if (s->step == SIZE_MAX)
            anchor_alone(v, s);
        conclude(&w, s);
    }
    judge_changes(v);
}
