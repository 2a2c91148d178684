/* The changes around a signature: field, page, form and catalog. Whole dictionaries are written again with one key
 * changed; direct stays direct and indirect stays indirect. */
#include <string.h>

#include "pdf/sign_priv.h"

static const struct obj *ref_to(struct signing *s, uint32_t num)
{
    return obj_ref(s->a, num, 0);
}

/* Puts value under key of a dictionary that is an object of its own. */
static void put_in_object(struct signing *s, uint32_t num, uint32_t gen, const char *key, const struct obj *value)
{
    const struct obj *now = update_object(&s->update, num, gen);
    update_set(&s->update, num, gen, dict_with(s->a, now, key, value));
}

static void root_num(struct signing *s, uint32_t *num, uint32_t *gen)
{
    const struct obj *root = dict_get(s->doc.trailer, "Root");
    *num = root->ref.num;
    *gen = root->ref.gen;
}

static const struct obj *root_now(struct signing *s)
{
    uint32_t num, gen;
    root_num(s, &num, &gen);
    return update_object(&s->update, num, gen);
}

static void put_in_root(struct signing *s, const char *key, const struct obj *value)
{
    uint32_t num, gen;
    root_num(s, &num, &gen);
    put_in_object(s, num, gen, key, value);
}

static void put_in_form(struct signing *s, const char *key, const struct obj *value)
{
    if (s->form.num) {
        put_in_object(s, s->form.num, s->form.gen, key, value);
    } else {
        const struct obj *form = dict_get(root_now(s), "AcroForm");
        put_in_root(s, "AcroForm", dict_with(s->a, form, key, value));
    }
}

/* The appearance of a widget; its page may be rotated. */
static bool widget_appearance(struct signing *s, const struct widget *w, const struct pdf_appearance *ap,
                              const struct obj **ret, struct err *e)
{
    struct pdf_rect rect;
    size_t page = pages_of_widget(&s->doc, &s->pages, w);
    if (!rect_read(&s->doc, w->dict, &rect) || page == SIZE_MAX)
        return err_user(e, ERR_BAD_INPUT, "pdf_appearance", NULL, "object %u is on no page", w->num);
    return sign_appearance(s, ap, &rect, s->pages.items[page].rotate, ret, e);
}

bool sign_fill_field(struct signing *s, struct err *e)
{
    const struct field *f = s->field;
    const struct widget *w = &f->widgets[0];
    put_in_object(s, f->num, f->gen, "V", ref_to(s, s->sig_num));
    if (!s->o->appearance)
        return true;
    const struct obj *ap;
    if (!widget_appearance(s, w, s->o->appearance, &ap, e))
        return false;
    put_in_object(s, w->num, w->gen, "AP", ap);
    return true;
}

static const struct obj *new_field(struct signing *s, const struct page *page, const struct obj *ap)
{
    const struct pdf_rect *r = &s->o->rect;
    const double corners[4] = {r->x, r->y, r->x + r->w, r->y + r->h};
    struct obj *rect = obj_array(s->a, 4), *f = obj_dict(s->a);
    for (size_t i = 0; i < 4; i++)
        rect->array.items[i] = obj_real(s->a, corners[i]);
    dict_put(s->a, f, "Type", obj_name(s->a, "Annot"));
    dict_put(s->a, f, "Subtype", obj_name(s->a, "Widget"));
    dict_put(s->a, f, "FT", obj_name(s->a, "Sig"));
    dict_put(s->a, f, "T", obj_text(s->a, s->name));
    dict_put(s->a, f, "V", ref_to(s, s->sig_num));
    dict_put(s->a, f, "Rect", rect);
    dict_put(s->a, f, "P", obj_ref(s->a, page->num, page->gen));
    dict_put(s->a, f, "F", obj_int(s->a, 132)); /* Print, Locked */
    if (ap)
        dict_put(s->a, f, "AP", ap);
    return f;
}

static void add_to_page(struct signing *s, const struct page *page, const struct obj *field)
{
    const struct obj *annots = dict_get(page->dict, "Annots");
    if (annots->kind == O_REF && doc_value(&s->doc, annots)->kind == O_ARRAY) {
        const struct obj *arr = update_object(&s->update, annots->ref.num, annots->ref.gen);
        update_set(&s->update, annots->ref.num, annots->ref.gen, array_with(s->a, arr, field));
    } else {
        const struct obj *arr = annots->kind == O_ARRAY ? annots : &obj_null;
        put_in_object(s, page->num, page->gen, "Annots", array_with(s->a, arr, field));
    }
}

static void add_to_form(struct signing *s, const struct obj *field)
{
    if (s->form.dict->kind != O_DICT) {
        struct obj *form = obj_dict(s->a);
        dict_put(s->a, form, "Fields", array_with(s->a, &obj_null, field));
        s->form.dict = form;
        s->form.num = update_add(&s->update, form);
        s->form.gen = 0;
        put_in_root(s, "AcroForm", ref_to(s, s->form.num));
        return;
    }
    const struct obj *fields = dict_get(s->form.dict, "Fields");
    if (fields->kind == O_REF && doc_value(&s->doc, fields)->kind == O_ARRAY)
        update_set(&s->update, fields->ref.num, fields->ref.gen, array_with(s->a, doc_value(&s->doc, fields), field));
    else
        put_in_form(s, "Fields", array_with(s->a, fields->kind == O_ARRAY ? fields : &obj_null, field));
}

bool sign_create_field(struct signing *s, struct err *e)
{
    const struct page *page = &s->pages.items[s->o->page ? s->o->page - 1 : 0];
    const struct obj *ap = NULL;
    if (s->o->appearance && !sign_appearance(s, s->o->appearance, &s->o->rect, page->rotate, &ap, e))
        return false;
    const struct obj *field = ref_to(s, update_add(&s->update, new_field(s, page, ap)));
    add_to_page(s, page, field);
    add_to_form(s, field);
    return true;
}

bool sign_fill_buttons(struct signing *s, struct err *e)
{
    for (size_t i = 0; i < s->o->buttons_n; i++) {
        const struct pdf_button_fill *fill = &s->o->buttons[i];
        const struct field *f = form_find(&s->form, fill->field);
        if (!f)
            return err_user(e, ERR_BAD_INPUT, "pdf_field_missing", NULL, "no field \"%.*s\"", SV_ARG(fill->field));
        if (!field_is_sealed_button(f) || !f->num || f->widgets_n != 1)
            return err_user(e, ERR_BAD_INPUT, "pdf_field_kind", NULL, "\"%.*s\" is no read-only push-button",
                            SV_ARG(fill->field));
        if (permissions_locked(&s->permissions, f->name))
            return err_user(e, ERR_REFUSED, "pdf_field_locked", NULL, "\"%.*s\" is locked", SV_ARG(fill->field));
        const struct obj *ap;
        if (!widget_appearance(s, &f->widgets[0], &fill->appearance, &ap, e))
            return false;
        put_in_object(s, f->widgets[0].num, f->widgets[0].gen, "AP", ap);
    }
    return true;
}

/* ESIC level 2 for CAdES signatures, 5 for document timestamps, in files below version 2.0; never lowered. */
void sign_extensions(struct signing *s)
{
    const struct obj *version = doc_get(&s->doc, root_now(s), "Version");
    bool two = sv_starts(sv_skip(s->doc.bytes, s->doc.header_at), SV("%PDF-2")) ||
               (version->kind == O_NAME && sv_starts(version->text, SV("2")));
    int level = s->o->subfilter == PDF_SUBFILTER_TIMESTAMP ? 5 : s->o->subfilter == PDF_SUBFILTER_CADES ? 2 : 0;
    const struct obj *ext = doc_get(&s->doc, root_now(s), "Extensions");
    const struct obj *now = doc_get(&s->doc, doc_get(&s->doc, ext, "ESIC"), "ExtensionLevel");
    if (two || !level || (now->kind == O_INT && now->integer >= level))
        return;
    struct obj *esic = obj_dict(s->a);
    dict_put(s->a, esic, "BaseVersion", obj_name(s->a, "1.7"));
    dict_put(s->a, esic, "ExtensionLevel", obj_int(s->a, level));
    const struct obj *old = dict_get(root_now(s), "Extensions");
    const struct obj *fresh = dict_with(s->a, ext->kind == O_DICT ? ext : obj_dict(s->a), "ESIC", esic);
    if (old->kind == O_REF && ext->kind == O_DICT)
        update_set(&s->update, old->ref.num, old->ref.gen, fresh);
    else
        put_in_root(s, "Extensions", fresh);
}

void sign_catalog(struct signing *s)
{
    const struct obj *form =
            s->form.num ? update_object(&s->update, s->form.num, s->form.gen) : dict_get(root_now(s), "AcroForm");
    const struct obj *flags = doc_get(&s->doc, form, "SigFlags");
    if (flags->kind != O_INT || (flags->integer & 3) != 3)
        put_in_form(s, "SigFlags", obj_int(s->a, flags->kind == O_INT ? (flags->integer | 3) : 3));
    if (s->o->certify) {
        const struct obj *perms = doc_get(&s->doc, root_now(s), "Perms");
        put_in_root(s, "Perms",
                    dict_with(s->a, perms->kind == O_DICT ? perms : obj_dict(s->a), "DocMDP", ref_to(s, s->sig_num)));
    }
    sign_extensions(s);
}
