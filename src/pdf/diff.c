/* Differences between two neighbouring revisions: changed numbers, their uses, and what is left when all rules have
 * spoken; see diff_priv.h for the plan. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdf/diff_priv.h"

#define MAX_EDGES   ((size_t)4 << 20)
#define DIFF_BUDGET 4000000

void step_add(struct arena *a, struct step *s, struct change c)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 8;
        struct change *p = arena_array(a, struct change, cap);
        if (s->n)
            memcpy(p, s->changes, s->n * sizeof(*p));
        s->changes = p;
        s->cap = cap;
    }
    s->changes[s->n++] = c;
}

void diff_note(struct diff *d, enum change_level level, const char *code, uint32_t object, struct sv field,
               const char *fmt, ...)
{
    /* A report of this length helps nobody. What is forbidden always gets in: there is room for it. */
    if (d->step->n > (level == CHANGE_NEVER ? 1200 : 1000))
        return;
    char text[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    step_add(d->a, d->step, (struct change){level, code, object, arena_sv(d->a, sv_from(text)), arena_sv(d->a, field)});
}

/* ---- numbers ---- */

static size_t place(const struct diff *d, uint32_t num)
{
    size_t low = 0, high = d->changed_n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (d->changed[mid] < num)
            low = mid + 1;
        else
            high = mid;
    }
    return low < d->changed_n && d->changed[low] == num ? low : SIZE_MAX;
}

bool diff_is_changed(const struct diff *d, uint32_t num)
{
    return place(d, num) != SIZE_MAX;
}

bool diff_is_new(const struct diff *d, uint32_t num)
{
    return diff_is_changed(d, num) && doc_xref(d->old, num).kind <= X_FREE && doc_xref(d->now, num).kind > X_FREE;
}

void diff_role(struct diff *d, uint32_t num, enum diff_role role)
{
    size_t i = place(d, num);
    if (i != SIZE_MAX && d->roles[i] == ROLE_NONE)
        d->roles[i] = (uint8_t)role;
}

enum diff_role diff_role_of(const struct diff *d, uint32_t num)
{
    size_t i = place(d, num);
    return i == SIZE_MAX ? ROLE_NONE : (enum diff_role)d->roles[i];
}

bool diff_number_listed(const uint32_t *list, size_t n, uint32_t num)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i] == num)
            return true;
    }
    return false;
}

bool diff_number_add(struct diff *d, uint32_t **list, size_t *n, size_t *cap, uint32_t num)
{
    if (*n == PDF_MAX_SIGNATURES * 4)
        return false;
    if (*n == *cap) {
        size_t more = *cap ? *cap * 2 : 16;
        uint32_t *p = arena_array(d->a, uint32_t, more);
        if (*n)
            memcpy(p, *list, *n * sizeof(*p));
        *list = p;
        *cap = more;
    }
    (*list)[(*n)++] = num;
    return true;
}

static bool same_entry(const struct diff *d, uint32_t num)
{
    struct xref x = doc_xref(d->old, num), y = doc_xref(d->now, num);
    bool unused_x = x.kind <= X_FREE, unused_y = y.kind <= X_FREE;
    if (unused_x || unused_y)
        return unused_x == unused_y;
    return x.kind == y.kind && x.at == y.at && x.index == y.index && x.gen == y.gen;
}

/* What is in an object stream moves with it. */
static bool same_place(const struct diff *d, uint32_t num)
{
    struct xref x = doc_xref(d->old, num);
    return same_entry(d, num) && (x.kind != X_PACKED || same_entry(d, (uint32_t)x.at));
}

/* The same content written again: no change at all. */
static bool rewritten(struct diff *d, uint32_t num)
{
    struct xref x = doc_xref(d->old, num), y = doc_xref(d->now, num);
    if (x.kind <= X_FREE || y.kind <= X_FREE || x.gen != y.gen)
        return false;
    const struct obj *was = doc_object(d->old, num, x.gen), *is = doc_object(d->now, num, y.gen);
    return was->kind != O_NULL && obj_equal(was, is);
}

static bool collect_changed(struct diff *d)
{
    uint32_t size = d->old->size > d->now->size ? d->old->size : d->now->size;
    size_t n = 0;
    for (uint32_t num = 0; num < size; num++)
        n += !same_place(d, num);
    d->changed = arena_try(&d->now->arena, (n + 1) * sizeof(*d->changed));
    d->roles = arena_try(&d->now->arena, n + 1);
    d->uses = arena_try(&d->now->arena, (n + 1) * sizeof(*d->uses));
    if (!d->changed || !d->roles || !d->uses)
        return false;
    for (uint32_t num = 0; num < size; num++) {
        if (!same_place(d, num) && !rewritten(d, num))
            d->changed[d->changed_n++] = num;
    }
    return true;
}

/* ---- uses ---- */

/* Objects of the old revision that are still to be looked through. */
struct reach {
    struct diff *d;
    uint8_t *seen;
    uint32_t *stack;
    size_t n;
    uint32_t holder;
};

static bool add_edge(struct diff *d, struct edge e)
{
    if (d->edges_n == d->edges_cap) {
        size_t cap = d->edges_cap ? d->edges_cap * 2 : 64;
        struct edge *p = cap <= MAX_EDGES ? arena_try(&d->now->arena, cap * sizeof(*p)) : NULL;
        if (!p)
            return false;
        if (d->edges_n)
            memcpy(p, d->edges, d->edges_n * sizeof(*p));
        d->edges = p;
        d->edges_cap = cap;
    }
    d->edges[d->edges_n++] = e;
    d->uses[place(d, e.num)]++;
    return true;
}

static bool reach_ref(struct reach *r, const struct obj *o, struct sv key)
{
    uint32_t num = o->ref.num;
    if (num >= r->d->old->size || !(r->seen[num / 8] >> (num % 8) & 1)) {
        if (num < r->d->old->size) {
            r->seen[num / 8] |= (uint8_t)(1u << (num % 8));
            r->stack[r->n++] = num;
        }
    }
    return !diff_is_changed(r->d, num) || add_edge(r->d, (struct edge){o, num, r->holder, key, false});
}

/* Recursion is bounded by the parser's depth. */
static bool reach_object(struct reach *r, const struct obj *o, struct sv key)
{
    if (o->kind == O_REF)
        return reach_ref(r, o, key);
    for (size_t i = 0; o->kind == O_ARRAY && i < o->array.n; i++) {
        if (!reach_object(r, o->array.items[i], key))
            return false;
    }
    for (size_t i = 0; obj_is_dict(o) && i < o->dict.n; i++) {
        if (!reach_object(r, o->dict.entries[i].value, o->dict.entries[i].key))
            return false;
    }
    return true;
}

static int by_ref(const void *p, const void *q)
{
    const struct edge *x = p, *y = q;
    return x->ref < y->ref ? -1 : x->ref > y->ref;
}

static bool collect_edges(struct diff *d)
{
    struct reach r = {.d = d,
                      .seen = arena_try(&d->now->arena, d->old->size / 8 + 1),
                      .stack = arena_try(&d->now->arena, ((size_t)d->old->size + 1) * sizeof(uint32_t))};
    if (!r.seen || !r.stack || !reach_object(&r, d->old->trailer, NO_FIELD))
        return false;
    while (r.n) {
        r.holder = r.stack[--r.n];
        struct xref x = doc_xref(d->old, r.holder);
        const struct obj *o = doc_object(d->old, r.holder, x.gen);
        /* What we cannot read, another reader perhaps can, and follow. */
        if (o == &obj_null && x.kind > X_FREE && d->changed_n)
            diff_note(d, CHANGE_NEVER, "not_comparable", r.holder, NO_FIELD,
                      "object %u of the signed revision cannot be read", r.holder);
        if (!reach_object(&r, o, NO_FIELD))
            return false;
    }
    if (d->edges_n)
        qsort(d->edges, d->edges_n, sizeof(*d->edges), by_ref);
    return true;
}

static void answer(struct diff *d, const struct obj *ref)
{
    size_t low = 0, high = d->edges_n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (d->edges[mid].ref < ref)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < d->edges_n && d->edges[low].ref == ref)
        d->edges[low].answered = true;
}

const struct obj *diff_old(struct diff *d, const struct obj *o)
{
    for (int hops = 0; o->kind == O_REF && hops < 32; hops++) {
        answer(d, o);
        o = doc_object(d->old, o->ref.num, o->ref.gen);
    }
    return o->kind == O_REF ? &obj_null : o;
}

const struct obj *diff_old_get(struct diff *d, const struct obj *dict, const char *key)
{
    return diff_old(d, dict_get(dict, key));
}

size_t diff_uses(const struct diff *d, uint32_t num)
{
    size_t i = place(d, num);
    return i == SIZE_MAX ? 0 : d->uses[i];
}

/* ---- what is left over ---- */

/* References that only name an object. The rules for each role say which of its keys may change; none of these is read
 * by who follows such a reference. key NULL: any, since only a page has annotations. kind: /Subtype of the holder. */
static const struct {
    enum diff_role role;
    const char *key, *kind;
} names[] = {
        {ROLE_PAGE,    NULL,     NULL   },
        {ROLE_TREE,    "Parent", NULL   },
        {ROLE_FONTS,   "Font",   NULL   }, /* of page resources, when names were only added */
        {ROLE_CATALOG, "Data",   NULL   }, /* of a signature reference dictionary, 12.8.1 */
        {ROLE_FIELD,   "Parent", NULL   },
        {ROLE_FIELD,   "Obj",    NULL   }, /* of an object reference in the structure tree, 14.7.5.3 */
        {ROLE_FIELD,   "CO",     NULL   }, /* order of calculation */
        {ROLE_FIELD,   "Fields", NULL   }, /* of actions */
        {ROLE_FIELD,   "T",      NULL   }, /* target of a hide action */
        {ROLE_FIELD,   "IRT",    NULL   },
        {ROLE_ANNOT,   "Obj",    NULL   },
        {ROLE_ANNOT,   "Parent", "Popup"},
        {ROLE_ANNOT,   "Popup",  NULL   },
        {ROLE_ANNOT,   "IRT",    NULL   },
        {ROLE_STRUCT,  "P",      NULL   },
        {ROLE_STRUCT,  "Nums",   NULL   },
        {ROLE_STRUCT,  "Names",  NULL   },
        {ROLE_STRUCT,  "SE",     NULL   },
        {ROLE_STRUCT,  "SD",     NULL   },
        {ROLE_STRUCT,  "Ref",    NULL   },
};

static bool only_names(const struct diff *d, const struct edge *e)
{
    enum diff_role role = diff_role_of(d, e->num);
    for (size_t i = 0; role != ROLE_NONE && i < COUNT(names); i++) {
        if (names[i].role != role || (names[i].key && !sv_eq(e->key, sv_from(names[i].key))))
            continue;
        const struct obj *holder = doc_object(d->old, e->holder, doc_xref(d->old, e->holder).gen);
        return !names[i].kind || obj_is_name(doc_get(d->old, holder, "Subtype"), names[i].kind);
    }
    return false;
}

bool diff_open(const struct diff *d)
{
    for (size_t i = 0; i < d->edges_n; i++) {
        if (!d->edges[i].answered && !only_names(d, &d->edges[i]))
            return true;
    }
    return false;
}

static struct sv describe(struct diff *d, uint32_t num)
{
    const struct obj *o = doc_object(d->old, num, doc_xref(d->old, num).gen);
    struct sv type = obj_utf8(d->a, doc_get(d->old, o, "Type"));
    if (type.n && type.n < 40)
        return type;
    return o->kind == O_STREAM ? SV("stream") : o->kind == O_DICT ? SV("dictionary") : SV("object");
}

static void left_over(struct diff *d, const struct edge *e)
{
    struct xref x = doc_xref(d->old, e->num), y = doc_xref(d->now, e->num);
    if (x.kind <= X_FREE && y.gen != e->ref->ref.gen)
        return; /* leads nowhere, before and after */
    if (x.kind > X_FREE && y.kind <= X_FREE)
        return; /* reported as removed */
    struct sv key = sv_sub(e->key, 0, 40);
    if (x.kind <= X_FREE)
        diff_note(d, CHANGE_NEVER, "prepared_object", e->num, NO_FIELD,
                  "object %u pointed to number %u (/%.*s) before there was such an object", e->holder, e->num,
                  SV_ARG(key));
    else
        diff_note(d, CHANGE_NEVER, "object_changed", e->num, NO_FIELD,
                  "object %u (%.*s) was replaced; object %u uses it (/%.*s)", e->num, SV_ARG(describe(d, e->num)),
                  e->holder, SV_ARG(key));
}

/* Cross-reference streams and object streams: no part of the document itself. */
static bool is_bookkeeping(struct diff *d, uint32_t num)
{
    const struct obj *type = doc_get(d->old, doc_object(d->old, num, doc_xref(d->old, num).gen), "Type");
    return obj_is_name(type, "XRef") || obj_is_name(type, "ObjStm");
}

static void check_leftovers(struct diff *d)
{
    for (size_t i = 0; i < d->changed_n; i++) {
        uint32_t num = d->changed[i];
        struct xref x = doc_xref(d->old, num), y = doc_xref(d->now, num);
        if (x.kind > X_FREE && y.kind > X_FREE && !diff_uses(d, num) && !is_bookkeeping(d, num))
            diff_note(d, CHANGE_NEVER, "object_changed", num, NO_FIELD,
                      "number %u, which nothing used, was given to something else", num);
        if (x.kind > X_FREE && y.kind <= X_FREE)
            diff_note(d, CHANGE_NEVER, "object_removed", num, NO_FIELD, "object %u (%.*s) was removed", num,
                      SV_ARG(describe(d, num)));
        else if (x.kind > X_FREE && x.gen != y.gen)
            diff_note(d, CHANGE_NEVER, "object_changed", num, NO_FIELD,
                      "number %u was used again with another generation", num);
    }
    for (size_t i = 0; i < d->edges_n; i++) {
        if (!d->edges[i].answered && !only_names(d, &d->edges[i]))
            left_over(d, &d->edges[i]);
    }
}

void diff_revisions(struct arena *a, struct doc *old, struct doc *now, struct step *ret)
{
    struct diff d = {.a = a, .old = old, .now = now, .step = ret, .budget = DIFF_BUDGET};
    if (!pages_read(old, &d.pages) || !collect_changed(&d) || !collect_edges(&d)) {
        diff_note(&d, CHANGE_NEVER, "not_comparable", 0, NO_FIELD, "the revisions are too large to be compared");
        return;
    }
    diff_trailer(&d);
    diff_pages(&d);
    diff_struct(&d);
    check_leftovers(&d);
    if (!ret->n)
        diff_note(&d, CHANGE_ALWAYS, "nothing_visible", 0, NO_FIELD, "nothing that the document uses was changed");
}
