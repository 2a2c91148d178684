/* The strict reading of the file as it came against the normalised document: pages and form must be the same in both,
 * object by object. Where they are not, readers of the two kinds show different documents. */
#include <stdlib.h>
#include <string.h>

#include "pdf/intake_priv.h"

#define MAX_DIFFERENCES 5

struct pair {
    const struct obj *old, *now;
    uint32_t num; /* of the object in the file as it came that holds it */
};
struct comparing {
    struct intake *in;
    struct doc *old;
    struct pair *stack;
    size_t n, cap;
    uint32_t *met; /* for each old number its new one */
    size_t differences;
    bool failed;
};

static void push(struct comparing *c, const struct obj *old, const struct obj *now, uint32_t num)
{
    if (c->n == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 256;
        struct pair *p = arena_try(&c->old->arena, cap * sizeof(*p));
        if (!p) {
            c->failed = true;
            return;
        }
        if (c->n)
            memcpy(p, c->stack, c->n * sizeof(*p));
        c->stack = p;
        c->cap = cap;
    }
    c->stack[c->n++] = (struct pair){old, now, num};
}

static void differ(struct comparing *c, uint32_t num, const char *what)
{
    c->differences++;
    intake_found(c->in, PDF_INTAKE_readers_differ, (struct intake_place){.object = num, .in_original = true}, "%s",
                 what);
}

/* Follows references; *ret_num is the number of the last one. */
static const struct obj *resolve(struct doc *d, const struct obj *o, uint32_t *ret_num)
{
    for (int hops = 0; o->kind == O_REF && hops < 32; hops++) {
        *ret_num = o->ref.num;
        o = doc_object(d, o->ref.num, o->ref.gen);
    }
    return o->kind == O_REF ? &obj_null : o;
}

static bool same_scalar(const struct obj *x, const struct obj *y)
{
    double a, b;
    if (obj_number(x, &a) && obj_number(y, &b))
        return a - b < 1e-5 && b - a < 1e-5;
    if (x->kind != y->kind)
        return false;
    if (x->kind == O_BOOL)
        return x->boolean == y->boolean;
    return x->kind == O_STRING || x->kind == O_NAME ? sv_eq(x->text, y->text) : true;
}

/* ---- streams ---- */

static bool same_filter(struct doc *old, struct doc *now, const struct obj *x, const struct obj *y)
{
    const struct obj *f = doc_get(old, x, "Filter"), *g = doc_get(now, y, "Filter");
    if (f->kind == O_ARRAY && f->array.n == 1)
        f = doc_value(old, f->array.items[0]);
    if (g->kind == O_ARRAY && g->array.n == 1)
        g = doc_value(now, g->array.items[0]);
    return f->kind == g->kind && f->kind != O_ARRAY && same_scalar(f, g);
}

/* Data in a form that is read here; what is not (and what exceeds the budget) counts as equal: qpdf has decoded it. */
static bool same_data(struct comparing *c, const struct obj *x, const struct obj *y)
{
    if (sv_eq(x->data, y->data))
        return true;
    if (c->old->repaired)
        return true; /* a wrong length: reported as such */
    if (same_filter(c->old, &c->in->doc, x, y))
        return false;
    CLEANUP(arena_done) struct arena scratch;
    struct sv p, q;
    arena_init(&scratch, INTAKE_SCRATCH);
    if (!intake_decode(c->old, x, &scratch, &c->in->budget, &p) ||
        !intake_decode(&c->in->doc, y, &scratch, &c->in->budget, &q))
        return true;
    return sv_eq(p, q);
}

/* ---- dictionaries ---- */

static int by_key(const void *p, const void *q)
{
    return sv_cmp(((const struct obj_entry *)p)->key, ((const struct obj_entry *)q)->key);
}

/* Entries that say something, sorted: qpdf leaves out nulls and sets /Type of pages, and stream filters are its own. */
static struct obj_entry *sorted(struct comparing *c, struct doc *d, const struct obj *dict, size_t *ret_n)
{
    static const char *const own[] = {"Type", "Length", "Filter", "DecodeParms"};
    struct obj_entry *list = arena_try(&c->old->arena, (dict->dict.n + 1) * sizeof(*list));
    *ret_n = 0;
    for (size_t i = 0; list && i < dict->dict.n; i++) {
        const struct obj_entry *entry = &dict->dict.entries[i];
        bool skip = doc_value(d, entry->value)->kind == O_NULL;
        for (size_t k = 0; k < (dict->kind == O_STREAM ? COUNT(own) : 1); k++)
            skip = skip || sv_eq(entry->key, sv_from(own[k]));
        if (!skip)
            list[(*ret_n)++] = *entry;
    }
    if (list && *ret_n)
        qsort(list, *ret_n, sizeof(*list), by_key);
    c->failed = c->failed || !list;
    return list;
}

static void compare_dicts(struct comparing *c, const struct obj *x, const struct obj *y, uint32_t num)
{
    size_t n, m;
    if (x->dict.duplicates) {
        intake_found(c->in, PDF_INTAKE_duplicate_keys, (struct intake_place){.object = num, .in_original = true}, NULL);
        return;
    }
    struct obj_entry *old = sorted(c, c->old, x, &n), *now = sorted(c, &c->in->doc, y, &m);
    if (c->failed)
        return;
    bool same = n == m;
    for (size_t i = 0; same && i < n; i++)
        same = sv_eq(old[i].key, now[i].key);
    if (!same) {
        differ(c, num, "other keys");
        return;
    }
    for (size_t i = 0; i < n; i++)
        push(c, old[i].value, now[i].value, num);
    if (x->kind == O_STREAM && !same_data(c, x, y))
        differ(c, num, "other stream data");
}

static void compare(struct comparing *c, struct pair p)
{
    uint32_t old_num = 0, now_num = 0;
    const struct obj *x = resolve(c->old, p.old, &old_num), *y = resolve(&c->in->doc, p.now, &now_num);
    uint32_t num = old_num ? old_num : p.num;
    if (old_num && old_num < c->old->size) {
        uint32_t to = now_num ? now_num : UINT32_MAX; /* a direct value */
        if (c->met[old_num] && c->met[old_num] != to && obj_is_dict(x))
            differ(c, num, "one object has become two");
        if (c->met[old_num])
            return;
        c->met[old_num] = to;
    }
    if (x->kind == O_ARRAY && y->kind == O_ARRAY && x->array.n == y->array.n) {
        for (size_t i = 0; i < x->array.n; i++)
            push(c, x->array.items[i], y->array.items[i], num);
    } else if (obj_is_dict(x) && x->kind == y->kind) {
        compare_dicts(c, x, y, num);
    } else if (x->kind == O_ARRAY || obj_is_dict(x) || !same_scalar(x, y)) {
        differ(c, num, "another value");
    }
}

bool intake_compare(struct intake *in, struct doc *old)
{
    static const char *const roots[] = {"Pages", "AcroForm", "OCProperties"};
    struct comparing c = {.in = in, .old = old};
    c.met = arena_try(&old->arena, ((size_t)old->size + 1) * sizeof(*c.met));
    if (!c.met)
        return false;
    for (size_t i = 0; i < COUNT(roots); i++)
        push(&c, dict_get(doc_root(old), roots[i]), dict_get(doc_root(&in->doc), roots[i]), 0);
    while (c.n && !c.failed && c.differences < MAX_DIFFERENCES)
        compare(&c, c.stack[--c.n]);
    return !c.failed;
}
