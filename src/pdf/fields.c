/* Form fields and pages; see form_priv.h. */
#include <math.h>
#include <string.h>

#include "pdf/form_priv.h"

struct visited {
    uint8_t *bits;
    uint32_t size;
};

static bool visited_init(struct doc *d, struct visited *v)
{
    v->size = d->size;
    v->bits = arena_try(&d->arena, d->size / 8 + 1);
    return v->bits != NULL;
}

/* True the first time. */
static bool visit(struct visited *v, uint32_t num)
{
    if (num >= v->size || v->bits[num / 8] >> (num % 8) & 1)
        return false;
    v->bits[num / 8] |= (uint8_t)(1u << (num % 8));
    return true;
}

static bool bad(struct doc *d, const char *what)
{
    if (!d->problem)
        d->problem = what;
    return false;
}

/* A node of the field tree on its way to be looked at, with what it inherits. */
struct node {
    const struct obj *item; /* reference or direct dictionary */
    struct sv prefix;       /* full name of the parent */
    const struct obj *ft, *v;
    int64_t ff;
    int depth;
};
struct walk {
    struct doc *d;
    struct form *form;
    struct visited seen;
    struct node *stack;
    size_t n, cap, fields_cap, pushed;
};

static bool push(struct walk *w, struct node node)
{
    if (++w->pushed > PDF_MAX_FIELDS || node.depth > PDF_MAX_DEPTH)
        return bad(w->d, "too many form fields");
    if (w->n == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 64;
        struct node *p = arena_try(&w->d->arena, cap * sizeof(*p));
        if (!p)
            return bad(w->d, "form needs too much memory");
        if (w->n)
            memcpy(p, w->stack, w->n * sizeof(*p));
        w->stack = p;
        w->cap = cap;
    }
    w->stack[w->n++] = node;
    return true;
}

/* In reverse, so that they come off the stack in order. */
static bool push_all(struct walk *w, const struct obj *arr, struct node like)
{
    for (size_t i = arr->kind == O_ARRAY ? arr->array.n : 0; i-- > 0;) {
        like.item = arr->array.items[i];
        if (!push(w, like))
            return false;
    }
    return true;
}

static struct sv full_name(struct walk *w, struct sv prefix, const struct obj *t)
{
    struct sv own = obj_utf8(&w->d->arena, t);
    if (!prefix.n)
        return own;
    return own.n ? arena_printf(&w->d->arena, "%.*s.%.*s", SV_ARG(prefix), SV_ARG(own)) : prefix;
}

/* True when a kid is a field of its own rather than a widget of this one. */
static bool has_subfields(struct walk *w, const struct obj *kids)
{
    for (size_t i = 0; kids->kind == O_ARRAY && i < kids->array.n; i++) {
        if (dict_get(doc_value(w->d, kids->array.items[i]), "T")->kind != O_NULL)
            return true;
    }
    return false;
}

static bool add_widgets(struct walk *w, struct field *f, const struct obj *kids)
{
    size_t n = kids->kind == O_ARRAY ? kids->array.n : 0;
    f->widgets = arena_try(&w->d->arena, (n + 1) * sizeof(*f->widgets));
    if (!f->widgets)
        return bad(w->d, "form needs too much memory");
    if (!n && obj_is_name(doc_get(w->d, f->dict, "Subtype"), "Widget"))
        f->widgets[f->widgets_n++] = (struct widget){f->num, f->gen, f->dict};
    for (size_t i = 0; i < n; i++) {
        const struct obj *kid = kids->array.items[i], *dict = doc_value(w->d, kid);
        if (kid->kind == O_REF && obj_is_dict(dict))
            f->widgets[f->widgets_n++] = (struct widget){kid->ref.num, kid->ref.gen, dict};
    }
    return true;
}

static bool add_field(struct walk *w, const struct node *node, const struct obj *dict, const struct obj *kids)
{
    struct form *form = w->form;
    if (form->fields_n == w->fields_cap) {
        size_t cap = w->fields_cap ? w->fields_cap * 2 : 32;
        struct field *p = arena_try(&w->d->arena, cap * sizeof(*p));
        if (!p)
            return bad(w->d, "form needs too much memory");
        if (form->fields_n)
            memcpy(p, form->fields, form->fields_n * sizeof(*p));
        form->fields = p;
        w->fields_cap = cap;
    }
    struct field *f = &form->fields[form->fields_n++];
    bool indirect = node->item->kind == O_REF;
    *f = (struct field){.name = node->prefix,
                        .num = indirect ? node->item->ref.num : 0,
                        .gen = indirect ? node->item->ref.gen : 0,
                        .dict = dict,
                        .ft = node->ft,
                        .v = node->v,
                        .ff = node->ff};
    return add_widgets(w, f, kids);
}

static bool visit_node(struct walk *w, struct node node)
{
    const struct obj *dict = doc_value(w->d, node.item);
    if (dict->kind != O_DICT)
        return true;
    if (node.item->kind == O_REF && !visit(&w->seen, node.item->ref.num))
        return true;
    const struct obj *ft = doc_get(w->d, dict, "FT"), *v = dict_get(dict, "V"), *ff = doc_get(w->d, dict, "Ff");
    node.prefix = full_name(w, node.prefix, doc_get(w->d, dict, "T"));
    node.ft = ft->kind == O_NULL ? node.ft : ft;
    node.v = v->kind == O_NULL ? node.v : v;
    node.ff = ff->kind == O_INT ? ff->integer : node.ff;
    node.depth++;
    const struct obj *kids = doc_get(w->d, dict, "Kids");
    if (!has_subfields(w, kids))
        return add_field(w, &node, dict, kids);
    return push_all(w, kids, node);
}

bool form_read(struct doc *d, struct form *ret)
{
    *ret = (struct form){.dict = &obj_null};
    const struct obj *ref = dict_get(doc_root(d), "AcroForm");
    ret->dict = doc_value(d, ref);
    if (ret->dict->kind != O_DICT)
        return true;
    if (ref->kind == O_REF) {
        ret->num = ref->ref.num;
        ret->gen = ref->ref.gen;
    }
    ret->xfa = dict_get(ret->dict, "XFA")->kind != O_NULL;
    struct walk w = {.d = d, .form = ret};
    if (!visited_init(d, &w.seen))
        return bad(d, "form needs too much memory");
    if (!push_all(&w, doc_get(d, ret->dict, "Fields"), (struct node){.ft = &obj_null, .v = &obj_null}))
        return false;
    while (w.n) {
        if (!visit_node(&w, w.stack[--w.n]))
            return false;
    }
    return true;
}

const struct field *form_find(const struct form *f, struct sv name)
{
    for (size_t i = 0; i < f->fields_n; i++) {
        if (sv_eq(f->fields[i].name, name))
            return &f->fields[i];
    }
    return NULL;
}

bool field_is_signature(const struct field *f)
{
    return obj_is_name(f->ft, "Sig");
}

bool field_is_sealed_button(const struct field *f)
{
    return obj_is_name(f->ft, "Btn") && (f->ff & 1) && (f->ff >> 16 & 1);
}

const struct obj *field_signature(struct doc *d, const struct field *f, uint32_t *ret_num)
{
    *ret_num = f->v->kind == O_REF ? f->v->ref.num : 0;
    return doc_value(d, f->v);
}

/* ---- pages ---- */

struct page_node {
    const struct obj *ref;
    int rotate, depth;
};

static int rotation(struct doc *d, const struct obj *dict, int inherited)
{
    const struct obj *o = doc_get(d, dict, "Rotate");
    if (o->kind != O_INT || o->integer % 90)
        return inherited;
    return (int)((o->integer % 360 + 360) % 360);
}

bool pages_read(struct doc *d, struct pages *ret)
{
    *ret = (struct pages){0};
    struct visited seen;
    /* Every node is an object of its own and visited once, so the number of objects bounds stack and list. */
    struct page_node *stack = arena_try(&d->arena, ((size_t)d->size + 1) * sizeof(*stack));
    ret->items = arena_try(&d->arena, ((size_t)d->size + 1) * sizeof(*ret->items));
    if (!stack || !ret->items || !visited_init(d, &seen))
        return bad(d, "page tree needs too much memory");
    size_t n = 0;
    stack[n++] = (struct page_node){dict_get(doc_root(d), "Pages"), 0, 0};
    while (n) {
        struct page_node node = stack[--n];
        const struct obj *dict = doc_value(d, node.ref), *kids = doc_get(d, dict, "Kids");
        int rotate = rotation(d, dict, node.rotate);
        if (dict->kind != O_DICT || node.depth > 512)
            return bad(d, "malformed page tree");
        if (kids->kind != O_ARRAY) {
            if (node.ref->kind != O_REF)
                return bad(d, "malformed page tree");
            ret->items[ret->n++] = (struct page){node.ref->ref.num, node.ref->ref.gen, dict, rotate};
            continue;
        }
        for (size_t i = kids->array.n; i-- > 0;) {
            const struct obj *kid = kids->array.items[i];
            if (kid->kind != O_REF || !visit(&seen, kid->ref.num))
                return bad(d, "malformed page tree");
            stack[n++] = (struct page_node){kid, rotate, node.depth + 1};
        }
    }
    return true;
}

static bool has_annot(struct doc *d, const struct page *p, uint32_t num)
{
    const struct obj *annots = doc_get(d, p->dict, "Annots");
    for (size_t i = 0; annots->kind == O_ARRAY && i < annots->array.n; i++) {
        if (annots->array.items[i]->kind == O_REF && annots->array.items[i]->ref.num == num)
            return true;
    }
    return false;
}

size_t pages_of_widget(struct doc *d, const struct pages *p, const struct widget *w)
{
    const struct obj *page = dict_get(w->dict, "P");
    for (size_t i = 0; page->kind == O_REF && i < p->n; i++) {
        if (p->items[i].num == page->ref.num)
            return i;
    }
    for (size_t i = 0; w->num && i < p->n; i++) {
        if (has_annot(d, &p->items[i], w->num))
            return i;
    }
    return SIZE_MAX;
}

bool rect_read(struct doc *d, const struct obj *dict, struct pdf_rect *ret)
{
    const struct obj *arr = doc_get(d, dict, "Rect");
    double v[4];
    if (arr->kind != O_ARRAY || arr->array.n != 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        if (!obj_number(doc_value(d, arr->array.items[i]), &v[i]))
            return false;
    }
    *ret = (struct pdf_rect){fmin(v[0], v[2]), fmin(v[1], v[3]), fabs(v[2] - v[0]), fabs(v[3] - v[1])};
    return true;
}

bool widget_is_invisible(struct doc *d, const struct obj *dict)
{
    struct pdf_rect r;
    if (!rect_read(d, dict, &r) || r.w < 1e-6 || r.h < 1e-6)
        return true;
    const struct obj *flags = doc_get(d, dict, "F");
    if (flags->kind != O_INT)
        return false;
    bool hidden = flags->integer & 2, no_view = flags->integer & 32, printed = flags->integer & 4;
    return hidden || (no_view && !printed);
}
