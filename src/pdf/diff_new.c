/* Fields that a newer revision added, what became of their appearances, and where they stand. */
#include <math.h>
#include <string.h>

#include "pdf/diff_priv.h"

#define MAX_KIDS 1000

/* ---- where ---- */

static size_t page_index(const struct diff *d, uint32_t num)
{
    for (size_t i = 0; num && i < d->pages.n; i++) {
        if (d->pages.items[i].num == num)
            return i;
    }
    return SIZE_MAX;
}

/* /CropBox, else /MediaBox, perhaps of a node above. */
static bool page_box(struct diff *d, const struct obj *page, double ret[4])
{
    static const char *const keys[] = {"CropBox", "MediaBox"};
    for (size_t i = 0; i < COUNT(keys); i++) {
        const struct obj *node = page;
        for (int hops = 0; hops < 64 && node->kind == O_DICT; hops++) {
            const struct obj *box = doc_get(d->old, node, keys[i]);
            bool fine = box->kind == O_ARRAY && box->array.n == 4;
            for (size_t k = 0; fine && k < 4; k++)
                fine = obj_number(doc_value(d->old, box->array.items[k]), &ret[k]);
            if (fine)
                return true;
            node = doc_get(d->old, node, "Parent");
        }
    }
    return false;
}

static bool on_page(struct diff *d, const struct obj *page, const struct pdf_rect *r)
{
    double b[4];
    if (!page_box(d, page, b))
        return true;
    return r->w > 0 && r->h > 0 && r->x < fmax(b[0], b[2]) && r->x + r->w > fmin(b[0], b[2]) &&
           r->y < fmax(b[1], b[3]) && r->y + r->h > fmin(b[1], b[3]);
}

struct sv diff_where(struct diff *d, uint32_t page, const struct obj *annot)
{
    struct pdf_rect r;
    size_t i = page_index(d, page ? page : ref_num(dict_get(annot, "P")));
    if (!rect_read(d->now, annot, &r) || widget_is_invisible(d->now, annot))
        return SV("nothing to be seen on a page");
    struct sv where = i == SIZE_MAX ? SV("on a page") : arena_printf(d->a, "page %zu", i + 1);
    bool covers = i == SIZE_MAX || on_page(d, d->pages.items[i].dict, &r);
    return arena_printf(d->a, "%.*s, rectangle %.0f,%.0f %.0fx%.0f%s", SV_ARG(where), r.x, r.y, r.w, r.h,
                        covers ? ", covers page content" : ", outside the page");
}

/* ---- appearances ---- */

static bool fresh_stream(struct diff *d, const struct obj *raw)
{
    const struct obj *form = doc_value(d->now, raw);
    struct sv content;
    if (form->kind != O_STREAM || form->dict.duplicates)
        return false;
    if (!diff_is_new(d, ref_num(raw)))
        return doc_stream(d->now, form, &content) && sv_trim(content).n == 0;
    return obj_is_name(doc_get(d->now, form, "Subtype"), "Form");
}

bool diff_fresh_appearance(struct diff *d, const struct obj *ap)
{
    static const char *const kinds[] = {"N", "R", "D"};
    const struct obj *dict = doc_value(d->now, ap);
    if (dict->kind != O_DICT || dict->dict.duplicates || dict_get(dict, "N")->kind == O_NULL)
        return false;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct obj *raw = dict_get(dict, kinds[i]);
        if (raw->kind != O_NULL && !fresh_stream(d, raw))
            return false;
    }
    return true;
}

bool appearance_is_blank(struct doc *d, const struct obj *widget)
{
    const struct obj *ap = doc_get(d, widget, "AP"), *n = doc_get(d, ap, "N");
    struct sv content;
    if (ap->kind == O_NULL)
        return true;
    if (dict_get(ap, "D")->kind != O_NULL || dict_get(ap, "R")->kind != O_NULL)
        return false;
    if (n->kind == O_STREAM && n->data.n == 0) /* nothing, and writers name a filter for it all the same */
        return true;
    return n->kind == O_NULL || (doc_stream(d, n, &content) && sv_trim(content).n == 0);
}

/* One appearance stream of the old revision. */
static bool stream_use(struct diff *d, const struct obj *raw)
{
    bool changed = raw->kind == O_REF && diff_is_changed(d, raw->ref.num);
    if (changed && diff_uses(d, raw->ref.num) == 1)
        diff_old(d, raw);
    return changed;
}

bool diff_appearance(struct diff *d, const struct obj *old, const struct obj *now)
{
    static const char *const kinds[] = {"N", "R", "D"};
    const struct obj *ap = diff_old(d, old);
    bool changed = !diff_same(d, ap, doc_value(d->now, now));
    for (size_t i = 0; obj_is_dict(ap) && i < COUNT(kinds); i++) {
        const struct obj *raw = dict_get(ap, kinds[i]), *o = doc_value(d->old, raw);
        if (o->kind == O_STREAM) {
            changed = stream_use(d, raw) || changed;
            continue;
        }
        const struct obj *states = diff_old(d, raw);
        changed = changed || diff_is_changed(d, ref_num(raw));
        for (size_t k = 0; obj_is_dict(states) && k < states->dict.n; k++)
            changed = stream_use(d, states->dict.entries[k].value) || changed;
    }
    return changed;
}

/* ---- signatures ---- */

bool sig_is_timestamp(struct diff *d, const struct obj *sig)
{
    return obj_is_name(doc_get(d->now, sig, "Type"), "DocTimeStamp") ||
           obj_is_name(doc_get(d->now, sig, "SubFilter"), "ETSI.RFC3161");
}

void diff_signed_value(struct diff *d, uint32_t num, struct sv name, const struct obj *v)
{
    const struct obj *sig = doc_value(d->now, v);
    if (!diff_is_new(d, ref_num(v)) || sig->kind != O_DICT || sig->dict.duplicates) {
        diff_note(d, CHANGE_NEVER, "value_changed", num, name, "the value of field \"%.*s\" is no new signature",
                  SV_ARG(name));
        return;
    }
    if (sig_is_timestamp(d, sig)) {
        diff_note(d, CHANGE_ALWAYS, "timestamp_added", num, NO_FIELD, "document timestamp in field \"%.*s\"",
                  SV_ARG(name));
        return;
    }
    d->signed_here = true;
    bool certifies = signature_docmdp(d->now, sig) != 0;
    if (certifies)
        d->certifies = v->ref.num;
    diff_note(d, CHANGE_FORM, certifies ? "certified_later" : "signature_added", num, name,
              "signature in field \"%.*s\"", SV_ARG(name));
}

/* ---- new fields ---- */

struct fresh {
    struct diff *d;
    const struct form_walk *w;
    struct sv name;
    uint32_t num;
    bool stamp, sig;
};

static void refuse(struct fresh *n, const char *why)
{
    diff_note(n->d, CHANGE_NEVER, "field_added", n->num, n->name, "new field \"%.*s\": %s",
              SV_ARG(sv_sub(n->name, 0, 100)), why);
}

/* A widget of a new field: to be found in the /Annots of its page later. */
static void new_widget(struct fresh *n, uint32_t num, const struct obj *widget)
{
    struct diff *d = n->d;
    if (!diff_number_add(d, &d->widgets, &d->widgets_n, &d->widgets_cap, num)) {
        refuse(n, "too many new fields");
        return;
    }
    const struct obj *ap = dict_get(widget, "AP");
    if (n->sig && ap->kind != O_NULL && !diff_fresh_appearance(d, ap))
        refuse(n, "its look is not new");
    if (widget_is_invisible(d->now, widget))
        return;
    if (n->stamp)
        diff_note(d, CHANGE_NEVER, "visible_timestamp", num, NO_FIELD, "a document timestamp that shows something");
    else if (n->sig)
        diff_note(d, CHANGE_UNCERTIFIED, "visible_field_added", num, n->name, "visible signature field \"%.*s\", %.*s",
                  SV_ARG(sv_sub(n->name, 0, 100)), SV_ARG(diff_where(d, 0, widget)));
}

/* A new object without actions. */
static bool plain_object(struct fresh *n, const struct obj *raw, const struct obj *dict)
{
    if (!diff_is_new(n->d, ref_num(raw)) || dict->kind != O_DICT || dict->dict.duplicates)
        refuse(n, "is not a new object of its own");
    else if (dict_get(dict, "A")->kind != O_NULL || dict_get(dict, "AA")->kind != O_NULL)
        refuse(n, "has actions");
    else
        return true;
    return false;
}

static void new_widgets(struct fresh *n, const struct obj *dict)
{
    const struct obj *kids = doc_get(n->d->now, dict, "Kids");
    if (kids->kind != O_ARRAY) {
        if (obj_is_name(doc_get(n->d->now, dict, "Subtype"), "Widget"))
            new_widget(n, n->num, dict);
        return;
    }
    if (kids->array.n > MAX_KIDS)
        refuse(n, "has too many places");
    for (size_t i = 0; i < kids->array.n && kids->array.n <= MAX_KIDS; i++) {
        const struct obj *raw = kids->array.items[i], *kid = doc_value(n->d->now, raw);
        if (!plain_object(n, raw, kid))
            return;
        if (dict_get(kid, "T")->kind != O_NULL || dict_get(kid, "Kids")->kind != O_NULL)
            refuse(n, "is more than one field");
        else
            new_widget(n, ref_num(raw), kid);
    }
}

static bool name_taken(const struct form_walk *w, struct sv name)
{
    for (size_t i = 0; i < w->names_n; i++) {
        if (sv_eq(w->names[i], name))
            return true;
    }
    return false;
}

void diff_new_field(struct diff *d, const struct form_walk *w, const struct field_pair *f)
{
    const struct obj *dict = doc_value(d->now, f->now_raw), *ft = doc_get(d->now, dict, "FT");
    struct sv own = obj_utf8(d->a, doc_get(d->now, dict, "T"));
    struct fresh n = {.d = d, .w = w, .num = ref_num(f->now_raw)};
    n.name = f->name.n ? arena_printf(d->a, "%.*s.%.*s", SV_ARG(f->name), SV_ARG(own)) : own;
    n.sig = obj_is_name(ft->kind == O_NULL ? f->ft : ft, "Sig");
    if (!plain_object(&n, f->now_raw, dict))
        return;
    if (!own.n) {
        refuse(&n, "a place of an existing field was added");
        return;
    }
    if (name_taken(w, n.name)) {
        refuse(&n, "has the name of another one");
        return;
    }
    const struct obj *v = dict_get(dict, "V");
    if (!n.sig) {
        refuse(&n, "it is no signature field");
        return;
    }
    if (doc_value(d->now, v)->kind == O_NULL) {
        diff_note(d, CHANGE_FORM, "signature_field_added", n.num, n.name, "new empty signature field \"%.*s\"",
                  SV_ARG(sv_sub(n.name, 0, 100)));
    } else {
        n.stamp = sig_is_timestamp(d, doc_value(d->now, v));
        diff_signed_value(d, n.num, n.name, v);
    }
    new_widgets(&n, dict);
}
