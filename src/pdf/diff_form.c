/* Rules for the form: filling an existing empty signature field, pictures on read-only push-buttons in the same
 * revision as a signature, new signature fields with their place in a page's /Annots. */
#include <math.h>
#include <string.h>

#include "pdf/verify_priv.h"

#define NO_FIELD ((struct sv){0})

/* /AP with nothing but a normal appearance, which is a new form XObject (7.5.8.2 of the attacks: never a stream that
 * was there). */
static bool fresh_appearance(struct diff *d, const struct obj *ap)
{
    const struct obj *dict = doc_value(d->now, ap), *n = dict_get(dict, "N");
    if (ap->kind == O_REF && !diff_is_new(d, ap->ref.num))
        return false;
    if (dict->kind != O_DICT || dict->dict.n != 1 || n->kind != O_REF || !diff_is_new(d, n->ref.num))
        return false;
    const struct obj *form = doc_value(d->now, n);
    return form->kind == O_STREAM && obj_is_name(doc_get(d->now, form, "Subtype"), "Form") && !form->dict.duplicates;
}

/* No appearance, or one that paints nothing. */
static bool blank_appearance(struct diff *d, const struct obj *widget)
{
    const struct obj *ap = doc_get(d->old, widget, "AP");
    if (ap->kind == O_NULL)
        return true;
    const struct obj *n = doc_get(d->old, ap, "N");
    struct sv content;
    if (dict_get(ap, "D")->kind != O_NULL || dict_get(ap, "R")->kind != O_NULL)
        return false;
    if (n->kind == O_STREAM && n->data.n == 0) /* nothing, and writers name a filter for it all the same */
        return true;
    return n->kind == O_NULL || (doc_stream(d->old, n, &content) && sv_trim(content).n == 0);
}

static bool is_timestamp(struct diff *d, const struct obj *sig)
{
    return obj_is_name(doc_get(d->now, sig, "Type"), "DocTimeStamp") ||
           obj_is_name(doc_get(d->now, sig, "SubFilter"), "ETSI.RFC3161");
}

/* The value of a field that was signed in this step. widget: where it shows. */
static void signed_value(struct diff *d, uint32_t num, struct sv name, const struct obj *v, const struct obj *widget)
{
    const struct obj *sig = doc_value(d->now, v);
    if (v->kind != O_REF || !diff_is_new(d, v->ref.num) || sig->kind != O_DICT || sig->dict.duplicates) {
        diff_note(d, CHANGE_NEVER, "value_changed", num, name, "the value of field \"%.*s\" is no new signature",
                  SV_ARG(name));
        return;
    }
    if (is_timestamp(d, sig)) {
        bool visible = !widget_is_invisible(d->now, widget);
        diff_note(d, visible ? CHANGE_NEVER : CHANGE_ALWAYS, visible ? "visible_timestamp" : "timestamp_added", num,
                  NO_FIELD, "document timestamp in field \"%.*s\"", SV_ARG(name));
        return;
    }
    d->signed_here = true;
    bool certifies = signature_docmdp(d->now, sig) != 0;
    diff_note(d, certifies ? CHANGE_NEVER : CHANGE_FORM, certifies ? "certified_later" : "signature_added", num, name,
              "signature in field \"%.*s\"", SV_ARG(name));
}

/* A field object with one widget merged in. */
static void filled_signature(struct diff *d, const struct field *f, const struct obj *now)
{
    static const char *const allowed[] = {"V", "AP", NULL};
    diff_explain(d, f->num);
    if (!diff_keys(d, f->num, f->dict, now, allowed))
        return;
    const struct obj *v = dict_get(now, "V"), *ap = dict_get(now, "AP");
    bool was_signed = doc_value(d->old, f->v)->kind != O_NULL;
    if (!obj_equal(dict_get(f->dict, "V"), v)) {
        if (was_signed)
            diff_note(d, CHANGE_NEVER, "signature_replaced", f->num, f->name, "the signature in \"%.*s\" was replaced",
                      SV_ARG(f->name));
        else
            signed_value(d, f->num, f->name, v, now);
    }
    if (obj_equal(dict_get(f->dict, "AP"), ap))
        return;
    if (was_signed || obj_equal(dict_get(f->dict, "V"), v) || !fresh_appearance(d, ap))
        diff_note(d, CHANGE_NEVER, "appearance_changed", f->num, f->name, "the look of field \"%.*s\" was changed",
                  SV_ARG(f->name));
}

/* A widget that is a kid of its field: only its appearance, and only when the field is signed in the same step. */
static void filled_widget(struct diff *d, const struct field *f, const struct widget *w, const struct obj *now)
{
    static const char *const allowed[] = {"AP", NULL};
    diff_explain(d, w->num);
    if (!diff_keys(d, w->num, w->dict, now, allowed))
        return;
    bool empty = doc_value(d->old, f->v)->kind == O_NULL;
    if (!empty || !diff_is_changed(d, f->num) || !fresh_appearance(d, dict_get(now, "AP")))
        diff_note(d, CHANGE_NEVER, "appearance_changed", w->num, f->name, "the look of field \"%.*s\" was changed",
                  SV_ARG(f->name));
}

static void filled_button(struct diff *d, const struct field *f, const struct obj *now)
{
    static const char *const allowed[] = {"AP", NULL};
    diff_explain(d, f->num);
    if (!diff_keys(d, f->num, f->dict, now, allowed))
        return;
    bool fine = d->signed_here && blank_appearance(d, f->dict) && fresh_appearance(d, dict_get(now, "AP"));
    diff_note(d, fine ? CHANGE_FORM : CHANGE_NEVER, fine ? "seam_filled" : "appearance_changed", f->num, f->name,
              "picture on button \"%.*s\"", SV_ARG(f->name));
}

static void check_field(struct diff *d, const struct field *f, bool buttons)
{
    struct xref x = doc_xref(d->now, f->num);
    bool changed = f->num && diff_is_changed(d, f->num) && x.kind > X_FREE && x.gen == f->gen;
    const struct obj *now = changed ? doc_object(d->now, f->num, f->gen) : NULL;
    if (buttons && now && field_is_sealed_button(f) && f->widgets_n == 1 && f->widgets[0].num == f->num)
        filled_button(d, f, now);
    if (buttons || !field_is_signature(f) || f->widgets_n > 1)
        return;
    if (now)
        filled_signature(d, f, now);
    for (size_t i = 0; i < f->widgets_n; i++) {
        const struct widget *w = &f->widgets[i];
        if (w->num != f->num && diff_is_changed(d, w->num) && doc_xref(d->now, w->num).kind > X_FREE)
            filled_widget(d, f, w, doc_object(d->now, w->num, w->gen));
    }
}

/* ---- new fields ---- */

static bool only_keys(const struct obj *dict, const char *const *keys)
{
    for (size_t i = 0; i < dict->dict.n; i++) {
        bool found = false;
        for (const char *const *k = keys; *k && !found; k++)
            found = sv_eq(dict->dict.entries[i].key, sv_from(*k));
        if (!found)
            return false;
    }
    return !dict->dict.duplicates;
}

static size_t page_index(const struct diff *d, const struct obj *ref)
{
    for (size_t i = 0; ref->kind == O_REF && i < d->old_pages.n; i++) {
        if (d->old_pages.items[i].num == ref->ref.num)
            return i;
    }
    return SIZE_MAX;
}

static void new_field(struct diff *d, const struct obj *ref)
{
    static const char *const keys[] = {"Type", "Subtype", "FT", "T", "V", "Rect", "P", "F", "AP", "Lock", NULL};
    const struct obj *dict = doc_value(d->now, ref);
    uint32_t num = ref->kind == O_REF ? ref->ref.num : 0;
    struct sv name = obj_utf8(d->a, doc_get(d->now, dict, "T"));
    const struct obj *v = dict_get(dict, "V"), *ap = dict_get(dict, "AP");
    size_t page = page_index(d, dict_get(dict, "P"));
    bool fine = num && diff_is_new(d, num) && dict->kind == O_DICT && only_keys(dict, keys) && name.n &&
                v->kind == O_REF && obj_is_name(dict_get(dict, "FT"), "Sig") &&
                obj_is_name(dict_get(dict, "Subtype"), "Widget") && page != SIZE_MAX &&
                !form_find(&d->old_form, name) && (ap->kind == O_NULL || fresh_appearance(d, ap));
    if (!fine || d->new_fields_n == d->changed_n || d->new_fields_n == PDF_MAX_SIGNATURES) {
        diff_note(d, CHANGE_NEVER, "field_added", num, NO_FIELD,
                  "a form field that is no plain signature field was added");
        return;
    }
    d->new_fields[d->new_fields_n++] = num;
    signed_value(d, num, name, v, dict);
    struct pdf_rect r;
    if (!widget_is_invisible(d->now, dict) && rect_read(d->now, dict, &r))
        diff_note(d, CHANGE_ANNOT, "visible_field_added", num, name,
                  "visible signature field \"%.*s\" on page %zu, rectangle %.0f,%.0f %.0fx%.0f", SV_ARG(name), page + 1,
                  r.x, r.y, r.w, r.h);
}

static bool prefix_of(const struct obj *old, const struct obj *now)
{
    size_t n = old->kind == O_ARRAY ? old->array.n : 0;
    if (now->kind != O_ARRAY || now->array.n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!obj_equal(old->array.items[i], now->array.items[i]))
            return false;
    }
    return true;
}

/* The value of a key that is an array, direct or an object of its own; the same way in both revisions. */
static bool array_pair(struct diff *d, const struct obj *old_ref, const struct obj *now_ref, uint32_t holder,
                       const char *key, const struct obj **ret_old, const struct obj **ret_now)
{
    *ret_old = doc_value(d->old, old_ref);
    *ret_now = doc_value(d->now, now_ref);
    if (old_ref->kind != O_REF)
        return now_ref->kind != O_REF;
    if (!obj_equal(old_ref, now_ref) || !diff_only_at(d, old_ref->ref.num, holder, key))
        return false;
    diff_explain(d, old_ref->ref.num);
    return true;
}

static void check_fields_array(struct diff *d, const struct obj *old, const struct obj *now)
{
    const struct obj *old_ref = dict_get(old, "Fields"), *now_ref = dict_get(now, "Fields"), *x, *y;
    bool moved = !obj_equal(old_ref, now_ref) || (old_ref->kind == O_REF && diff_is_changed(d, old_ref->ref.num));
    if (!moved)
        return;
    uint32_t root = dict_get(d->old->trailer, "Root")->ref.num;
    uint32_t holder = d->old_form.num ? d->old_form.num : root;
    bool pair = array_pair(d, old_ref, now_ref, holder, "Fields", &x, &y);
    if (!pair || !prefix_of(x, y)) {
        diff_note(d, CHANGE_NEVER, "fields_changed", d->old_form.num, NO_FIELD,
                  "form fields were removed or put in another order");
        return;
    }
    for (size_t i = x->array.n; i < y->array.n; i++)
        new_field(d, y->array.items[i]);
}

/* SigFlags may only gain bits. */
static bool flags_grow(struct diff *d, const struct obj *old, const struct obj *now)
{
    const struct obj *x = doc_get(d->old, old, "SigFlags"), *y = doc_get(d->now, now, "SigFlags");
    int64_t was = x->kind == O_INT ? x->integer : 0, is = y->kind == O_INT ? y->integer : 0;
    return (was & is) == was && (is & ~was & ~(int64_t)3) == 0;
}

void diff_form(struct diff *d)
{
    static const char *const allowed[] = {"Fields", "SigFlags", NULL};
    const struct form *x = &d->old_form, *y = &d->now_form;
    if (x->dict->kind != O_DICT || y->dict->kind != O_DICT || x->num != y->num || x->gen != y->gen) {
        if (x->dict->kind != O_NULL || y->dict->kind != O_NULL)
            diff_note(d, CHANGE_NEVER, "form_changed", y->num, NO_FIELD, "the form was added, removed or replaced");
        return;
    }
    if (x->num)
        diff_explain(d, x->num);
    if (!diff_keys(d, x->num, x->dict, y->dict, allowed))
        return;
    if (!flags_grow(d, x->dict, y->dict))
        diff_note(d, CHANGE_NEVER, "form_changed", x->num, NO_FIELD, "/SigFlags lost a bit");
    check_fields_array(d, x->dict, y->dict);
    for (int buttons = 0; buttons < 2; buttons++) {
        for (size_t i = 0; i < x->fields_n; i++)
            check_field(d, &x->fields[i], buttons != 0);
    }
}

/* ---- pages ---- */

static bool is_new_field(const struct diff *d, const struct obj *ref)
{
    for (size_t i = 0; ref->kind == O_REF && i < d->new_fields_n; i++) {
        if (d->new_fields[i] == ref->ref.num)
            return true;
    }
    return false;
}

static void check_annots(struct diff *d, const struct page *p, const struct obj *old, const struct obj *now)
{
    const struct obj *x, *y;
    const struct obj *old_ref = dict_get(old, "Annots"), *now_ref = dict_get(now, "Annots");
    bool fine = array_pair(d, old_ref, now_ref, p->num, "Annots", &x, &y) && prefix_of(x, y);
    size_t from = x->kind == O_ARRAY ? x->array.n : 0;
    for (size_t i = from; fine && i < y->array.n; i++)
        fine = is_new_field(d, y->array.items[i]);
    if (!fine)
        diff_note(d, CHANGE_NEVER, "annotations_changed", p->num, NO_FIELD, "annotations of a page were changed");
}

void diff_pages(struct diff *d)
{
    static const char *const allowed[] = {"Annots", NULL};
    for (size_t i = 0; i < d->old_pages.n; i++) {
        const struct page *p = &d->old_pages.items[i];
        const struct obj *annots = dict_get(p->dict, "Annots"), *now = p->dict;
        bool changed = diff_is_changed(d, p->num);
        if (!changed && !(annots->kind == O_REF && diff_is_changed(d, annots->ref.num)))
            continue;
        if (changed) {
            now = doc_object(d->now, p->num, p->gen);
            diff_explain(d, p->num);
            if (!diff_keys(d, p->num, p->dict, now, allowed))
                continue;
        }
        check_annots(d, p, p->dict, now);
    }
}
